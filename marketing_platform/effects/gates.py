"""Whether an effect may go out now; asked before preparing and again in the act of arming."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketing_platform.connections.models import Connection
from marketing_platform.core.text import mark as _
from marketing_platform.effects.channels import CONNECTED, PAUSED
from marketing_platform.effects.control.selectors import is_stopped_for_all
from marketing_platform.effects.models import Effect, EmergencyStop
from marketing_platform.effects.registry import EffectHandler
from marketing_platform.effects.times import deadline_of
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.contracts import entitlements_of


@dataclass(frozen=True)
class Hold:
    """Why it does not go out now. `is_final`: it never will."""

    kind: str
    sentence: str
    is_final: bool = False
    params: dict[str, Any] = field(default_factory=dict)


TOO_LATE = Hold("expired", _("Its time had passed before it could go out."), is_final=True)
WAITS = {
    "stopped_for_all": _("Sending is stopped for everybody for the moment. It waits."),
    "stopped": _("Everything is stopped. Press “Start again” and it goes on."),
    "read_only": _("This workspace is read-only. It waits until the plan is paid."),
    "disconnected": _("The account is not connected. Connect it and it goes on."),
    "needs_sign_in": _("The account needs you to sign in again. It waits until then."),
    "paused": _("The account is paused because it failed several times. It waits."),
    "other_account": _("Another account is connected now than the one this was planned for."),
}


def hold_of(effect: Effect, handler: EffectHandler, *, now: datetime) -> Hold | None:
    """What keeps the effect back; None when it may go out."""
    if now > deadline_of(effect.due_at, effect.expires_at, handler.freshness):
        return TOO_LATE
    reason = _stop_reason() or _access_reason() or _account_reason(effect)
    return Hold(reason, WAITS[reason]) if reason else None


def connection_of(effect: Effect) -> Connection | None:
    """The account it was planned for, in whatever state."""
    return Connection.objects.filter(pk=effect.connection_id).first()


def _stop_reason() -> str:
    if is_stopped_for_all():
        return "stopped_for_all"
    return "stopped" if EmergencyStop.objects.filter(is_on=True).exists() else ""


def _access_reason() -> str:
    return "" if entitlements_of(current_tenant()).may_write else "read_only"


def _account_reason(effect: Effect) -> str:
    account = connection_of(effect)
    if account is None:
        return "disconnected"
    if account.account_id != effect.account_id or account.provider != effect.provider:
        return "other_account"
    if account.state == CONNECTED:
        return ""
    return account.state if account.state in {PAUSED, "needs_sign_in"} else "disconnected"
