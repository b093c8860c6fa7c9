"""What being a workspace costs a page: at most one statement beyond its session and its person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketing_platform.tenants.host_cache import hosts
from marketing_platform.users import middleware
from tests.isolation.world import TIERS, World

pytestmark = pytest.mark.django_db
MOST_OF_TENANCY = 1
SESSION, PERSON = '"django_session"', '"users_user"'


@pytest.fixture
def costs(world: World, session_for: Callable[..., Client]) -> Callable[[str], dict[str, int]]:
    """costs(tier): the statements of a page of a workspace that was served before, by what for."""

    def count(tier: str) -> dict[str, int]:
        tenant = world.a.tenants[tier]
        browser = session_for(world.a.owner, tenant)
        assert browser.get("/settings/").status_code == 200
        # Another was served in between: the connection is elsewhere, the process is warm.
        session_for(world.b.owner, world.b.tenants[tier]).get("/settings/")
        before = connection.search_path_sets
        reached: list[int] = []
        right = middleware.AccessMiddleware._check

        def until_the_view(self: Any, request: HttpRequest, *rest: Any) -> HttpResponse | None:
            answer = right(self, request, *rest)
            reached.append(len(connection.queries_log) - begun)
            return answer

        with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as found:
            begun = len(connection.queries_log)
            patch.setattr(middleware.AccessMiddleware, "_check", until_the_view)
            assert browser.get("/settings/").status_code == 200
        statements = [query["sql"] for query in found][: reached[0]]
        kinds = {"session": 0, "person": 0, "tenancy": connection.search_path_sets - before}
        for statement in statements:
            if SESSION in statement:
                kinds["session"] += 1
            elif PERSON in statement:
                kinds["person"] += 1
            elif any(name in statement for name in ("tenants_", "users_membership", "search_path")):
                kinds["tenancy"] += 1
        return kinds

    return count


@pytest.mark.parametrize("tier", TIERS)
def test_a_warm_page_pays_one_statement_for_tenancy(
    costs: Callable[[str], dict[str, int]], tier: str
) -> None:
    found = costs(tier)

    assert (found["session"], found["person"]) == (1, 1)
    assert found["tenancy"] <= MOST_OF_TENANCY


def test_a_host_that_is_looked_up_each_time_is_over_the_budget(
    costs: Callable[[str], dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the host cache the domain is one more."""
    monkeypatch.setattr(hosts, "get", lambda host: (False, None))

    assert costs("local")["tenancy"] > MOST_OF_TENANCY
