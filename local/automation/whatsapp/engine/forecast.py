"""What a campaign would do, before it is approved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil, floor
from uuid import UUID

from local.automation.whatsapp.engine.measuring import held_out_count, people_needed, wilson
from local.automation.whatsapp.engine.money import Rate, in_rupees
from local.automation.whatsapp.engine.pace import cools_off, too_often
from marketing_platform.core.money import Rupees

# Own messages needed before the share that arrives, or the visits after them, are spoken of.
LEAST_PAST = 100
NOTHING = Rupees(0)


class LeftOut(StrEnum):
    NOT_AGREED = "not_agreed"
    NO_NUMBER = "no_number"
    TOO_OFTEN = "too_often"
    COOLS_OFF = "cools_off"
    OVER_CAP = "over_cap"


@dataclass(frozen=True)
class Person:
    """One member of the audience, with what decides whether they may be written to."""

    customer_id: UUID
    agreed: bool
    has_number: bool
    sent_at: tuple[datetime, ...] = ()
    last_inbound_at: datetime | None = None
    # A message may be free: utility in the 24 hours, everything after an ad.
    may_be_free: bool = False


@dataclass(frozen=True)
class Past:
    """The shop's own earlier campaigns: messages sent, delivered, and visits within 7 days."""

    sent: int = 0
    delivered: int = 0
    visitors: int = 0


@dataclass(frozen=True)
class Forecast:
    """`audience` ids in the order given. Costs are with GST. `visits` None: not known yet."""

    audience: tuple[UUID, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    held_out: int = 0
    needed_to_measure: int = 0
    cost_low: Rupees = NOTHING
    cost_high: Rupees = NOTHING
    rate: Rate | None = None
    visits: tuple[int, int] | None = None
    past_missing: int = 0
    over_limit: bool = False

    @property
    def recipients(self) -> int:
        return len(self.audience) - self.held_out


def judged(person: Person, now: datetime) -> LeftOut | None:
    """Why this person is not written to now, or None."""
    if not person.agreed:
        return LeftOut.NOT_AGREED
    if not person.has_number:
        return LeftOut.NO_NUMBER
    if too_often(person.sent_at, now):
        return LeftOut.TOO_OFTEN
    if cools_off(person.sent_at, person.last_inbound_at, now):
        return LeftOut.COOLS_OFF
    return None


def forecast(
    people: Sequence[Person],
    *,
    rate: Rate | None,
    past: Past,
    now: datetime,
    most_people: int | None = None,
    messaging_limit: int | None = None,
    is_free: bool = False,
    holds_out: bool = True,
) -> Forecast:
    """Who would get it, what it costs as a range, and what may be expected.

    The high end: everybody gets it and everybody is charged. The low end: those whose message may
    be free pay nothing, and of the others so few arrive as the lower end of the shop's own share
    (only from 100 earlier messages on). `is_free`: sent by hand, so nothing is charged.
    `messaging_limit` is what the API says of the number, not a list of ours. `holds_out`: False for
    the rest of a campaign whose control was drawn before.
    """
    reasons: Counter[str] = Counter()
    audience: list[Person] = []
    for person in people:
        reason = judged(person, now)
        if reason is None and most_people is not None and len(audience) >= most_people:
            reason = LeftOut.OVER_CAP
        if reason is None:
            audience.append(person)
        else:
            reasons[reason] += 1
    held = held_out_count(len(audience)) if holds_out else 0
    low, high = (0, 0) if is_free else _cost(audience, held, rate, past)
    count = len(audience) - held
    return Forecast(
        audience=tuple(each.customer_id for each in audience),
        left_out=dict(reasons),
        held_out=held,
        needed_to_measure=people_needed(),
        cost_low=in_rupees(low),
        cost_high=in_rupees(high),
        rate=rate,
        visits=_visits(count, past),
        past_missing=max(0, LEAST_PAST - past.delivered),
        over_limit=messaging_limit is not None and count > messaging_limit,
    )


def _cost(audience: list[Person], held: int, rate: Rate | None, past: Past) -> tuple[int, int]:
    if rate is None or not audience:
        return 0, 0
    each = rate.with_gst()
    count = len(audience) - held
    maybe_free = min(count, sum(1 for person in audience if person.may_be_free))
    arrives = wilson(past.delivered, past.sent).low if past.sent >= LEAST_PAST else 1.0
    return floor((count - maybe_free) * arrives * each), count * each


def _visits(count: int, past: Past) -> tuple[int, int] | None:
    """Of the people who get it, how many come within 7 days, if they do as people did before."""
    if past.delivered < LEAST_PAST:
        return None
    share = wilson(past.visitors, past.delivered)
    return floor(count * share.low), ceil(count * share.high)
