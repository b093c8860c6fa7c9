"""TaskExecutionEngine and HumanAICollaboration: the day's tasks, and who decides what."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from local.business.models import LocalBusiness
from local.execution.models import Action, Autonomy
from local.execution.selectors import action_of, autonomy_of, edit_ratio
from local.execution.services.collaboration import (
    action_content_change,
    action_dismiss,
    autonomy_set,
)
from local.execution.services.doing import (
    action_back,
    action_carry_out,
    action_finish,
    action_start,
)
from local.execution.services.planning import (
    day_plan,
    day_plan_again,
    minutes_set,
    plan_follow,
)


class TaskExecutionEngine:
    """Plans a day, starts and finishes its tasks. In its workspace's context."""

    def __init__(self, business: LocalBusiness):
        self._business = business

    def plan_day(self, *, today: date, now: datetime) -> list[Action]:
        """At most five tasks within the owner's minutes; the same for the rest of the day."""
        tasks = day_plan(self._business, today=today, now=now)
        plan_follow(on=today, now=now)
        return tasks if not tasks else list(Action.objects.filter(on=today))

    def plan_again(self, *, today: date, now: datetime, minutes: int | None = None) -> list[Action]:
        """Fill the open part of the day afresh. Raises MinutesOutOfRange."""
        if minutes is not None:
            minutes_set(minutes=minutes)
        return day_plan_again(self._business, today=today, now=now)

    def start(self, action_id: UUID, *, actor_id: UUID, now: datetime) -> Action:
        return action_start(action_id=action_id, actor_id=actor_id, now=now)

    def finish(self, action_id: UUID, *, proof: str, actor_id: UUID, now: datetime) -> Action:
        return action_finish(action_id=action_id, proof=proof, actor_id=actor_id, now=now)


class HumanAICollaboration:
    """Proposals and decisions. Nothing leaves without an approval of exactly what was seen."""

    def approve(self, action_id: UUID, *, seen_hash: str, actor_id: UUID, now: datetime) -> Action:
        """Raises ActionChanged when it is not what was seen."""
        return action_carry_out(
            action_id=action_id, seen_hash=seen_hash, actor_id=actor_id, now=now
        )

    def edit(
        self,
        action_id: UUID,
        *,
        content: Any,
        draft: str,
        final: str,
        actor_id: UUID,
        now: datetime,
    ) -> Action:
        """An edit voids what was approved."""
        return action_content_change(
            action_id=action_id,
            content=content,
            draft=draft,
            final=final,
            actor_id=actor_id,
            now=now,
        )

    def dismiss(self, action_id: UUID, *, reason: str, actor_id: UUID, now: datetime) -> Action:
        """Not today, or not at all. Raises ReasonUnknown."""
        return action_dismiss(action_id=action_id, reason=reason, actor_id=actor_id, now=now)

    def take_back(self, action_id: UUID, *, actor_id: UUID, now: datetime) -> Action:
        """What was dismissed today is wanted after all."""
        return action_back(action_id=action_id, actor_id=actor_id, now=now)

    def level(self, kind: str, channel: str = "") -> int:
        return autonomy_of(kind, channel)

    def set_level(
        self, kind: str, channel: str, level: int, *, actor_id: UUID, now: datetime
    ) -> Autonomy:
        """0 or 1."""
        return autonomy_set(kind=kind, channel=channel, level=level, actor_id=actor_id, now=now)

    def learning(self) -> dict[str, float | int | None]:
        """How often drafts are edited before they are approved."""
        return edit_ratio()

    def action(self, action_id: UUID) -> Action:
        """Raises ActionMissing."""
        return action_of(action_id)
