"""From definitions to dates, for one state and city."""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

from local.occasions.engine.catalogue import CATALOGUE, Definition
from local.occasions.engine.occasion import Occasion
from local.occasions.engine.overrides import Override, apply_overrides

ESTIMATED = " (estimated)"
SAME_FESTIVAL_DAYS = 20
YEARS_KEPT = 256


def occasions_between(
    start: date,
    end: date,
    *,
    state: str,
    city: str,
    category: str | None = None,
    overrides: Iterable[Override] = (),
) -> tuple[Occasion, ...]:
    """Every occasion that touches a day from `start` to `end`, both included.

    `state` is an ISO 3166-2:IN code without "IN-", `city` a slug. With `category`, occasions
    that do not matter to it (weight 0) are left out. Ordered by date, then by weight, then by
    slug; a season that began earlier comes first.
    """
    years = range(start.year - 1, end.year + 2)
    found = [each for year in years for each in _in_year(year, state, city)]
    found = [
        each
        for each in apply_overrides(found, overrides)
        if each.date <= end
        and each.ends_on >= start
        and (category is None or each.weight_for(category) > 0)
    ]
    return tuple(sorted(found, key=lambda each: _order(each, category)))


def occurrence_in_year(slug: str, year: int, *, state: str, city: str) -> Occasion | None:
    """The first occurrence of one occasion in a year, before any change by the owner."""
    return next((each for each in _in_year(year, state, city) if each.slug == slug), None)


def _order(occasion: Occasion, category: str | None) -> tuple:
    weights = occasion.categories
    weight = weights.get(category, 0) if category else max(weights.values())
    return occasion.date, -weight, occasion.slug


@lru_cache(maxsize=YEARS_KEPT)
def _in_year(year: int, state: str, city: str) -> tuple[Occasion, ...]:
    """Sorted by date, so that the first of a slug is its first occurrence in the year."""
    found = []
    for definition in CATALOGUE.values():
        scope = definition.scope_in(state, city)
        if scope is not None:
            found += [
                _occasion(definition, scope, on, days, certain)
                for on, days, certain in _dates(definition, year, state)
            ]
    return tuple(sorted(found, key=lambda each: (each.date, each.slug)))


def _occasion(definition: Definition, scope: str, on: date, days: int, certain: bool) -> Occasion:
    return Occasion(
        slug=definition.slug,
        date=on,
        days=days,
        names=definition.names,
        scope=scope,
        kind=definition.kind,
        certain=certain,
        tone=definition.tone,
        motif=definition.motif,
        offers_allowed=definition.offers_allowed,
        categories=definition.categories,
        preparation_days=definition.preparation_days,
        greetings=definition.greetings,
        source=definition.source,
        reviewed_on=definition.reviewed_on,
    )


def _dates(definition: Definition, year: int, state: str) -> Iterator[tuple[date, int, bool]]:
    """(first day, days, certain) for each occurrence that begins in the year."""
    certain = not definition.follows_moon
    if definition.holiday_names:
        for on, is_estimated in _from_holidays(definition.holiday_names, year, state):
            yield on, definition.days, certain and not is_estimated
    elif definition.dated:
        yield from ((on, days, certain) for on, days in definition.dated if on.year == year)
    elif definition.weekday:
        yield _nth_weekday(year, *definition.weekday), definition.days, certain
    elif definition.monthly_day:
        for month in range(1, 13):
            yield date(year, month, definition.monthly_day), definition.days, certain
    else:
        month, day = _fixed_day(definition.fixed, state).split("-")
        yield date(year, int(month), int(day)), definition.days, certain


def _fixed_day(fixed: Mapping[str, str], state: str) -> str:
    return fixed.get(state) or fixed["default"]


def _from_holidays(names: tuple[str, ...], year: int, state: str) -> list[tuple[date, bool]]:
    """Dates under the first of `names` that the year has; a second day of one is left out."""
    listed = _holidays_of(year, state)
    for name in names:
        if name in listed:
            return _first_days(listed[name])
    return []


def _first_days(rows: tuple[tuple[date, bool], ...]) -> list[tuple[date, bool]]:
    kept: list[tuple[date, bool]] = []
    for on, is_estimated in rows:
        if not kept or on - kept[-1][0] > timedelta(days=SAME_FESTIVAL_DAYS):
            kept.append((on, is_estimated))
    return kept


@lru_cache(maxsize=YEARS_KEPT)
def _holidays_of(year: int, state: str) -> Mapping[str, tuple[tuple[date, bool], ...]]:
    """Name -> ((date, estimated), …) as the library lists them; it joins names with "; "."""
    listed = holidays.country_holidays(
        "IN", subdiv=state, years=year, categories=("public", "optional"), language="en_US"
    )
    rows: dict[str, list[tuple[date, bool]]] = {}
    for on in sorted(listed):
        for name in listed.get_list(on):
            is_estimated = name.endswith(ESTIMATED)
            rows.setdefault(name.removesuffix(ESTIMATED), []).append((on, is_estimated))
    return {name: tuple(dates) for name, dates in rows.items()}


def _nth_weekday(year: int, nth: int, weekday: int, month: int) -> date:
    """`nth` from 1, or -1 for the last; `weekday` Monday = 0."""
    weeks = calendar.monthcalendar(year, month)
    days = [week[weekday] for week in weeks if week[weekday]]
    return date(year, month, days[nth - 1] if nth > 0 else days[nth])
