"""A workspace's URL map with views that answer late or asynchronously; for test_late_answers."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.context import current_schema
from marketing_platform.urls.workspace_local import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
)
from marketing_platform.users.permissions import public_page


def _served() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


async def asynchronous(request: HttpRequest) -> JsonResponse:
    found: dict[str, Any] = {
        "context": current_schema(),
        "connection": connection.schema_name,
        "cache": cache.get("whose"),
        "cache_async": await cache.aget("whose"),
        "count": await MediaFile.objects.acount(),
        "first": (await MediaFile.objects.order_by("pk").afirst()).purpose,
        "all": [row.purpose async for row in MediaFile.objects.order_by("pk")],
        "thread": await sync_to_async(_served, thread_sensitive=True)(),
        "other_thread": await sync_to_async(_in_other_thread, thread_sensitive=False)(),
        "context_after": current_schema(),
    }
    return JsonResponse(found)


asynchronous.is_public = True


def _in_other_thread() -> str:
    try:
        return _served()
    finally:
        connection.close()


@public_page
def streaming(request: HttpRequest) -> StreamingHttpResponse:
    """Rows are read while the body is sent, after the middleware is left."""

    def lines() -> Iterator[str]:
        for row in MediaFile.objects.order_by("pk"):
            yield f"{current_schema()} {row.purpose}\n"

    return StreamingHttpResponse(lines(), content_type="text/plain")


async def streaming_async(request: HttpRequest) -> StreamingHttpResponse:
    async def lines() -> AsyncIterator[str]:
        async for row in MediaFile.objects.order_by("pk"):
            yield f"{current_schema()} {row.purpose}\n"

    return StreamingHttpResponse(lines(), content_type="text/plain")


streaming_async.is_public = True
urlpatterns = [
    path("asynchronous/", asynchronous),
    path("streaming/", streaming),
    path("streaming-async/", streaming_async),
]
