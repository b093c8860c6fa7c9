"""A campaign as one document. Plain, frozen; money in whole paise, rates from 0 to 1."""

from dataclasses import dataclass
from datetime import date, timedelta

MOST_TEST_WEEKS = 520


@dataclass(frozen=True)
class Said:
    """A message id with its values. Names ending in ``_paise`` are paise, in ``_on`` ISO dates."""

    message: str
    values: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True)
class Check:
    """``blocks`` stops approval and export; otherwise it is a warning. ``field`` is where."""

    code: str
    blocks: bool
    said: Said
    field: str = ""


@dataclass(frozen=True)
class Facts:
    """What the company says about its offer; the composer adds nothing to it."""

    company: str
    product: str
    benefits: tuple[str, ...]
    offer: str
    action: str
    landing_url: str
    language: str


@dataclass(frozen=True)
class Audience:
    """``size`` None is not known. ``source``: "stated" by the user, "crm" counted, or "unknown".

    ``consent``: how the people agreed to e-mail or WhatsApp, in the user's words; "" for none.
    """

    description: str
    size: int | None
    source: str
    consent: str


@dataclass(frozen=True)
class Target:
    """What the campaign shall reach in its whole period.

    ``low`` and ``high`` are what the model expects for exactly ``judged_paise``; None without one.
    """

    metric: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    judged_paise: tuple[int, ...] = ()
    run_hash: str = ""


@dataclass(frozen=True)
class Grid:
    """``paise[channel][week]``; ``budget_paise`` is what may be spent."""

    budget_paise: int
    channels: tuple[str, ...]
    weeks: tuple[date, ...]
    paise: tuple[tuple[int, ...], ...]

    @property
    def by_channel(self) -> tuple[int, ...]:
        return tuple(sum(row) for row in self.paise)

    @property
    def by_week(self) -> tuple[int, ...]:
        return tuple(sum(column) for column in zip(*self.paise, strict=True))

    @property
    def total_paise(self) -> int:
        return sum(self.by_channel)

    @property
    def last_on(self) -> date:
        return self.weeks[-1] + timedelta(days=6)


@dataclass(frozen=True)
class Slot:
    """One text of a creative: ``kind`` as in the limits ("headline", "primary_text", …)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Creative:
    """What one channel shows. ``url`` carries the UTM parameters."""

    channel: str
    slots: tuple[Slot, ...]
    url: str


@dataclass(frozen=True)
class TrialAsked:
    """What the user states for the test: rate now, lift worth finding, price of one visit."""

    base_rate: float | None = None
    lift: float | None = None
    visit_paise: int | None = None


@dataclass(frozen=True)
class TrialPlan:
    """Two arms, half of the visits each, 5 % two-sided, 80 % power.

    ``weeks_needed`` None: not enough stated. ``smallest_lift`` is what the period can find.
    """

    asked: TrialAsked
    per_arm: int | None
    visits_per_week: int | None
    weeks_needed: int | None
    smallest_lift: float | None

    @property
    def is_endless(self) -> bool:
        """``weeks_needed`` is cut off at ten years, so it is no number to tell."""
        return self.weeks_needed is not None and self.weeks_needed >= MOST_TEST_WEEKS

    @property
    def smallest_percent(self) -> float | None:
        return None if self.smallest_lift is None else self.smallest_lift * 100


@dataclass(frozen=True)
class Event:
    """``kind``: "start", "holiday", "review" or "end"; ``name`` of a holiday."""

    on: date
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Assumption:
    said: Said
    source: Said


@dataclass(frozen=True)
class Document:
    name: str
    goal: str
    facts: Facts
    audience: Audience
    target: Target
    grid: Grid
    creatives: tuple[Creative, ...]
    test: TrialPlan
    events: tuple[Event, ...]
    assumptions: tuple[Assumption, ...]
    allocation_id: str = ""


@dataclass(frozen=True)
class Asked:
    """What a campaign is made of. ``shares`` are weights of the channels' budgets."""

    name: str
    goal: str
    facts: Facts
    audience: Audience
    target: Target
    channels: tuple[str, ...]
    shares: tuple[int, ...]
    budget_paise: int
    first_on: date
    weeks: int
    test: TrialAsked
    allocation_id: str = ""
