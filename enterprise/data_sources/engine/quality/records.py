"""Checks of deals and leads: what a funnel, a segment or a forecast of revenue trips over."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import timedelta

import numpy as np

from enterprise.data_sources.engine.quality.common import (
    LEAVE_OUT,
    impossible_dates,
    leave_out,
)
from enterprise.data_sources.engine.quality.contracts import (
    Issue,
    QualityInput,
    RecordFact,
    Severity,
)
from enterprise.data_sources.engine.quality.weekly import robust_scores
from enterprise.data_sources.engine.tables import Sentence
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _

STALE = timedelta(days=365)
OUTLIER_SCORE, OUTLIER_TIMES = 6.0, 20.0
MISSING = {
    "amount": (_("Deals without an amount: %(n)s of %(total)s"), 0.1),
    "stage": (_("Records without a stage: %(n)s of %(total)s"), 0.05),
    "source": (_("Records that do not say where they came from: %(n)s of %(total)s"), 0.2),
}


def record_issues(given: QualityInput) -> Iterator[Issue]:
    yield from _deals(given)
    yield from _leads(given)


def _deals(given: QualityInput) -> Iterator[Issue]:
    rows = given.deals
    dated = [(row.id, row.created_on) for row in rows]
    yield from impossible_dates("deals", "created", dated, given.today)
    yield from _missing("deals", "amount", rows, lambda row: row.paise is None)
    yield from _missing("deals", "stage", rows, lambda row: not row.stage)
    yield from _missing("deals", "source", rows, lambda row: not row.came_from)
    yield from _closes(given)
    yield from _same("deals", "id", rows, _deal_twin)
    yield from _negative(rows)
    yield from _large(rows)
    yield from _without_history("deals", rows, given.staged_deals)


def _leads(given: QualityInput) -> Iterator[Issue]:
    rows = given.leads
    dated = [(row.id, row.created_on) for row in rows]
    yield from impossible_dates("leads", "created", dated, given.today)
    yield from _missing("leads", "stage", rows, lambda row: not row.stage)
    yield from _missing("leads", "source", rows, lambda row: not row.came_from)
    yield from _same("leads", "email", rows, lambda row: row.email_hash or None)
    yield from _without_history("leads", rows, given.staged_leads)


def _missing(
    table: str, column: str, rows: Sequence[RecordFact], is_missing: Callable[[RecordFact], bool]
) -> Iterator[Issue]:
    found = [row for row in rows if is_missing(row)]
    if found:
        title, much = MISSING[column]
        share = len(found) / len(rows)
        yield Issue(
            "missing_values", Severity.MEDIUM if share > much else Severity.LOW, table, column, "",
            len(found), found[0].external_id,
            Sentence(title, {"n": len(found), "total": len(rows)}),
            Sentence(_("Fill the field in your CRM and upload or sync again.")),
        )  # fmt: skip


def _closes(given: QualityInput) -> Iterator[Issue]:
    undated = [row for row in given.deals if row.is_won is not None and row.closed_on is None]
    if undated:
        yield Issue(
            "closed_without_date", Severity.MEDIUM, "deals", "closed", "", len(undated),
            undated[0].external_id,
            Sentence(_("Closed deals without the day they closed: %(n)s"), {"n": len(undated)}),
            Sentence(_("Export the close date; without it they count in no month.")),
        )  # fmt: skip
    future = [
        row for row in given.deals if row.closed_on is not None and row.closed_on > given.today
    ]
    if future:
        yield Issue(
            "closed_in_future", Severity.HIGH, "deals", "closed", "", len(future),
            f"{future[0].external_id}: {future[0].closed_on}",
            Sentence(_("Deals closed on a day still to come: %(n)s"), {"n": len(future)}),
            Sentence(_("Export whether each deal is won or lost; a hoped-for date is no close.")),
            leave_out(row.id for row in future),
        )  # fmt: skip
    stale = [
        row for row in given.deals if row.is_won is None and row.created_on < given.today - STALE
    ]
    if stale:
        yield Issue(
            "stale", Severity.LOW, "deals", "stage", "", len(stale), stale[0].external_id,
            Sentence(_("Deals open for more than a year: %(n)s"), {"n": len(stale)}),
            Sentence(_("Close what is dead in your CRM; forecasts take open deals seriously.")),
        )  # fmt: skip


def _deal_twin(row: RecordFact) -> Hashable | None:
    if not row.account or not row.paise:
        return None
    return (row.account.casefold(), row.paise, row.created_on)


def _same(
    table: str,
    column: str,
    rows: Sequence[RecordFact],
    key_of: Callable[[RecordFact], Hashable | None],
) -> Iterator[Issue]:
    """Different ids, same thing; within one system and across two."""
    first: dict[Hashable, RecordFact] = {}
    again: list[tuple[RecordFact, RecordFact]] = []
    for row in sorted(rows, key=lambda row: (row.created_on, row.id)):
        key = key_of(row)
        if key is not None and first.setdefault(key, row) is not row:
            again.append((first[key], row))
    if again:
        yield Issue(
            "same_record", Severity.MEDIUM, table, column, "", len(again),
            f"{again[0][0].external_id} = {again[0][1].external_id}",
            Sentence(_("Records that stand there twice under two ids: %(n)s"), {"n": len(again)}),
            Sentence(_("Merge them in your CRM, or do not use the later ones.")),
            leave_out(row.id for _first, row in again),
        )  # fmt: skip


def _negative(rows: Sequence[RecordFact]) -> Iterator[Issue]:
    found = [row for row in rows if row.paise is not None and row.paise < 0]
    if found:
        yield Issue(
            "negative", Severity.MEDIUM, "deals", "amount", "", len(found),
            found[0].external_id,
            Sentence(_("Deals with an amount below zero: %(n)s"), {"n": len(found)}),
            Sentence(LEAVE_OUT),
            leave_out(row.id for row in found),
        )  # fmt: skip


def _large(rows: Sequence[RecordFact]) -> Iterator[Issue]:
    priced = [(row, row.paise) for row in rows if row.paise and row.paise > 0]
    scores = robust_scores([float(np.log10(paise)) for _row, paise in priced])
    usual = float(np.median([paise for _row, paise in priced])) if priced else 0
    found = [
        (row, paise)
        for (row, paise), score in zip(priced, scores, strict=True)
        if score > OUTLIER_SCORE and paise > OUTLIER_TIMES * usual
    ]
    if found:
        row, paise = max(found, key=lambda pair: pair[1])
        yield Issue(
            "outliers", Severity.MEDIUM, "deals", "amount", "", len(found),
            f"{row.external_id}: ₹{indian_grouping(paise // 100)}",
            Sentence(_("Deals far larger than the others: %(n)s"), {"n": len(found)}),
            Sentence(LEAVE_OUT),
            leave_out(row.id for row, _paise in found),
        )  # fmt: skip


def _without_history(
    table: str, rows: Sequence[RecordFact], staged: frozenset[int]
) -> Iterator[Issue]:
    without: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.id not in staged:
            without[row.system] += 1
    for system, count in sorted(without.items()):
        yield Issue(
            "no_history", Severity.MEDIUM, table, "stage", system, count, system,
            Sentence(
                _("%(name)s gives only today's stage of %(n)s records"),
                {"name": system, "n": count},
            ),
            Sentence(_("Export when each stage was entered; only then speed can be measured.")),
        )  # fmt: skip
