"""Who waits for a call, and what an error's code leads to."""

from django.db.models import QuerySet

from marketing_platform.support.models import HelpRequest


def waiting() -> QuerySet[HelpRequest]:
    """Nobody called them back yet, the longest waiting first."""
    return HelpRequest.objects.filter(done_at=None)


def open_request_of(phone: str, kind: str) -> HelpRequest | None:
    return waiting().filter(phone=phone, kind=kind).first()
