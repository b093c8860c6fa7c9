"""What the people of the workspace are told of an effect."""

from datetime import datetime

from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.states import State
from marketing_platform.notifications.services import notify

KIND = "effect"
TITLES = {
    State.NEEDS_CHECK: _("Please look: did “%(subject)s” go out?"),
    State.REJECTED: _("“%(subject)s” was refused"),
    State.EXPIRED: _("“%(subject)s” was not sent: it is too late for it"),
}


def path_of(effect: Effect) -> str:
    """The effect's page; workers know no workspace's addresses by name."""
    return f"/effects/{effect.pk}/"


def tell(effect: Effect, *, before: str, now: datetime) -> None:
    """A notice for the states that a person should know of; once per attempt."""
    title = TITLES.get(State(effect.state))
    if title is None or before == effect.state:
        return
    notify(
        title=title,
        params={"subject": effect.subject or effect.account_id, **effect.failure_params},
        text=effect.failure_sentence,
        url=path_of(effect),
        kind=KIND,
        key=f"effect:{effect.pk}:{effect.state}:{effect.commit_attempts}",
        now=now,
    )
