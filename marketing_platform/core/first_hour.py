"""The first hour of a workspace: steps in order, each settled by doing it or by leaving it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# After two weeks whoever has not begun will not, and the card only stands in the way.
OFFERED_FOR = timedelta(days=14)
DONE, LEFT = "done", "left"


@dataclass(frozen=True)
class FirstHourOffer:
    """The card on the first page: how many of the steps are settled, of how many."""

    settled: int
    steps: int


def next_step(steps: Sequence[str], settled: Collection[str], after: str = "") -> str | None:
    """The first open step behind `after`, else the first open one; None when all are settled."""
    start = steps.index(after) + 1 if after else 0
    return next((step for step in (*steps[start:], *steps) if step not in settled), None)


def settled_with(settled: Mapping[str, str], step: str, *, is_done: bool) -> dict[str, str]:
    """What is done stays done."""
    if settled.get(step) == DONE:
        return dict(settled)
    return {**settled, step: DONE if is_done else LEFT}


def only_done(settled: Mapping[str, str]) -> dict[str, str]:
    """To take up again what was left."""
    return {step: how for step, how in settled.items() if how == DONE}


def offer(
    steps: Sequence[str],
    settled: Collection[str],
    *,
    is_put_away: bool,
    opened_at: datetime,
    now: datetime,
) -> FirstHourOffer | None:
    """None once it is over or put away, or nobody began it in two weeks."""
    if is_put_away or next_step(steps, settled) is None:
        return None
    if not settled and now - opened_at >= OFFERED_FOR:
        return None
    return FirstHourOffer(settled=len(settled), steps=len(steps))
