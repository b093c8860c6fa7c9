"""What the public pages share."""

from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.steps import STEPS


def client_address(request: HttpRequest) -> str:
    """Who calls, for limits: behind n trusted proxies the n-th forwarded address from the right.

    What a caller writes further left is not believed. An IPv6 caller counts by its /64 network.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            address = forwarded[-settings.TRUSTED_PROXIES].strip()
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


def error_sentence(error: PlatformError) -> str:
    return sentence_of(error)


def steps_context(current: str) -> dict[str, Any]:
    """For components/steps.html; sign-up pages show no menu."""
    return {"step_number": STEPS.index(current) + 1, "is_simple": True}


def password_try(request: HttpRequest, email: str) -> None:
    """Count one try; raises LimitReached. A stranger's tries leave room for the owner's own."""
    address = client_address(request)
    limit_per_hour("password tries per hour", f"{email}:{address}", 20)
    limit_per_hour("password tries per internet address and hour", address, 100)
    limit_per_hour("password tries per account and hour", email, 200)
