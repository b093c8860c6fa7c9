"""Whether a campaign's effect can be measured, and what was measured."""

from dataclasses import dataclass
from math import erf, sqrt

# A holdout of one in ten; an effect worth knowing is three visits more in a hundred people.
HELD_OUT_SHARE = 0.10
USEFUL_EFFECT = 0.03
BASE_RATE = 0.05
# Of a 90 % interval.
Z = 1.6448536269514722
# Below an even chance of an answer nobody is held back.
LEAST_POWER = 0.50
LEAST_CONTROL = 30
# From so many messages on, shares are said.
LEAST_SENT = 100


@dataclass(frozen=True)
class Range:
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """Visits of those written to minus those held out, as shares of the people."""

    treated: int
    treated_visits: int
    control: int
    control_visits: int
    difference: float
    interval: Range

    @property
    def is_clear(self) -> bool:
        return self.interval.low > 0 or self.interval.high < 0


def power(people: int, *, base: float = BASE_RATE, effect: float = USEFUL_EFFECT) -> float:
    """The chance that a 90 % interval of the difference excludes zero, normal approximation."""
    control = round(people * HELD_OUT_SHARE)
    treated = people - control
    if control < 1 or treated < 1:
        return 0.0
    lifted = min(base + effect, 0.99)
    error = sqrt(lifted * (1 - lifted) / treated + base * (1 - base) / control)
    return 0.5 * (1 + erf((effect / error - Z) / sqrt(2)))


def held_out_count(people: int, *, base: float = BASE_RATE) -> int:
    """How many to hold back: one in ten when that can answer the question, otherwise none."""
    return round(people * HELD_OUT_SHARE) if power(people, base=base) >= LEAST_POWER else 0


def people_needed(*, base: float = BASE_RATE) -> int:
    """From how many people on an effect can be measured, to the next ten."""
    people = 100
    while power(people, base=base) < LEAST_POWER:
        people += 10
    return people


def wilson(hits: int, of: int) -> Range:
    """The 90 % interval of a share (Wilson 1927)."""
    if of == 0:
        return Range(0.0, 1.0)
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return Range(max(0.0, middle - half), min(1.0, middle + half))


def effect_of(
    *, treated: int, treated_visits: int, control: int, control_visits: int
) -> Effect | None:
    """Newcombe's interval (1998, method 10) of the difference; None with under 30 held out."""
    if control < LEAST_CONTROL or treated < 1:
        return None
    one, other = treated_visits / treated, control_visits / control
    of_one, of_other = wilson(treated_visits, treated), wilson(control_visits, control)
    below = sqrt((one - of_one.low) ** 2 + (of_other.high - other) ** 2)
    above = sqrt((of_one.high - one) ** 2 + (other - of_other.low) ** 2)
    interval = Range(one - other - below, one - other + above)
    return Effect(treated, treated_visits, control, control_visits, one - other, interval)


@dataclass(frozen=True)
class Counts:
    """Messages of a period by what became of them; `cost` in 1/10,000 of a rupee."""

    sent: int = 0
    delivered: int = 0
    read: int = 0
    replied: int = 0
    opted_out: int = 0
    not_now: int = 0
    cost: int = 0


@dataclass(frozen=True)
class Health:
    """Shares with their 90 % intervals; `cost_per_reply` in 1/10,000 of a rupee."""

    counts: Counts
    delivered: Range
    read: Range
    replied: Range
    opted_out: Range
    cost_per_reply: int | None


def health_of(counts: Counts) -> Health | None:
    """None below 100 messages: what is missing is then `LEAST_SENT - counts.sent` more."""
    if counts.sent < LEAST_SENT:
        return None
    return Health(
        counts,
        delivered=wilson(counts.delivered, counts.sent),
        read=wilson(counts.read, counts.sent),
        replied=wilson(counts.replied, counts.sent),
        opted_out=wilson(counts.opted_out, counts.sent),
        cost_per_reply=counts.cost // counts.replied if counts.replied else None,
    )
