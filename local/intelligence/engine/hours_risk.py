"""A holiday comes and Google still shows the usual hours (insight 14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from local.intelligence.engine.contracts import Action, Insight, Missing
from local.intelligence.engine.wording import texts_of

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Holiday:
    """A day on which hours may differ; `names` per language."""

    slug: str
    on: date
    names: dict[str, str]


def hours_risk(
    holidays: Iterable[Holiday],
    *,
    is_known: bool,
    has_regular_hours: bool,
    special_days: frozenset[date],
    today: date,
) -> Insight | Missing | None:
    """The holidays of the next 14 days without hours of their own; None when there is none."""
    if not is_known or not has_regular_hours:
        key = "hours_unknown" if not is_known else "hours_not_set"
        return Missing("hours_risk", 14, 0, 1, "hours", texts_of(key))
    open_questions = _without_hours(holidays, special_days, today)
    if not open_questions:
        return None
    first = open_questions[0]
    days = (first.on - today).days
    params = {"holiday": first.names, "days": days, "count": len(open_questions)}
    return Insight(
        key="hours_risk",
        family="hours_on_google",
        number=14,
        grade="A" if days <= 7 else "B",
        n=len(open_questions),
        period=(today, today + AHEAD),
        value=days,
        low=None,
        high=None,
        unit="days",
        formula="hours_risk/1",
        action=Action("set_hours", {"on": first.on.isoformat(), "occasion": first.slug}),
        texts=texts_of("hours_risk" if days else "hours_risk_today", is_one=days == 1, **params),
    )


def _without_hours(
    holidays: Iterable[Holiday], special_days: frozenset[date], today: date
) -> Sequence[Holiday]:
    near = [
        each
        for each in holidays
        if today <= each.on <= today + AHEAD and each.on not in special_days
    ]
    return sorted(near, key=lambda each: (each.on, each.slug))
