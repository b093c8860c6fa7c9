"""The life of an action: which state may follow which, and who may move it.

An action is an intention of the owner's day. What really leaves the process is an effect of its own
(marketing_platform.effects); an action follows its feature's state, never the other way round.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from local.execution.errors import IllegalStep


class State(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    AWAITING_APPROVAL = "awaiting_approval"
    HUMAN_TODO = "human_todo"
    BLOCKED = "blocked"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    NEEDS_CHECK = "needs_check"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DOING = "doing"
    EVIDENCE = "evidence"
    VERIFIED = "verified"
    SELF_REPORTED = "self_reported"
    SKIPPED = "skipped"
    MEASURED = "measured"


S = State
STEPS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        S.DRAFT: frozenset({S.PROPOSED, S.CANCELLED}),
        S.PROPOSED: frozenset(
            {S.AWAITING_APPROVAL, S.HUMAN_TODO, S.BLOCKED, S.SKIPPED, S.EXPIRED, S.CANCELLED}
        ),
        S.BLOCKED: frozenset({S.PROPOSED, S.SKIPPED, S.EXPIRED, S.CANCELLED}),
        S.AWAITING_APPROVAL: frozenset(
            {S.SCHEDULED, S.HUMAN_TODO, S.SKIPPED, S.EXPIRED, S.CANCELLED, S.PROPOSED}
        ),
        S.SCHEDULED: frozenset(
            {S.RUNNING, S.DONE, S.NEEDS_CHECK, S.FAILED, S.EXPIRED, S.CANCELLED, S.PROPOSED}
        ),
        S.RUNNING: frozenset({S.DONE, S.PARTIAL, S.NEEDS_CHECK, S.FAILED, S.EXPIRED}),
        S.NEEDS_CHECK: frozenset({S.DONE, S.FAILED, S.SCHEDULED, S.RUNNING, S.EXPIRED}),
        S.PARTIAL: frozenset({S.DONE, S.MEASURED}),
        S.FAILED: frozenset({S.PROPOSED, S.HUMAN_TODO}),
        # The owner may hand it to us meanwhile: a post that was approved on its own page.
        S.HUMAN_TODO: frozenset(
            {S.DOING, S.EVIDENCE, S.RUNNING, S.NEEDS_CHECK, S.SKIPPED, S.EXPIRED, S.CANCELLED}
        ),
        S.DOING: frozenset(
            {S.EVIDENCE, S.RUNNING, S.NEEDS_CHECK, S.HUMAN_TODO, S.SKIPPED, S.EXPIRED}
        ),
        S.EVIDENCE: frozenset({S.VERIFIED, S.SELF_REPORTED, S.DOING}),
        S.DONE: frozenset({S.MEASURED}),
        S.VERIFIED: frozenset({S.MEASURED}),
        S.SELF_REPORTED: frozenset({S.VERIFIED, S.MEASURED}),
        S.EXPIRED: frozenset(),
        S.CANCELLED: frozenset(),
        # Not today is no never: it may be proposed again.
        S.SKIPPED: frozenset({S.PROPOSED}),
        S.MEASURED: frozenset(),
    }
)
OPEN = frozenset(
    {S.PROPOSED, S.AWAITING_APPROVAL, S.HUMAN_TODO, S.BLOCKED, S.DOING, S.EVIDENCE, S.NEEDS_CHECK}
)
UNDER_WAY = frozenset({S.SCHEDULED, S.RUNNING})
FINISHED = frozenset({S.DONE, S.PARTIAL, S.VERIFIED, S.SELF_REPORTED, S.MEASURED})


def check_step(before: State, after: State) -> None:
    """Raises IllegalStep for a step that is not in the table."""
    if after not in STEPS[before]:
        raise IllegalStep(before=before.value, after=after.value)


def sources_of(after: State) -> list[State]:
    """The states from which it may be reached: for a compare-and-set."""
    return [before for before, following in STEPS.items() if after in following]
