"""The breaker of each account: after five failures in a row nothing is sent through it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from marketing_platform.connections.models import Connection
from marketing_platform.core.text import mark as _
from marketing_platform.effects.errors import ChannelMissing
from marketing_platform.effects.models import ChannelHealth
from marketing_platform.effects.telling import KIND
from marketing_platform.notifications.services import notify

MOST_FAILURES = 5
# The account is not at fault: it is busy, or a person must sign in, or the content is wrong.
NOT_COUNTED = frozenset({"rate_limited", "needs_sign_in", "rejected", "not_found"})
CONNECTED, PAUSED = "connected", "paused"


def channel_worked(connection_id: uuid.UUID) -> None:
    """Whoever signed in again made a paused account work as well."""
    ChannelHealth.objects.filter(pk=connection_id, failures__gt=0).update(
        failures=0, paused_at=None, reason="", reason_params={}
    )


def channel_failed(
    connection_id: uuid.UUID, *, kind: str, sentence: str, params: dict[str, Any], now: datetime
) -> bool:
    """Count a failure. True when this was the one that paused the account."""
    if kind in NOT_COUNTED:
        return False
    with transaction.atomic():
        ChannelHealth.objects.get_or_create(connection_id=connection_id)
        mine = ChannelHealth.objects.filter(pk=connection_id)
        mine.update(failures=F("failures") + 1)
        is_paused = mine.filter(failures__gte=MOST_FAILURES, paused_at=None).update(
            paused_at=now, reason=sentence[:400], reason_params=params
        )
        if is_paused:
            _pause(connection_id, now)
    return bool(is_paused)


def channel_try_again(*, connection_id: uuid.UUID, now: datetime) -> None:
    """Go on sending through a paused account. Raises ChannelMissing when it is not paused."""
    with transaction.atomic():
        mine = ChannelHealth.objects.filter(pk=connection_id, paused_at__isnull=False)
        if not mine.update(paused_at=None, failures=0, reason="", reason_params={}):
            raise ChannelMissing
        Connection.objects.filter(pk=connection_id, state=PAUSED).update(state=CONNECTED)


def _pause(connection_id: uuid.UUID, now: datetime) -> None:
    Connection.objects.filter(pk=connection_id, state=CONNECTED).update(state=PAUSED)
    account = Connection.objects.filter(pk=connection_id).first()
    notify(
        title=_("We paused %(account)s: it failed five times in a row"),
        text=_("Nothing is sent through it until you press “Try again”. What is planned waits."),
        params={"account": account.account_name if account else ""},
        url="/effects/",
        kind=KIND,
        key=f"channel:{connection_id}:{now.isoformat()}",
        now=now,
    )
