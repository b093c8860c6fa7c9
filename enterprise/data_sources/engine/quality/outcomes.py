"""Checks of outcomes: figures by date, and counted leads."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from enterprise.data_sources.engine.quality.common import (
    LEAVE_OUT,
    alike_names,
    gaps,
    impossible_dates,
    leave_out,
    shown_dates,
)
from enterprise.data_sources.engine.quality.contracts import (
    Issue,
    OutcomeRowFact,
    QualityInput,
    Severity,
)
from enterprise.data_sources.engine.quality.weekly import longest_run, robust_scores
from enterprise.data_sources.engine.tables import Sentence
from marketing_platform.core.text import mark as _

TABLE = "outcomes"
OUTLIER_SCORE = 8.0
LONG_ZERO = 4


def outcome_issues(given: QualityInput) -> Iterator[Issue]:
    rows = given.outcomes
    dated = [(row.id, row.date) for row in rows]
    yield from impossible_dates(TABLE, "date", dated, given.today)
    yield from alike_names(TABLE, "metric", [row.series for row in rows], can_merge=False)
    yield from alike_names(
        TABLE, "region", [row.region for row in rows if row.region], can_merge=False
    )
    yield from gaps(TABLE, ((row.series, row.grain, row.date) for row in rows), today=given.today)
    groups: dict[tuple[str, str, str], list[OutcomeRowFact]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.date):
        groups[row.series, row.region, row.source].append(row)
    for (series, region, _source), group in sorted(groups.items()):
        yield from _series_issues(f"{series} · {region}" if region else series, group)
    counts = given.lead_counts
    dated = [(row.id, row.date) for row in counts]
    yield from impossible_dates("lead_counts", "date", dated, given.today)


def _series_issues(name: str, rows: list[OutcomeRowFact]) -> Iterator[Issue]:
    negative = [row for row in rows if row.value < 0]
    if negative and len(negative) < len(rows) / 2:
        yield Issue(
            "negative", Severity.MEDIUM, TABLE, "value", name, len(negative),
            f"{negative[0].date}: {negative[0].value:g}",
            Sentence(_("%(name)s is below zero %(n)s times"), {"name": name, "n": len(negative)}),
            Sentence(_("Put returns on the day of the sale. Do not use what is a mistake.")),
            leave_out(row.id for row in negative),
        )  # fmt: skip
    values = [row.value for row in rows]
    yield from _outliers(name, rows, values)
    start, length = longest_run(values)
    if length >= LONG_ZERO:
        silent: list[date] = [row.date for row in rows[start : start + length]]
        yield Issue(
            "zero_run", Severity.MEDIUM, TABLE, "value", name, length, shown_dates(silent),
            Sentence(_("%(name)s is zero %(n)s times in a row"), {"name": name, "n": length}),
            Sentence(_("Was something closed, or was it not recorded? Do not use what was not.")),
            leave_out(row.id for row in rows[start : start + length]),
        )  # fmt: skip
    if len(values) >= 20 and len(set(values)) == 1:
        yield Issue(
            "constant", Severity.HIGH, TABLE, "value", name, len(values), f"{values[0]:g}",
            Sentence(_("%(name)s is the same on every date"), {"name": name}),
            Sentence(_("Nothing can be learned from a figure that never moves. Check the export.")),
        )  # fmt: skip


def _outliers(name: str, rows: list[OutcomeRowFact], values: list[float]) -> Iterator[Issue]:
    """Against the row's own surroundings, so that growth and season are not called unusual."""
    given = np.asarray(values)
    half = 6
    local = np.array([np.median(given[max(0, i - half) : i + half + 1]) for i in range(given.size)])
    around = given - local + (np.median(given) if given.size else 0)
    scores = np.abs(robust_scores(list(around)))
    found = [
        row
        for row, score in zip(rows, scores, strict=True)
        if score > OUTLIER_SCORE and row.value >= 0
    ]
    if not found or len(found) > len(rows) / 10:
        return
    worst = found[int(np.argmax([abs(row.value) for row in found]))]
    yield Issue(
        "outliers", Severity.MEDIUM, TABLE, "value", name, len(found),
        f"{worst.date}: {worst.value:g}",
        Sentence(
            _("%(name)s is far from the dates around it %(n)s times"),
            {"name": name, "n": len(found)},
        ),
        Sentence(LEAVE_OUT),
        leave_out(row.id for row in found),
    )  # fmt: skip
