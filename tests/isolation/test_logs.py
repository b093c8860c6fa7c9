"""Every line says whose it is: of pages, refusals, tasks, commands, threads."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management.base import BaseCommand
from django.test import Client

from marketing_platform.celery import app
from marketing_platform.operations.log import logging_config
from marketing_platform.tenants.context import tenant_context
from tests.isolation.world import World

pytestmark = pytest.mark.django_db
logger = logging.getLogger("marketing_platform.isolation")


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged, as the platform writes it."""
    config = logging_config(json=True)["formatters"]["line"]
    formatter = config.pop("()")(**config)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


def schemas(found: list[dict[str, Any]], event: str) -> list[str]:
    return [line["tenant"] for line in found if event in line["event"]]


def test_a_page_and_a_refusal_say_their_workspace(
    world: World, lines: Any, session_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketing_platform.dashboard import views

    right = views.keys_of

    def speaking(tenant: Any) -> Any:
        logger.info("listing keys")
        return right(tenant)

    monkeypatch.setattr(views, "keys_of", speaking)
    for side in world:
        browser = session_for(side.owner, side.tenants["local"])
        assert browser.get("/settings/api-keys/").status_code == 200
        assert browser.get("/nothing-here/").status_code == 404
    wanted = [side.tenants["local"].schema_name for side in world]

    assert schemas(lines(), "listing keys") == wanted
    assert schemas(lines(), "Not Found: /nothing-here/") == wanted


def test_a_page_of_the_public_host_says_public(lines: Any) -> None:
    Client(HTTP_HOST=settings.BASE_HOST).get("/nothing-here/")

    assert schemas(lines(), "/nothing-here/") == ["public"]


def test_a_command_says_the_workspace_it_acts_for(world: World, lines: Any) -> None:
    class Command(BaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            for side in world:
                with tenant_context(side.tenants["enterprise"]):
                    logger.info("exported")
            logger.info("finished")

    Command().execute(no_color=True, force_color=False, skip_checks=True)

    wanted = [side.tenants["enterprise"].schema_name for side in world]
    assert schemas(lines(), "exported") == wanted
    assert schemas(lines(), "finished") == ["public"]


def test_a_task_says_the_workspace_it_acts_for(world: World, lines: Any) -> None:
    @app.task(name="isolation.speak")
    def speak() -> None:
        logger.info("posted")

    try:
        for side in world:
            with tenant_context(side.tenants["local"]):
                speak.apply(throw=True)
    finally:
        app.tasks.unregister("isolation.speak")

    found = [line for line in lines() if line["event"] == "posted"]
    assert [line["tenant"] for line in found] == [
        side.tenants["local"].schema_name for side in world
    ]
    assert all(line["task_id"] for line in found)


def test_a_switch_in_the_middle_of_a_page_is_seen(world: World, lines: Any, rf: Any) -> None:
    """A line of a page that acts for another, as the public host's files do, says for whom."""
    from marketing_platform.operations.request_id import RequestIdMiddleware

    b = world.b.tenants["local"]

    def view(request: Any) -> Any:
        from django.http import HttpResponse

        with tenant_context(b):
            logger.info("inside")
        logger.info("outside")
        return HttpResponse()

    RequestIdMiddleware(view)(rf.get("/"))

    assert (schemas(lines(), "inside"), schemas(lines(), "outside")) == (
        [b.schema_name],
        ["public"],
    )
