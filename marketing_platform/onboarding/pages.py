"""What the public pages share."""

from typing import Any

from django.http import HttpRequest

from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.steps import STEPS


def client_address(request: HttpRequest) -> str:
    """The caller's address as the web server saw it; forwarded headers are not trusted."""
    return str(request.META.get("REMOTE_ADDR", ""))


def error_sentence(error: PlatformError) -> str:
    return sentence_of(error)


def steps_context(current: str) -> dict[str, Any]:
    """For components/steps.html; sign-up pages show no menu."""
    return {"step_number": STEPS.index(current) + 1, "is_simple": True}
