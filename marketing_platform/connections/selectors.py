"""What is connected here, and how it is doing."""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from marketing_platform.connections.errors import ConnectionMissing
from marketing_platform.connections.models import AccountChoice, Connection, ConnectionState

LIVE = (ConnectionState.CONNECTED, ConnectionState.PAUSED, ConnectionState.NEEDS_SIGN_IN)
FAILING = (ConnectionState.PAUSED, ConnectionState.NEEDS_SIGN_IN)


def connection_for(provider: str) -> Connection | None:
    """The connected account of this provider; None while it needs a sign-in or is paused."""
    return Connection.objects.filter(provider=provider, state=ConnectionState.CONNECTED).first()


def connection_live(provider: str) -> Connection | None:
    """The account in whatever health; None when there is none or it was disconnected."""
    return Connection.objects.filter(provider=provider, state__in=LIVE).first()


def connections_all() -> QuerySet[Connection]:
    """All that are not disconnected."""
    return Connection.objects.filter(state__in=LIVE)


def connection_of(connection_id: uuid.UUID) -> Connection:
    """Raises ConnectionMissing."""
    found = connections_all().filter(pk=connection_id).first()
    if found is None:
        raise ConnectionMissing
    return found


def connections_failing() -> int:
    return Connection.objects.filter(state__in=FAILING).count()


def connections_to_sign_in() -> list[str]:
    """The providers that wait for a new sign-in, each once."""
    rows = Connection.objects.filter(state=ConnectionState.NEEDS_SIGN_IN)
    return sorted(set(rows.values_list("provider", flat=True)))


def choice_of(choice_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> AccountChoice:
    """The choice this person has to make. Raises ConnectionMissing when it is over."""
    found = AccountChoice.objects.filter(
        pk=choice_id, actor_id=actor_id, expires_at__gt=now
    ).first()
    if found is None:
        raise ConnectionMissing
    return found
