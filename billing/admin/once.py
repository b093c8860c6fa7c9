"""An act of staff is written down before it is done; a form that comes twice does it once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model

from marketing_platform.users.models import User

LONGEST = 1_000
BEGUN = "begun"
DONE_BEFORE = "This form was sent before, so nothing was done again."


@dataclass(frozen=True)
class Written:
    """The line in the history of a row. `is_new` is False for a form that was here before."""

    entry: LogEntry
    title: str
    reason: str
    act_id: UUID | None
    is_new: bool = True

    def end(self, outcome: str) -> None:
        self.entry.change_message = line_of(self.title, self.reason, outcome, self.act_id)
        self.entry.save(update_fields=["change_message"])


def act_begin(
    *, user: Any, row: Model, title: str, reason: str, act_id: UUID | None, flag: int = CHANGE
) -> Written:
    """Who, what and why, before anything happens; of two at once one waits for the other's line.

    Whoever finds a line that says "begun" and no more knows that the act may have been cut off.
    """
    with transaction.atomic():
        # One person's forms one after the other; the row itself is not changed.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        known = _known(user, row, act_id)
        if known is not None:
            return Written(known, title, reason, act_id, is_new=False)
        entry = LogEntry.objects.create(
            user_id=user.pk,
            content_type=ContentType.objects.get_for_model(row, for_concrete_model=False),
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=flag,
            change_message=line_of(title, reason, BEGUN, act_id),
        )
    return Written(entry, title, reason, act_id)


def form_is_known(*, user: Any, model: type[Model], act_id: UUID) -> bool:
    """Of forms that add a row: was it sent before? In the caller's transaction, under the lock."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
    rows = LogEntry.objects.filter(user_id=user.pk, content_type=content_type)
    return rows.filter(change_message__endswith=_mark(act_id)).exists()


def _known(user: Any, row: Model, act_id: UUID | None) -> LogEntry | None:
    if act_id is None:
        return None
    rows = LogEntry.objects.filter(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(row, for_concrete_model=False),
        object_id=str(row.pk),
        change_message__endswith=_mark(act_id),
    )
    return rows.first()


def line_of(title: str, reason: str, outcome: str, act_id: UUID | None) -> str:
    parts = [f"{title}: {outcome.strip().rstrip('.')}."]
    if reason:
        parts.append(f"Reason: {reason.strip().rstrip('.')}.")
    text = " ".join(parts)[:LONGEST]
    return f"{text} {_mark(act_id)}" if act_id else text


def _mark(act_id: UUID | None) -> str:
    return f"(form {act_id})"
