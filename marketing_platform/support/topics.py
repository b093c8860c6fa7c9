"""Help topics: one file each, with the same parts in every language of the product."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"
LANGUAGES = ("en", "hi", "mr")


@dataclass(frozen=True)
class Words:
    """One topic in one language."""

    title: str
    search: str
    answer: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """`tiers` says whose it is; `pages` are the beginnings of the paths it explains."""

    slug: str
    order: int
    tiers: tuple[str, ...]
    pages: tuple[str, ...]
    related: tuple[str, ...]
    words: Mapping[str, Words]

    def said(self, language: str) -> Words:
        return self.words.get(language[:2], self.words["en"])

    def explains(self, page: str) -> bool:
        return any(page.startswith(each) for each in self.pages)


@cache
def topics() -> tuple[Topic, ...]:
    read = [_topic(path) for path in CONTENT.glob("*.toml")]
    return tuple(sorted(read, key=lambda each: (each.order, each.slug)))


def topic_find(slug: str) -> Topic | None:
    return next((each for each in topics() if each.slug == slug), None)


def topics_for(*, tier: str, page: str, wanted: str, language: str) -> list[Topic]:
    """Those of the tier (all of them where none is known), the page's own first."""
    parts = wanted.casefold().split()
    own = [each for each in topics() if not tier or tier in each.tiers]
    met = [each for each in own if _meets(each.said(language), parts)]
    return sorted(met, key=lambda each: not each.explains(page))


def _meets(words: Words, parts: list[str]) -> bool:
    text = f"{words.title} {words.search} {words.answer}".casefold()
    return all(each in text for each in parts)


def _topic(path: Path) -> Topic:
    content = tomllib.loads(path.read_text("utf-8"))
    return Topic(
        slug=path.stem,
        order=content["order"],
        tiers=tuple(content["tiers"]),
        pages=tuple(content.get("pages", ())),
        related=tuple(content.get("related", ())),
        words={language: _words(content[language]) for language in LANGUAGES},
    )


def _words(content: dict[str, Any]) -> Words:
    return Words(
        title=content["title"],
        search=content["search"],
        answer=content["answer"],
        steps=tuple(content["steps"]),
    )
