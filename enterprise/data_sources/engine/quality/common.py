"""Checks that every table with dates needs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations

from enterprise.data_sources.engine.channels import channel_name
from enterprise.data_sources.engine.quality.contracts import Action, Issue, Severity, Table
from enterprise.data_sources.engine.quality.weekly import (
    is_one_slip,
    missing_periods,
    name_key,
    weeks_between,
)
from enterprise.data_sources.engine.tables import Sentence
from marketing_platform.core.text import mark as _

OLD_YEARS = 10
SWAPPED = _("Check the year, and whether day and month are swapped; or do not use them.")
LEAVE_OUT = _("Correct the file and upload it again, or do not use these rows.")


def leave_out(rows: Iterable[int]) -> Action:
    return Action("leave_out", row_ids=tuple(rows))


def shown_dates(days: Sequence[date], most: int = 3) -> str:
    """The first few as 2026-04-27, with … when there are more."""
    shown = ", ".join(day.isoformat() for day in days[:most])
    return f"{shown} …" if len(days) > most else shown


def table_of(name: str, days: Sequence[date]) -> Table:
    if not days:
        return Table(name, 0, None, None, 0, 0)
    first, last = min(days), max(days)
    weeks = weeks_between(first, last)
    with_rows = {day.toordinal() - day.weekday() for day in set(days)}
    return Table(name, len(days), first, last, len(weeks), len(with_rows))


def impossible_dates(
    table: str, column: str, rows: Sequence[tuple[int, date]], today: date
) -> Iterable[Issue]:
    """Dates after today, and older than ten years."""
    future = sorted((day, key) for key, day in rows if day > today)
    oldest = date(today.year - OLD_YEARS, 1, 1)
    old = sorted((day, key) for key, day in rows if day < oldest)
    if future:
        yield Issue(
            "future_dates", Severity.HIGH, table, column, "", len(future), str(future[0][0]),
            Sentence(_("Rows dated after today: %(n)s"), {"n": len(future)}),
            Sentence(SWAPPED),
            leave_out(key for _day, key in future),
        )  # fmt: skip
    if old:
        yield Issue(
            "old_dates", Severity.MEDIUM, table, column, "", len(old), str(old[0][0]),
            Sentence(_("Rows older than ten years: %(n)s"), {"n": len(old)}),
            Sentence(_("Check the year; what is this old says little about today.")),
            leave_out(key for _day, key in old),
        )  # fmt: skip


def gaps(table: str, rows: Iterable[tuple[str, str, date]], *, today: date) -> Iterable[Issue]:
    """Periods without any row, by series: (name, grain, date)."""
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for name, grain, day in rows:
        if day <= today:
            days[name, grain].append(day)
    for (name, grain), found in sorted(days.items()):
        missing = missing_periods(found, grain)
        if not missing:
            continue
        share = len(missing) / (len(missing) + len(set(found)))
        yield Issue(
            "missing_periods", Severity.HIGH if share > 0.2 else Severity.MEDIUM, table, "date",
            f"{name} {grain}", len(missing), shown_dates(missing),
            Sentence(_MISSING[grain], {"name": name, "n": len(missing)}),
            Sentence(_("Export this period again. If nothing happened, upload rows with 0.")),
        )  # fmt: skip


_MISSING = {
    "day": _("%(name)s has no row for %(n)s days between its first and its last"),
    "week": _("%(name)s has no row for %(n)s weeks between its first and its last"),
    "month": _("%(name)s has no row for %(n)s months between its first and its last"),
}


def alike_names(
    table: str, column: str, names: Sequence[str], *, can_merge: bool
) -> Iterable[Issue]:
    """Names that are the same but for case, spaces and signs, or one slip of a key."""
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    groups: list[set[str]] = []
    for one, other in combinations(sorted(counts), 2):
        is_same = bool(name_key(one)) and name_key(one) == name_key(other)
        if not is_same and not is_one_slip(one, other):
            continue
        joined = {one, other}.union(*(group for group in groups if group & {one, other}))
        groups = [group for group in groups if not group & joined] + [joined]
    for group in groups:
        into = max(sorted(group), key=lambda name: counts[name])
        others = tuple(sorted(group - {into}))
        yield Issue(
            "alike_names", Severity.HIGH, table, column, " / ".join(sorted(group)),
            sum(counts[name] for name in others), channel_name(others[0]),
            Sentence(
                _("%(names)s look like one and the same"),
                {"names": ", ".join(f"“{channel_name(name)}”" for name in sorted(group))},
            ),
            Sentence(_("Read all of them as “%(into)s”."), {"into": channel_name(into)})
            if can_merge
            else Sentence(_("Write one name in the file and upload it again.")),
            Action("merge", names=others, into=into) if can_merge else None,
        )  # fmt: skip
