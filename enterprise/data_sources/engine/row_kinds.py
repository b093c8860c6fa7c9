"""What one row of each kind of file becomes."""

import hashlib
import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from enterprise.data_sources.engine import guessing
from enterprise.data_sources.engine.channels import channel_of, channel_written
from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    LONGEST_NAME,
    DealEntry,
    Entry,
    FileKind,
    LeadEntry,
    LeadRecordEntry,
    MetricEntry,
    Role,
    Row,
    SpendEntry,
    StageEntry,
)
from enterprise.data_sources.engine.row_reader import FIX_NUMBER, Reader, Unusable, paise_of
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

LONGEST_SHORT = 60
OUTCOME, REVENUE = "Outcome", "Revenue"
SHA256 = re.compile(r"^[0-9a-f]{64}$")
WON, LOST = re.compile(r"\bwon\b"), re.compile(r"\blost\b|disqualif")


def spend_row(row: Row, reader: Reader) -> Iterable[Entry]:
    cost = reader.amount(row, Role.COST)
    if cost is None:
        raise Unusable(Role.COST, _("The cost is missing."), _("Write 0 if nothing was spent."))
    rupees = reader.rupees(row, Role.COST, cost)
    channel = ""
    if reader.mapping.kind is FileKind.SPEND:
        channel = channel_written(reader.text(row, Role.CHANNEL))
        if not channel:
            raise Unusable(
                Role.CHANNEL, _("The channel is missing."), _("Name the channel of each row.")
            )
    yield SpendEntry(
        date=reader.day(row),
        campaign=clean_line(reader.text(row, Role.CAMPAIGN))[:LONGEST_NAME],
        cost_paise=paise_of(rupees or Decimal()),
        impressions=reader.whole(row, Role.IMPRESSIONS),
        clicks=reader.whole(row, Role.CLICKS),
        leads=reader.amount(row, Role.LEADS),
        channel=channel,
    )


def lead_row(row: Row, reader: Reader) -> Iterable[Entry]:
    count = 1
    if reader.place(Role.LEADS) is not None:
        given = reader.amount(row, Role.LEADS)
        if given is None:
            raise Unusable(Role.LEADS, _("The number of leads is missing."), _("Write 0 if none."))
        if given != given.to_integral_value():
            raise Unusable(Role.LEADS, _("Leads are whole numbers."), FIX_NUMBER)
        count = int(given)
    channel = channel_of(reader.text(row, Role.SOURCE))
    yield LeadEntry(date=reader.day(row), channel=channel, count=count)


def metric_row(row: Row, reader: Reader) -> Iterable[Entry]:
    day = reader.day(row)
    for place, role in enumerate(reader.mapping.roles):
        if role is not Role.METRIC:
            continue
        value = reader.number_at(row, place, role)
        if value is not None:
            yield MetricEntry(_series_name(reader, place), day, value, unit=_unit(reader, place))


def outcome_row(row: Row, reader: Reader) -> Iterable[Entry]:
    """One figure named in the row, and its revenue, each in a region or in all."""
    day, region = reader.day(row), reader.line(row, Role.REGION, LONGEST_SHORT)
    value = reader.number(row, Role.VALUE)
    revenue = reader.number(row, Role.REVENUE)
    if value is None and revenue is None:
        role = Role.VALUE if reader.place(Role.VALUE) is not None else Role.REVENUE
        raise Unusable(role, _("The figure is missing."), _("Write 0 if there was none."))
    if value is not None:
        name = reader.line(row, Role.SERIES, LONGEST_NAME) or _value_name(reader)
        yield MetricEntry(name, day, value, region)
    if revenue is not None:
        rupees = reader.rupees(row, Role.REVENUE, revenue) or Decimal()
        yield MetricEntry(REVENUE, day, round(rupees, 2), region, "INR")


