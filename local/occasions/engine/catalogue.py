"""The occasions we know, read once from `content/`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from local.business.engine import CATEGORIES

CONTENT = Path(__file__).parent.parent / "content"
FILES = ("festivals", "regional", "solemn_and_civic", "commercial", "seasons")
DATED_THROUGH = date(2028, 12, 31)
HOLIDAYS_SOURCE = "holidays library 0.109, India"
KINDS_WITHOUT_OFFERS = ("solemn", "civic")


@dataclass(frozen=True)
class Definition:
    """One occasion without its date. Exactly one of the rules below gives the dates."""

    slug: str
    names: Mapping[str, str] = field(hash=False)
    kind: str
    tone: str
    motif: str
    follows_moon: bool
    states: tuple[str, ...]
    except_states: tuple[str, ...]
    cities: tuple[str, ...]
    days: int
    offers_allowed: bool
    categories: Mapping[str, int] = field(hash=False)
    preparation_days: Mapping[str, int] = field(hash=False)
    greetings: Mapping[str, tuple[str, ...]] = field(hash=False)
    source: str
    reviewed_on: date | None
    holiday_names: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict, hash=False)
    weekday: tuple[int, int, int] | None = None
    monthly_day: int | None = None
    dated: tuple[tuple[date, int], ...] = ()

    @property
    def can_be_moved(self) -> bool:
        """Seasons and what comes every month have no single day to move."""
        return self.kind != "season" and self.monthly_day is None

    def scope_in(self, state: str, city: str) -> str | None:
        """'city', 'state' or 'national' where it is kept; None where it is not."""
        if city in self.cities:
            return "city"
        if state in self.states:
            return "state"
        if self.states or self.cities or state in self.except_states:
            return None
        return "national"


def definition_of(slug: str) -> Definition | None:
    return CATALOGUE.get(slug)


def _read(name: str) -> dict:
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


def _by_category(row: dict, preparation: dict) -> tuple[dict[str, int], dict[str, int]]:
    special, usual = row.get("weights", {}), row["weight"]
    weights = {slug: special.get(slug, usual) for slug in CATEGORIES}
    lead = preparation[row["prepare"]]
    return weights, {slug: lead[kind.group] for slug, kind in CATEGORIES.items()}


def _fixed_dates(row: dict) -> dict[str, str]:
    fixed = row.get("fixed", {})
    return {"default": fixed} if isinstance(fixed, str) else fixed


def _dated(row: dict, table: dict) -> tuple[tuple[date, int], ...]:
    usual = row.get("days", 1)
    days = table.get("days", [usual] * len(table["on"]))
    return tuple(zip(table["on"], days, strict=True))


def _definition(slug: str, row: dict, dates: dict, preparation: dict) -> Definition:
    weights, lead = _by_category(row, preparation)
    table = dates[slug] if row.get("dated") else None
    weekday = row.get("weekday")
    return Definition(
        slug=slug,
        names=row["names"],
        kind=row["kind"],
        tone=row["tone"],
        motif=row["motif"],
        follows_moon=row.get("moon", False),
        states=tuple(row.get("states", ())),
        except_states=tuple(row.get("except_states", ())),
        cities=tuple(row.get("cities", ())),
        days=row.get("days", 1),
        offers_allowed=row.get("offers_allowed", row["kind"] not in KINDS_WITHOUT_OFFERS),
        categories=weights,
        preparation_days=lead,
        greetings={language: tuple(lines) for language, lines in row["greetings"].items()},
        source=table["source"] if table else row.get("source", HOLIDAYS_SOURCE),
        reviewed_on=table["reviewed_on"] if table else row.get("reviewed_on"),
        holiday_names=tuple(row.get("holidays", ())),
        fixed=_fixed_dates(row),
        weekday=tuple(weekday) if weekday else None,
        monthly_day=row.get("monthly_day"),
        dated=_dated(row, table) if table else (),
    )


def _definitions() -> Iterator[Definition]:
    dates, preparation = _read("dates"), _read("preparation")
    for name in FILES:
        for slug, row in _read(name).items():
            yield _definition(slug, row, dates, preparation)


CATALOGUE: Mapping[str, Definition] = MappingProxyType({each.slug: each for each in _definitions()})
