"""Checks of spend: what would mislead a model of channels."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from enterprise.data_sources.engine.channels import channel_name
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
    QualityInput,
    RateFact,
    Severity,
    SpendRowFact,
)
from enterprise.data_sources.engine.quality.weekly import (
    longest_run,
    matrix_of,
    robust_scores,
    weekly_sums,
)
from enterprise.data_sources.engine.tables import Sentence
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _

# log10 steps: a row must be a rare one and at least eight times its campaign's usual cost.
OUTLIER_SCORE, OUTLIER_TIMES = 6.0, 8.0
LONG_ZERO = 4
HIGH_CORRELATION, HIGH_VIF = 0.9, 10.0
HARDLY_VARIES = 0.05
FEWEST_WEEKS = 20
TABLE = "spend"


def spend_issues(given: QualityInput) -> Iterator[Issue]:
    rows = given.spend
    yield from impossible_dates(TABLE, "date", [(row.id, row.date) for row in rows], given.today)
    yield from alike_names(TABLE, "channel", [row.channel for row in rows], can_merge=True)
    yield from gaps(TABLE, ((row.source, row.grain, row.date) for row in rows), today=given.today)
    yield from _changed_grain(rows)
    yield from _twice(rows)
    yield from _outliers(rows)
    yield from _impossible_clicks(rows)
    yield from _converted(given.rates)
    past = [row for row in rows if row.date <= given.today]
    sums = weekly_sums((row.date, row.channel, float(row.paise)) for row in past)
    weeks, names, values = matrix_of(sums)
    yield from _zero_runs(weeks, names, values)
    yield from identifiability(names, values)


def _changed_grain(rows: tuple[SpendRowFact, ...]) -> Iterator[Issue]:
    grains: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        grains[row.source][row.grain] += 1
    for source, counts in sorted(grains.items()):
        if len(counts) > 1:
            yield Issue(
                "changed_grain", Severity.MEDIUM, TABLE, "date", source,
                sum(counts.values()) - max(counts.values()), ", ".join(sorted(counts)),
                Sentence(_("%(name)s mixes rows by day, week or month"), {"name": source}),
                Sentence(_("Export the whole time with one and the same breakdown, best by day.")),
            )  # fmt: skip
    monthly = sorted(source for source, counts in grains.items() if counts["month"])
    if monthly:
        yield Issue(
            "monthly_spend", Severity.HIGH, TABLE, "date", ", ".join(monthly),
            sum(grains[source]["month"] for source in monthly), monthly[0],
            Sentence(_("%(name)s is given by month"), {"name": ", ".join(monthly)}),
            Sentence(_("Export by day or week: weekly models leave monthly rows out.")),
        )  # fmt: skip


def _twice(rows: tuple[SpendRowFact, ...]) -> Iterator[Issue]:
    """The same channel, day, campaign and cost from two sources: most likely counted twice."""
    first: dict[tuple, str] = {}
    again: dict[tuple[str, str], list[SpendRowFact]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if not row.paise:
            continue
        source = first.setdefault((row.date, row.channel, row.campaign, row.paise), row.source)
        if source != row.source:
            again[source, row.source].append(row)
    for (one, other), found in sorted(again.items()):
        yield Issue(
            "twice", Severity.HIGH, TABLE, "cost", f"{one} / {other}", len(found),
            f"{found[0].date} {channel_name(found[0].channel)}",
            Sentence(
                _("%(one)s and %(other)s hold the same spend %(n)s times"),
                {"one": one, "other": other, "n": len(found)},
            ),
            Sentence(_("Keep one of the two: do not use the rows of %(other)s."), {"other": other}),
            leave_out(row.id for row in found),
        )  # fmt: skip


def _outliers(rows: tuple[SpendRowFact, ...]) -> Iterator[Issue]:
    groups: dict[tuple[str, str], list[SpendRowFact]] = defaultdict(list)
    for row in rows:
        if row.paise > 0:
            groups[row.channel, row.campaign].append(row)
    found: dict[str, list[SpendRowFact]] = defaultdict(list)
    for (channel, _campaign), group in groups.items():
        scores = robust_scores([float(np.log10(row.paise)) for row in group])
        usual = float(np.median([row.paise for row in group]))
        found[channel] += [
            row
            for row, score in zip(group, scores, strict=True)
            if score > OUTLIER_SCORE and row.paise > OUTLIER_TIMES * usual
        ]
    for channel, outliers in sorted(found.items()):
        if outliers:
            worst = max(outliers, key=lambda row: row.paise)
            yield Issue(
                "outliers", Severity.MEDIUM, TABLE, "cost", channel, len(outliers),
                f"{worst.date}: ₹{indian_grouping(worst.paise // 100)}",
                Sentence(
                    _("%(name)s has rows with far more cost than usual: %(n)s"),
                    {"name": channel_name(channel), "n": len(outliers)},
                ),
                Sentence(LEAVE_OUT),
                leave_out(row.id for row in outliers),
            )  # fmt: skip


def _impossible_clicks(rows: tuple[SpendRowFact, ...]) -> Iterator[Issue]:
    wrong = [
        row
        for row in rows
        if row.clicks is not None and row.impressions is not None and row.clicks > row.impressions
    ]
    if wrong:
        yield Issue(
            "more_clicks", Severity.LOW, TABLE, "clicks", "", len(wrong),
            f"{wrong[0].date} {channel_name(wrong[0].channel)}",
            Sentence(_("Rows with more clicks than impressions: %(n)s"), {"n": len(wrong)}),
            Sentence(_("Check whether the two columns are swapped.")),
        )  # fmt: skip


def _converted(rates: tuple[RateFact, ...]) -> Iterator[Issue]:
    for rate in rates:
        yield Issue(
            "converted", Severity.LOW, TABLE, "currency", f"{rate.file} {rate.currency}", 1,
            f"1 {rate.currency} = ₹{rate.rate}",
            Sentence(
                _("%(file)s was converted from %(currency)s with the one rate you gave"),
                {"file": rate.file, "currency": rate.currency},
            ),
            Sentence(_("Where the rate moved much, upload amounts in rupees instead.")),
        )  # fmt: skip


def _zero_runs(weeks: list[date], names: list[str], values: np.ndarray) -> Iterable[Issue]:
    for place, name in enumerate(names):
        start, length = longest_run(values[:, place])
        if length < LONG_ZERO:
            continue
        silent = weeks[start : start + length]
        yield Issue(
            "zero_run", Severity.LOW, TABLE, "cost", name, length, shown_dates(silent),
            Sentence(
                _("%(name)s spends nothing for %(n)s weeks in a row"),
                {"name": channel_name(name), "n": length},
            ),
            Sentence(_("If it was paused, all is well. If not, export these weeks again.")),
        )  # fmt: skip


def identifiability(names: list[str], values: np.ndarray) -> Iterator[Issue]:
    """Channels whose effects no model can tell apart, or that never vary."""
    # Weeks that no source reports are holes, not pauses.
    values = values[values.sum(axis=1) > 0] if values.size else values
    if len(values) < FEWEST_WEEKS:
        return
    means, spreads = values.mean(axis=0), values.std(axis=0)
    varies = spreads > HARDLY_VARIES * np.maximum(means, 1e-9)
    for name in [name for name, moves in zip(names, varies, strict=True) if not moves]:
        yield Issue(
            "constant", Severity.HIGH, TABLE, "cost", name, len(values),
            channel_name(name),
            Sentence(
                _("%(name)s spends nearly the same every week"), {"name": channel_name(name)}
            ),
            Sentence(
                _("Its effect cannot be told from the rest. Vary it for some weeks.")
            ),
        )  # fmt: skip
    kept = [place for place, moves in enumerate(varies) if moves]
    if len(kept) < 2:
        return
    correlation = np.corrcoef(values[:, kept], rowvar=False)
    yield from _correlated([names[place] for place in kept], correlation, len(values))
    yield from _inflated([names[place] for place in kept], correlation, len(values))


def _correlated(names: list[str], correlation: np.ndarray, weeks: int) -> Iterator[Issue]:
    for one in range(len(names)):
        for other in range(one + 1, len(names)):
            value = float(correlation[one, other])
            if abs(value) < HIGH_CORRELATION:
                continue
            yield Issue(
                "correlated", Severity.HIGH, TABLE, "cost", f"{names[one]} / {names[other]}",
                weeks, f"{value:.2f}",
                Sentence(
                    _("%(one)s and %(other)s move together (correlation %(value)s)"),
                    {
                        "one": channel_name(names[one]),
                        "other": channel_name(names[other]),
                        "value": f"{value:.2f}",
                    },
                ),
                Sentence(
                    _("A model cannot tell them apart. Vary one without the other.")
                ),
            )  # fmt: skip


def _inflated(names: list[str], correlation: np.ndarray, weeks: int) -> Iterator[Issue]:
    """Variance inflation: the diagonal of the inverse of the correlation matrix."""
    if weeks <= len(names) + 1:
        return
    try:
        factors = np.diag(np.linalg.inv(correlation))
    except np.linalg.LinAlgError:
        factors = np.full(len(names), np.inf)
    pairs = np.abs(correlation - np.eye(len(names))).max(axis=1)
    for name, factor, nearest in zip(names, factors, pairs, strict=True):
        if (factor > HIGH_VIF or factor < 0) and nearest < HIGH_CORRELATION:
            shown = f"{factor:.0f}" if 0 < factor < 1_000 else "1000+"
            yield Issue(
                "inflated", Severity.MEDIUM, TABLE, "cost", name, weeks, shown,
                Sentence(
                    _("%(name)s follows from the other channels together (VIF %(value)s)"),
                    {"name": channel_name(name), "value": shown},
                ),
                Sentence(_("Expect a wide interval for it. Vary it on its own for some weeks.")),
            )  # fmt: skip
