"""What a brief is made of: frozen, plain Python.

No number stands in a text. A text has places; what fills them is a word, a name from the client's
own data, or a Figure, and every Figure names its Evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

VERSION = "brief/1"


@dataclass(frozen=True)
class Evidence:
    """One measured value and where it comes from.

    `unit`: inr (rupees), percent (0 to 100), ratio, count, weeks, days, or one of the client's own.
    `low` and `high` are its interval at `level` (0 to 1), None for a plain count. `rows` is how
    many records it was made of, named by `rows_hash`; `run_hash` names the computation. `metric`
    and `source` are messages; the metric's place is filled by `about`, a name of the client's, or
    by `group`, words of ours. `happened_on` is when what was measured happened or began.
    """

    id: str
    metric: str
    value: float
    unit: str
    run_hash: str
    rows: int
    as_of: date
    source: str
    low: float | None = None
    high: float | None = None
    level: float | None = None
    rows_hash: str = ""
    method: str = ""
    about: str = ""
    group: tuple["Phrase", ...] = ()
    happened_on: date | None = None


@dataclass(frozen=True)
class Figure:
    """A value in a text. `part`: value, low, high, interval (both ends), level, rows, as_of or
    happened_on.
    """

    evidence_id: str
    part: str = "value"


@dataclass(frozen=True)
class Name:
    """A name from the client's data: of a channel, a metric, a campaign. May hold digits.
    Words of ours in it ("Meta Ads · spend") are said in the reader's language."""

    text: str


@dataclass(frozen=True)
class Word:
    """A word of ours: a message to be translated."""

    message: str


@dataclass(frozen=True)
class Phrase:
    """A message to be translated with names of the client's in its places, and no figures."""

    message: str
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Several:
    """Phrases with commas between."""

    phrases: tuple[Phrase, ...]


Filling = Figure | Name | Word | Phrase | Several


@dataclass(frozen=True)
class Claim:
    """A sentence: a message to be translated, with `%(place)s` for what fills it."""

    message: str
    filled: Mapping[str, Filling] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Row:
    """A line of a table: a name, then figures."""

    name: Name | Word
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """`columns` are messages; the first stands over the names."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Section:
    """`key` names it; `title` is a message. A section may say that it has nothing to say, and
    why: then its only claims do.
    """

    key: str
    title: str
    claims: tuple[Claim, ...]
    table: Table | None = None


@dataclass(frozen=True)
class Brief:
    """`headline` is the one thing to know. `dated_on` is the brief's own day, not a measurement.
    `is_sample`: its figures are an invented company's."""

    company: Name
    dated_on: date
    headline: Claim
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...]
    version: str = VERSION
    is_sample: bool = False

    def evidence_of(self, evidence_id: str) -> Evidence:
        return next(each for each in self.evidence if each.id == evidence_id)


@dataclass(frozen=True)
class Run:
    """A piece of a finished sentence: its text, and the evidence when it is a figure."""

    text: str
    evidence_id: str = ""


# --- what a brief is made from


@dataclass(frozen=True)
class FindingIn:
    """One finding of market intelligence. `kind` as it names them; `subject` the metric's name;
    `heading` what was measured; `group` what sets a segment apart; `grain` day, week or month.
    `low` and `high` are None where the interval has no upper end."""

    kind: str
    subject: str
    value: float
    unit: str
    low: float | None
    high: float | None
    level: float | None
    n: int
    method: str
    run_hash: str
    as_of: date
    heading: Phrase | None = None
    happened_on: date | None = None
    grain: str = ""
    group: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class ChannelIn:
    """One channel of the budget model. Money in paise a week; the interval of its ROAS."""

    name: str
    before_paise: int
    after_paise: int
    roas: float
    roas_low: float
    roas_high: float
    is_identified: bool


@dataclass(frozen=True)
class BudgetIn:
    """An allocation and the fit below it. `gain` in the outcome's unit a week."""

    channels: tuple[ChannelIn, ...]
    total_before_paise: int
    total_after_paise: int
    gain: float
    gain_low: float
    gain_high: float
    outcome_name: str
    outcome_unit: str
    weeks: int
    fit_run_hash: str
    allocation_run_hash: str
    rows_hash: str
    as_of: date
    is_reliable: bool
    is_unchanged: bool


@dataclass(frozen=True)
class CampaignIn:
    """A campaign document: its state in words of ours, budget in paise, weeks its test needs."""

    id: str
    name: str
    state: str
    budget_paise: int
    content_hash: str
    as_of: date
    test_weeks: int | None = None


@dataclass(frozen=True)
class QualityIn:
    """A problem of the data in words of ours: `names` and `numbers` fill the message's places.
    `about` is the name it concerns, else `table` the word for its table. `of_rows` were judged."""

    message: str
    names: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, float], ...]
    about: str
    table: str
    of_rows: int
    rows_hash: str
    as_of: date


@dataclass(frozen=True)
class BriefInputs:
    company: str
    today: date
    findings: tuple[FindingIn, ...] = ()
    budget: BudgetIn | None = None
    weeks_of_data: int = 0
    weeks_needed: int = 52
    data_hash: str = ""
    data_as_of: date | None = None
    campaigns: tuple[CampaignIn, ...] = ()
    quality: tuple[QualityIn, ...] = ()
    is_sample: bool = False
