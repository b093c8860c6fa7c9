"""Bodies that are made after the view was left, and views that never run in one thread (ASGI)."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory

from marketing_platform.api import host_middleware
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.models import Tenant
from tests.isolation.world import World, canary

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def odd_views(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rows = {**settings.TENANT_TYPES["local"], "URLCONF": "tests.isolation.odd_urls"}
    monkeypatch.setitem(settings.TENANT_TYPES, "local", rows)
    yield
    connections.close_all()
    # Django's one thread for synchronous code keeps its connection, of a database that is dropped.
    run(sync_to_async(connections.close_all)())


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: a browser's test may have left its loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main).result()


def host(tenant: Tenant) -> str:
    return f"{tenant.slug}.{settings.BASE_HOST}"


class HostClient(AsyncClient):
    """Django's adds its own host beside the one that is asked for."""

    async def request(self, **request: Any) -> Any:
        named = [pair for pair in request["headers"] if pair[0] == b"host"]
        others = [pair for pair in request["headers"] if pair[0] != b"host"]
        request["headers"] = [named[-1], *others]
        return await super().request(**request)


def test_a_streamed_body_is_its_own_workspace_s(world: World) -> None:
    answers = {
        side.letter: Client(HTTP_HOST=host(side.tenants["local"])).get("/streaming/")
        for side in world
    }
    assert current_schema() == "public"
    # Read alternately, as two clients of one thread's connection would.
    bodies = {letter: iter(answer.streaming_content) for letter, answer in answers.items()}
    for _round in range(4):
        for side in world:
            line = next(bodies[side.letter]).decode()
            assert line.startswith(f"{side.tenants['local'].schema_name} {canary(side.letter)}")
            assert current_schema() == "public"


def test_without_the_middleware_s_care_the_body_would_fail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the body really is made outside the view."""
    monkeypatch.setattr(host_middleware, "stream_inside", lambda tenant, answer: None)
    answer = Client(HTTP_HOST=host(world.a.tenants["local"])).get("/streaming/")

    with pytest.raises(Exception, match=r"workspace|does not exist"):
        list(answer.streaming_content)


def test_asynchronous_views_read_their_own_workspace(world: World) -> None:
    for side in world:
        with tenant_context(side.tenants["local"]):
            cache.set("whose", side.letter)

    async def both() -> list[Any]:
        """At the same time, in one loop."""
        return await asyncio.gather(
            *(
                HostClient().get("/asynchronous/", headers={"host": host(side.tenants["local"])})
                for _round in range(3)
                for side in world
            )
        )

    answers = run(both())

    assert len(answers) == 6
    for place, answer in enumerate(answers):
        side = (world.a, world.b)[place % 2]
        schema, found = side.tenants["local"].schema_name, answer.json()
        texts = [found.pop("first"), *found.pop("all")]
        assert found == {
            "context": schema,
            "connection": schema,
            "cache": side.letter,
            "cache_async": side.letter,
            "count": 4,
            "thread": schema,
            "other_thread": schema,
            "context_after": schema,
        }
        assert len(texts) == 5
        assert all(canary(side.letter) in text for text in texts)


def test_an_asynchronous_body_is_its_own_workspace_s(world: World) -> None:
    async def body(tenant: Tenant) -> str:
        answer = await HostClient().get("/streaming-async/", headers={"host": host(tenant)})
        return b"".join([part async for part in answer.streaming_content]).decode()

    for side in world:
        tenant = side.tenants["local"]
        lines = run(body(tenant)).splitlines()
        assert len(lines) == 4
        assert all(line.startswith(f"{tenant.schema_name} {canary(side.letter)}") for line in lines)


def test_a_middleware_s_own_stream_is_left_alone(world: World) -> None:
    """A body made on the public host stays there."""

    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(current_schema() for _once in range(1))

    request = RequestFactory(HTTP_HOST=settings.BASE_HOST).get("/pricing/")
    answer = host_middleware.HostMiddleware(view)(request)

    assert b"".join(answer.streaming_content) == b"public"
    with tenant_context(world.a.tenants["local"]):
        assert MediaFile.objects.count() == 4
