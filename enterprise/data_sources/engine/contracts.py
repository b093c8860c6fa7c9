"""What reading a file yields: frozen, plain Python."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 200
LONGEST_NAME = 120
MOST_PROBLEMS_SHOWN = 100


class FileKind(StrEnum):
    GOOGLE_ADS = "google_ads"
    META_ADS = "meta_ads"
    LINKEDIN_ADS = "linkedin_ads"
    LEADS = "leads"
    METRICS = "metrics"


AD_KINDS = frozenset({FileKind.GOOGLE_ADS, FileKind.META_ADS, FileKind.LINKEDIN_ADS})


class Role(StrEnum):
    """What a column holds. METRIC columns keep their header as the series' name."""

    IGNORE = "ignore"
    DATE = "date"
    END_DATE = "end_date"
    CAMPAIGN = "campaign"
    COST = "cost"
    CURRENCY = "currency"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    LEADS = "leads"
    SOURCE = "source"
    METRIC = "metric"


class DateOrder(StrEnum):
    UNKNOWN = ""
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True)
class Row:
    """``line`` counts from 1, as a spreadsheet or editor shows it."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class ColumnMapping:
    """How to read a table; a person may change every part. ``header_line`` is a Row.line."""

    kind: FileKind
    header_line: int
    roles: tuple[Role, ...]
    date_order: DateOrder = DateOrder.UNKNOWN
    has_decimal_comma: bool = False


@dataclass(frozen=True)
class Problem:
    """One cell that cannot be used. ``problem`` and ``fix`` are translatable sentences."""

    line: int
    column: str
    value: str
    problem: str
    fix: str


@dataclass(frozen=True)
class SpendEntry:
    """One campaign's spend on one date; ``cost_paise`` is an integer, in paise."""

    date: date
    campaign: str
    cost_paise: int
    impressions: int | None
    clicks: int | None
    leads: Decimal | None


@dataclass(frozen=True)
class LeadEntry:
    """``channel`` is a known channel's code, the source's own words, or '' when not given."""

    date: date
    channel: str
    count: int


@dataclass(frozen=True)
class MetricEntry:
    series: str
    date: date
    value: Decimal


Entry = SpendEntry | LeadEntry | MetricEntry


@dataclass(frozen=True)
class ParsedFile:
    """``grain`` is what one row's date stands for: day, week or month."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    good_rows: int
    bad_rows: int
    total_rows_skipped: int
    grain: str
    notes: tuple[str, ...] = field(default=())

    @property
    def first_on(self) -> date | None:
        return min((entry.date for entry in self.entries), default=None)

    @property
    def last_on(self) -> date | None:
        return max((entry.date for entry in self.entries), default=None)
