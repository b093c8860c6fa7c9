"""What an owner does to the plan shows among their businesses soon, not at the next half hour."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from marketing_platform.core import clock
from marketing_platform.schedule.changed import workspace_changed

View = Callable[..., HttpResponse]
FAILED = 400


def counted_again(view: View) -> View:
    """Has the workspace's summary written again after what was not refused."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code < FAILED:
            workspace_changed(now=clock.now())
        return answer

    return inner