def deal_row(row: Row, reader: Reader) -> Iterable[Entry]:
    made, closed = reader.day(row), reader.day_if_any(row, Role.CLOSED)
    stage = reader.line(row, Role.STAGE, LONGEST_SHORT)
    is_won = _is_won(row, reader, stage)
    amount = reader.rupees(row, Role.AMOUNT, reader.amount(row, Role.AMOUNT))
    if is_won is not None and closed is not None and closed < made:
        raise Unusable(
            Role.CLOSED,
            _("It was closed before it was created."),
            _("Check both dates, and whether day and month are swapped."),
        )
    yield DealEntry(
        external_id=_id_of(row, reader),
        date=made,
        account=reader.line(row, Role.ACCOUNT, LONGEST_NAME),
        amount_paise=None if amount is None else paise_of(amount),
        stage=stage,
        # Of an open deal a CRM gives the day it is hoped to close: that is no close.
        closed_on=closed if is_won is not None else None,
        is_won=is_won,
        came_from=channel_of(reader.text(row, Role.SOURCE)),
        owner=reader.line(row, Role.OWNER, LONGEST_NAME),
        history=_stay(row, reader, stage),
    )


def lead_record_row(row: Row, reader: Reader) -> Iterable[Entry]:
    stage = reader.line(row, Role.STAGE, LONGEST_SHORT)
    yield LeadRecordEntry(
        external_id=_id_of(row, reader),
        date=reader.day(row),
        came_from=channel_of(reader.text(row, Role.SOURCE)),
        stage=stage,
        owner=reader.line(row, Role.OWNER, LONGEST_NAME),
        email_hash=email_hash(reader.text(row, Role.EMAIL)),
        history=_stay(row, reader, stage),
    )


def email_hash(text: str) -> str:
    """SHA-256 of the lower-case address, as ad platforms match it; a hash stays; else ''."""
    cleaned = "".join(text.split()).lower()
    if SHA256.match(cleaned):
        return cleaned
    if "@" not in cleaned:
        return ""
    return hashlib.sha256(cleaned.encode("utf-8", "replace")).hexdigest()


def _id_of(row: Row, reader: Reader) -> str:
    text = clean_line(reader.text(row, Role.ID))
    if not text:
        raise Unusable(
            Role.ID, _("The id is missing."), _("Export the column with the record's id.")
        )
    if len(text) > LONGEST_NAME:
        raise Unusable(
            Role.ID, _("This id is too long."), _("An id has at most 120 letters or digits.")
        )
    return text


def _is_won(row: Row, reader: Reader, stage: str) -> bool | None:
    """Won, lost or (None) open, by the flags of the row, else by the stage's name.

    CRMs write "won: no" of open deals too, so that alone is a loss only when a flag, the stage or,
    without a flag, the close date says that the deal is over.
    """
    won, closed = reader.flag(row, Role.WON), reader.flag(row, Role.IS_CLOSED)
    name = stage.lower()
    if won or (won is None and closed is not False and WON.search(name)):
        return True
    if closed is not None:
        return False if closed else None
    if LOST.search(name):
        return False
    has_day = reader.day_if_any(row, Role.CLOSED) is not None
    return False if won is False and has_day else None


def _stay(row: Row, reader: Reader, stage: str) -> tuple[StageEntry, ...]:
    entered = reader.moment_if_any(row, Role.ENTERED)
    left = reader.moment_if_any(row, Role.LEFT)
    if entered is None or not stage:
        return ()
    if left is not None and left < entered:
        raise Unusable(
            Role.LEFT,
            _("The stage was left before it was entered."),
            _("Check both dates, and whether day and month are swapped."),
        )
    return (StageEntry(stage, entered, left),)


def _unit(reader: Reader, place: int) -> str:
    unit = guessing.header_unit(reader.header[place]).strip(". ").upper()
    return "INR" if unit in {"INR", "₹", "RS"} else ""


def _value_name(reader: Reader) -> str:
    place = reader.place(Role.VALUE)
    name = clean_line(reader.header[place])[:LONGEST_NAME] if place is not None else ""
    return OUTCOME if name.lower() in {"", "value", "count", "actual"} else name


def _series_name(reader: Reader, place: int) -> str:
    name = clean_line(reader.header[place])[:LONGEST_NAME] or f"Column {place + 1}"
    names = [clean_line(text)[:LONGEST_NAME] for text in reader.header[:place]]
    return f"{name[: LONGEST_NAME - 4]} ({names.count(name) + 1})" if name in names else name


ROW_READERS: dict[FileKind, Callable[[Row, Reader], Iterable[Entry]]] = {
    **dict.fromkeys(AD_KINDS, spend_row),
    FileKind.SPEND: spend_row,
    FileKind.LEADS: lead_row,
    FileKind.LEAD_LIST: lead_record_row,
    FileKind.DEALS: deal_row,
    FileKind.OUTCOMES: outcome_row,
    FileKind.METRICS: metric_row,
}
