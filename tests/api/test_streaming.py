"""A body made after the view has returned is made inside the request's workspace."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from marketing_platform.api.host_middleware import HostMiddleware
from marketing_platform.tenants.context import current_schema
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


def answered(tenant: Tenant, answer: Any) -> Any:
    request = RequestFactory(HTTP_HOST=f"{tenant.slug}.localhost").get("/")
    return HostMiddleware(lambda _request: answer)(request)


def parts(closed: list[str] | None = None) -> Iterator[bytes]:
    try:
        for _number in range(3):
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_schema()")
                yield cursor.fetchone()[0].encode()
    finally:
        if closed is not None:
            closed.append(current_schema())


async def parts_later() -> AsyncIterator[bytes]:
    for _number in range(3):
        yield current_schema().encode()


def test_each_part_is_made_inside_and_nobody_acts_in_between(local_tenant: Tenant) -> None:
    answer = answered(local_tenant, StreamingHttpResponse(parts()))

    between = [current_schema()]
    made = []
    for part in answer:
        made.append(part.decode())
        between.append(current_schema())

    assert made == [local_tenant.schema_name] * 3
    assert between == ["public"] * 4


def test_control_without_the_middleware_they_are_made_outside() -> None:
    assert [part.decode() for part in StreamingHttpResponse(parts())] == ["public"] * 3


def test_a_body_given_up_half_way_is_closed_inside(local_tenant: Tenant) -> None:
    closed: list[str] = []
    answer = answered(local_tenant, StreamingHttpResponse(parts(closed)))
    next(iter(answer))

    answer.close()

    assert closed == [local_tenant.schema_name]
    assert current_schema() == "public"


def test_an_error_in_the_body_ends_on_the_public_side(local_tenant: Tenant) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise RuntimeError(current_schema())

    answer = answered(local_tenant, StreamingHttpResponse(broken()))

    with pytest.raises(RuntimeError, match=local_tenant.schema_name):
        list(answer)
    assert current_schema() == "public"


def test_an_asynchronous_body_too(local_tenant: Tenant) -> None:
    answer = answered(local_tenant, StreamingHttpResponse(parts_later()))

    async def read() -> list[tuple[str, str]]:
        return [(part.decode(), current_schema()) async for part in answer]

    assert asyncio.run(read()) == [(local_tenant.schema_name, "public")] * 3


def test_two_bodies_read_in_turns_stay_apart(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    one, two = (
        iter(answered(tenant, StreamingHttpResponse(parts())))
        for tenant in (local_tenant, enterprise_tenant)
    )

    made = [(next(one).decode(), next(two).decode()) for _turn in range(3)]

    assert made == [(local_tenant.schema_name, enterprise_tenant.schema_name)] * 3


def test_an_open_file_is_left_to_the_server(local_tenant: Tenant) -> None:
    opened = io.BytesIO(b"content")

    answer = answered(local_tenant, FileResponse(opened))

    assert answer.file_to_stream is opened
    assert b"".join(answer) == b"content"


def test_a_plain_answer_is_left_alone(local_tenant: Tenant) -> None:
    plain = HttpResponse("content")

    assert answered(local_tenant, plain) is plain
