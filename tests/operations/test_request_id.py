import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from marketing_platform.operations.request_id import (
    RequestIdMiddleware,
    accepted_or_new,
    current_request_id,
)


def test_an_offered_id_is_kept_and_answered(rf: RequestFactory) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((request.request_id, current_request_id()))
        return HttpResponse()

    response = RequestIdMiddleware(view)(rf.get("/", HTTP_X_REQUEST_ID="trace-0001"))

    assert seen == [("trace-0001", "trace-0001")]
    assert response["X-Request-ID"] == "trace-0001"
    assert current_request_id() == ""


@pytest.mark.parametrize(
    "offered", ["", "short", "x" * 65, "a b c d e f", "id\nforged: line", "é" * 9]
)
def test_an_id_that_could_spoil_a_log_is_replaced(offered: str) -> None:
    chosen = accepted_or_new(offered)

    assert chosen != offered
    assert len(chosen) == 32


def test_the_id_is_forgotten_after_an_error(rf: RequestFactory) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        RequestIdMiddleware(view)(rf.get("/"))

    assert current_request_id() == ""
