"""What reading a file yields: frozen, plain Python."""

from dataclasses import dataclass, field
from datetime import date, datetime
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
    SPEND = "spend"
    LEADS = "leads"
    LEAD_LIST = "lead_list"
    DEALS = "deals"
    OUTCOMES = "outcomes"
    METRICS = "metrics"


AD_KINDS = frozenset({FileKind.GOOGLE_ADS, FileKind.META_ADS, FileKind.LINKEDIN_ADS})
SPEND_KINDS = AD_KINDS | {FileKind.SPEND}
FIGURE_KINDS = frozenset({FileKind.METRICS, FileKind.OUTCOMES})
# Records have an id and are replaced one by one; rows of the other kinds by their period.
RECORD_KINDS = frozenset({FileKind.LEAD_LIST, FileKind.DEALS})


class Role(StrEnum):
    """What a column holds. METRIC columns keep their header as the series' name."""

    IGNORE = "ignore"
    DATE = "date"
    END_DATE = "end_date"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    COST = "cost"
    CURRENCY = "currency"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    LEADS = "leads"
    SOURCE = "source"
    METRIC = "metric"
    SERIES = "series"
    VALUE = "value"
    REVENUE = "revenue"
    REGION = "region"
    ID = "id"
    ACCOUNT = "account"
    AMOUNT = "amount"
    STAGE = "stage"
    ENTERED = "entered"
    LEFT = "left"
    CLOSED = "closed"
    WON = "won"
    IS_CLOSED = "is_closed"
    OWNER = "owner"
    EMAIL = "email"


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
    """How to read a table; a person may change every part. ``header_line`` is a Row.line.

    ``grain`` is "" when the rows say it themselves. ``rates`` are rupees for one unit of a foreign
    currency, by its code, as somebody gave them.
    """

    kind: FileKind
    header_line: int
    roles: tuple[Role, ...]
    date_order: DateOrder = DateOrder.UNKNOWN
    has_decimal_comma: bool = False
    grain: str = ""
    rates: tuple[tuple[str, Decimal], ...] = ()

    def rate_of(self, currency: str) -> Decimal | None:
        return dict(self.rates).get(currency)


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
    """One campaign's spend on one date; ``cost_paise`` is an integer, in paise.

    ``channel`` is '' in an ad platform's own report: the source is the channel.
    """

    date: date
    campaign: str
    cost_paise: int
    impressions: int | None
    clicks: int | None
    leads: Decimal | None
    channel: str = ""


@dataclass(frozen=True)
class LeadEntry:
    """``channel`` is a known channel's code, the source's own words, or '' when not given."""

    date: date
    channel: str
    count: int


@dataclass(frozen=True)
class MetricEntry:
    """``unit`` is INR for rupees and '' for anything else."""

    series: str
    date: date
    value: Decimal
    region: str = ""
    unit: str = ""


@dataclass(frozen=True)
class StageEntry:
    """``external_id`` is the source's name of this change, '' where it gives none."""

    stage: str
    entered_at: datetime
    left_at: datetime | None = None
    external_id: str = ""


@dataclass(frozen=True)
class DealEntry:
    """``date`` is when it was made; ``is_won`` and ``closed_on`` are None while it is open."""

    external_id: str
    date: date
    account: str = ""
    amount_paise: int | None = None
    stage: str = ""
    closed_on: date | None = None
    is_won: bool | None = None
    came_from: str = ""
    owner: str = ""
    history: tuple[StageEntry, ...] = ()
    updated_at_remote: datetime | None = None
    is_removed: bool = False


@dataclass(frozen=True)
class LeadRecordEntry:
    """One lead by its id, created on ``date``. ``email_hash``: SHA-256 of the bare address."""

    external_id: str
    date: date
    came_from: str = ""
    stage: str = ""
    owner: str = ""
    email_hash: str = ""
    history: tuple[StageEntry, ...] = ()
    updated_at_remote: datetime | None = None
    is_removed: bool = False


@dataclass(frozen=True)
class ContactEntry:
    external_id: str
    date: date | None
    account: str = ""
    region: str = ""
    lifecycle: str = ""
    came_from: str = ""
    owner: str = ""
    email_hash: str = ""
    updated_at_remote: datetime | None = None
    is_removed: bool = False


RecordEntry = DealEntry | LeadRecordEntry | ContactEntry
Entry = SpendEntry | LeadEntry | MetricEntry | DealEntry | LeadRecordEntry


@dataclass(frozen=True)
class ParsedFile:
    """``grain`` is what one row's date stands for, ``found_grain`` what the rows themselves say.

    ``repeated_ids`` counts rows whose id stood in the file before: the last one holds.
    ``currencies`` are the foreign ones that lack a rate.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    good_rows: int
    bad_rows: int
    total_rows_skipped: int
    grain: str
    notes: tuple[str, ...] = field(default=())
    found_grain: str = ""
    repeated_ids: int = 0
    currencies: tuple[str, ...] = ()

    @property
    def first_on(self) -> date | None:
        return min((entry.date for entry in self.entries), default=None)

    @property
    def last_on(self) -> date | None:
        return max((entry.date for entry in self.entries), default=None)
