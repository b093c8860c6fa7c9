"""The description of the API: complete, readable without a script, and the same as OpenAPI."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from marketing_platform.api.reference import reference_of
from marketing_platform.urls.workspace import api_of

HOST = {"HTTP_HOST": "localhost"}


def routes(patterns: Any, prefix: str = "/") -> set[str]:
    found: set[str] = set()
    for each in patterns:
        here = prefix + str(each.pattern)
        found |= {here} if isinstance(each, URLPattern) else routes(each.url_patterns, here)
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return Client().get("/api/docs/", **HOST).content.decode()


def test_every_route_stands_in_it(page: str) -> None:
    known = routes(api_of("local", "enterprise"))
    assert len(known) > 60
    for route in known:
        shown = route
        while "<" in shown:
            before, _mark, rest = shown.partition("<")
            kind, _mark, after = rest.partition(">")
            shown = f"{before}{{{kind.rpartition(':')[2]}}}{after}"
        assert f">{shown}<" in page, shown


def test_it_reads_without_a_script_and_names_what_is_needed(page: str) -> None:
    assert 'id="post-api-local-customers"' in page
    assert "Answer 201" in page
    assert "needed" in page
    assert "swagger" not in page.lower()


def test_a_workspace_shows_its_own_tier(
    workspace_client: Any, local_tenant: Any, asha: Any
) -> None:
    page = workspace_client(local_tenant, asha).get("/api/docs/").content.decode()

    assert "/api/local/customers" in page
    assert "/api/people" in page
    assert "/api/enterprise/" not in page


def test_openapi_has_the_same_routes() -> None:
    schema = Client().get("/api/schema/?format=json", **HOST).json()

    assert {"/api/people", "/api/export", "/api/local/customers"} <= set(schema["paths"])
    assert reference_of(schema).count == sum(len(each) for each in schema["paths"].values())


def test_odd_shapes_are_named() -> None:
    thing = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    schema = {
        "info": {"title": "T", "description": "Say `a`.\n\n```\ncurl <x>\n```"},
        "components": {"schemas": {"Thing": thing}},
        "paths": {
            "/api/things/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/Thing"},
                                    }
                                }
                            }
                        },
                        "204": {"description": "Nothing"},
                    },
                }
            }
        },
    }
    found = reference_of(schema)
    (call,) = found.groups[0].calls

    assert found.parts[0].words == (("Say ", False), ("a", True), (".", False))
    assert found.parts[1].code == "curl <x>"
    assert (call.anchor, call.title) == ("get-api-things-id", "/api/things/{id}")
    assert call.parameters[0].place == "path"
    assert call.answers[0].kind == "list of Thing"
    assert call.answers[0].fields[0].is_required
    assert (call.answers[1].text, call.answers[1].kind) == ("Nothing", "")
