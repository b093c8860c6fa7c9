import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q

from local.execution.engine.states import FINISHED, OPEN, UNDER_WAY, State
from local.execution.errors import ActionMissing
from local.execution.models import FIRST_STEPS, Action, Autonomy, Decision, FirstHour
from marketing_platform.core.first_hour import FirstHourOffer, offer
from marketing_platform.core.language import said_in


@dataclass(frozen=True)
class Card:
    """One task as the Today page shows it, in one language."""

    id: uuid.UUID
    kind: str
    family: str
    title: str
    why: str
    effect: str
    skip: str
    button: str
    minutes: int
    grade: str
    state: str
    content_hash: str
    facts: dict[str, Any]
    result: dict[str, Any]

    @property
    def is_open(self) -> bool:
        return State(self.state) in OPEN

    @property
    def is_under_way(self) -> bool:
        return State(self.state) in UNDER_WAY

    @property
    def is_finished(self) -> bool:
        return State(self.state) in FINISHED


def actions_of(on: date) -> list[Action]:
    return list(Action.objects.filter(on=on))


def action_of(action_id: uuid.UUID) -> Action:
    """Raises ActionMissing."""
    action = Action.objects.filter(pk=action_id).first()
    if action is None:
        raise ActionMissing
    return action


def cards_of(actions: Iterable[Action], language: str) -> list[Card]:
    return [_card(each, language) for each in actions]


def yesterday_of(today: date, language: str) -> list[Card]:
    """What was finished, is under way or went wrong the day before."""
    told = [*FINISHED, *UNDER_WAY, State.FAILED, State.NEEDS_CHECK]
    rows = Action.objects.filter(on=today - timedelta(days=1), state__in=told)
    return cards_of(rows, language)


def autonomy_of(kind: str, channel: str = "") -> int:
    """0 suggest only, 1 approve each; 1 until the owner says otherwise."""
    row = Autonomy.objects.filter(kind=kind, channel=channel).first()
    return row.level if row else 1


def edit_ratio() -> dict[str, float | int | None]:
    """Decisions so far: how many, the share that was edited first, the mean seconds they took."""
    found = Decision.objects.aggregate(
        decisions=Count("id"),
        edited=Count("id", filter=Q(said="edited")),
        approved=Count("id", filter=Q(said="approved")),
        seconds=Avg("seconds", filter=Q(said="approved")),
    )
    share = found["edited"] / found["approved"] if found["approved"] else None
    return {"decisions": found["decisions"], "edited": share, "seconds": found["seconds"]}


def _card(action: Action, language: str) -> Card:
    words = said_in(language, action.texts)
    return Card(
        id=action.pk,
        kind=action.kind,
        family=action.family,
        title=words["title"],
        why=words["why"],
        effect=words["effect"],
        skip=words["skip"],
        button=words.get("button", ""),
        minutes=action.minutes,
        grade=action.grade,
        state=action.state,
        content_hash=action.content_hash,
        facts=action.facts,
        result=action.result,
    )


def first_hour_settled() -> dict[str, str]:
    """Step → "done" or "left"."""
    row = FirstHour.objects.first()
    return dict(row.settled) if row else {}


def first_hour_offer(*, opened_at: datetime, now: datetime) -> FirstHourOffer | None:
    """None when there is nothing to offer. One query."""
    row = FirstHour.objects.first()
    return offer(
        FIRST_STEPS,
        row.settled if row else {},
        is_put_away=row is not None and row.put_away_at is not None,
        opened_at=opened_at,
        now=now,
    )
