"""The phrase files, read once and checked: what a trade says, network limits, common wording."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from pathlib import Path
from threading import RLock
from typing import ParamSpec, TypeVar

from local.automation.social_media.engine.contracts import LANGUAGES

CONTENT = Path(__file__).resolve().parent.parent / "content"
PILLARS = (
    "tip",
    "service",
    "proof",
    "people",
    "product",
    "behind_the_scenes",
    "question",
    "hours",
)
REASON_LANGUAGES = ("en", "hi", "mr")
TEXT_LENGTHS = {
    "headline": (3, 40),
    "body": (80, 330),
    "short": (5, 125),
    "call_to_action": (3, 60),
}
Given = ParamSpec("Given")
Read = TypeVar("Read")


def read_once(read: Callable[Given, Read]) -> Callable[Given, Read]:
    """A cache that reads once per process, also when several threads ask at the same moment."""
    cached, reading = cache(read), RLock()

    @wraps(read)
    def once(*args: Given.args, **options: Given.kwargs) -> Read:
        with reading:
            return cached(*args, **options)

    return once


@dataclass(frozen=True)
class IdeaText:
    """One idea in one language; lengths as in TEXT_LENGTHS, in characters."""

    headline: str
    body: str
    short: str
    call_to_action: str


@dataclass(frozen=True)
class Idea:
    """Something a shop of this trade can say on any day (of its months and weekdays)."""

    id: str
    pillar: str
    months: frozenset[int]
    weekdays: frozenset[int]
    reasons: Mapping[str, str]
    photo: Mapping[str, str]
    text: Mapping[str, IdeaText]

    @property
    def is_seasonal(self) -> bool:
        return bool(self.months or self.weekdays)

    def fits(self, day: date) -> bool:
        return (not self.months or day.month in self.months) and (
            not self.weekdays or day.weekday() in self.weekdays
        )


@dataclass(frozen=True)
class TradeLibrary:
    """Everything written for one category."""

    category: str
    labels: Mapping[str, str]
    hashtags: Mapping[str, tuple[str, ...]]
    festive: Mapping[str, tuple[str, ...]]
    offer: Mapping[str, tuple[str, ...]]
    ideas: tuple[Idea, ...]

    def idea(self, idea_id: str) -> Idea:
        return next(idea for idea in self.ideas if idea.id == idea_id)


@dataclass(frozen=True)
class NetworkLimit:
    """A network's own limit and ours, both in `unit` (characters, utf16 or bytes)."""

    limit: int
    house_limit: int
    unit: str
    hashtags: int

    def measure(self, text: str) -> int:
        if self.unit == "bytes":
            return len(text.encode())
        if self.unit == "utf16":
            return len(text.encode("utf-16-le")) // 2
        return len(text)


def categories() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (CONTENT / "categories").glob("*.toml")))


@read_once
def trade_library(category: str) -> TradeLibrary:
    """The phrases of one category; raises KeyError when a table or language is missing."""
    content = tomllib.loads((CONTENT / "categories" / f"{category}.toml").read_text("utf-8"))
    return TradeLibrary(
        category=content["category"],
        labels=content["labels"],
        hashtags=_per_language(content["hashtags"]),
        festive=_per_language(content["festive"]),
        offer=_per_language(content["offer"]) if "offer" in content else {},
        ideas=tuple(_idea(entry) for entry in content["ideas"]),
    )


def _per_language(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(table[language]) for language in LANGUAGES}


def _idea(entry: dict) -> Idea:
    return Idea(
        id=entry["id"],
        pillar=entry["pillar"],
        months=frozenset(entry.get("months", ())),
        weekdays=frozenset(entry.get("weekdays", ())),
        reasons=entry["reason"],
        photo=entry.get("photo", {}),
        text={language: IdeaText(**entry["text"][language]) for language in LANGUAGES},
    )


@read_once
def wording() -> dict:
    return tomllib.loads((CONTENT / "wording.toml").read_text("utf-8"))


@read_once
def network_limits() -> Mapping[str, NetworkLimit]:
    content = tomllib.loads((CONTENT / "networks.toml").read_text("utf-8"))
    return {name: NetworkLimit(**row) for name, row in content.items() if isinstance(row, dict)}


def date_text(day: date, language: str) -> str:
    """'30 November' in the language."""
    return f"{day.day} {wording()['months'][language][day.month - 1]}"


def missing_texts(content: dict) -> list[str]:
    """What a raw phrase file lacks, one line per gap, naming idea, language and field."""
    return [
        *_missing_tables(content),
        *(gap for entry in content.get("ideas", ()) for gap in _missing_in_idea(entry)),
    ]


def _missing_tables(content: dict) -> list[str]:
    tables = [("labels", 1), ("hashtags", 4), ("festive", 3)]
    if "offer" in content:
        tables.append(("offer", 2))
    return [
        f"{content.get('category')}: [{table}] has no {language} (or fewer than {least} lines)"
        for table, least in tables
        for language in LANGUAGES
        if not _is_enough(content.get(table, {}).get(language), least)
    ]


def _is_enough(value: str | list[str] | None, least: int) -> bool:
    return bool(value) if least == 1 else len(value or ()) >= least


def _missing_in_idea(entry: dict) -> list[str]:
    gaps = [
        f"{entry.get('id')}: reason has no {language}"
        for language in REASON_LANGUAGES
        if not entry.get("reason", {}).get(language)
    ]
    if entry.get("pillar") not in PILLARS:
        gaps.append(f"{entry.get('id')}: unknown pillar {entry.get('pillar')!r}")
    for language in LANGUAGES:
        texts = entry.get("text", {}).get(language, {})
        for field, (least, most) in TEXT_LENGTHS.items():
            length = len(texts.get(field, ""))
            if not least <= length <= most:
                gaps.append(
                    f"{entry.get('id')}: {language} {field} has {length} characters, "
                    f"not {least} to {most}"
                )
    return gaps
