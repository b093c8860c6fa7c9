"""Internet addresses of callers: for counting, and short enough to show."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


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


def address_short(address: str) -> str:
    """The network alone: 103.21.•.• or the first half of an IPv6 one."""
    if "." in address and address.count(".") == 3:
        return ".".join([*address.split(".")[:2], "•", "•"])
    return ":".join(address.split(":")[:3]) + ":•" if ":" in address else ""
