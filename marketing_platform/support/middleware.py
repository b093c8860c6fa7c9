"""Keeps a note of errors that people see, under the code that the page shows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from marketing_platform.support.services import report_store


class ErrorReportMiddleware:
    """Below the middleware that knows who asks; the code itself comes from the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_worth_a_note(request, response.status_code):
            failure = getattr(request, "failure_seen", None)
            report_store(request, status=response.status_code, failure=failure)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.failure_seen = exception


def _is_worth_a_note(request: HttpRequest, status: int) -> bool:
    """Faults of ours always; what was refused or not there only for people who are signed in."""
    if status >= 500:
        return True
    return status in {403, 404, 409, 429} and request.user.is_authenticated
