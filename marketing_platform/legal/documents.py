"""The legal pages' texts: one file each in content/, with a version and every written language."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from marketing_platform.core.language import shown_language

CONTENT = Path(__file__).parent / "content"
# In the order in which they are listed.
KEYS = ("terms", "privacy", "refunds", "data-processing", "contact", "complaints")


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: tuple[tuple[str, ...], ...]  # of lines


@dataclass(frozen=True)
class Document:
    """`language` is the one it is written in, which may not be the one that was asked for."""

    key: str
    version: date
    needs_acceptance: bool
    language: str
    title: str
    summary: str
    sections: tuple[Section, ...]


def document(key: str, language: str, facts: Mapping[str, str]) -> Document:
    """One page with our own facts filled in. Raises KeyError for a page that does not exist."""
    source = _source(key)
    shown = shown_language(language)
    written = source[shown]
    return Document(
        key=key,
        version=source["version"],
        needs_acceptance=source["needs_acceptance"],
        language=shown,
        title=written["title"],
        summary=written["summary"],
        sections=tuple(_section(each, facts) for each in written["sections"]),
    )


def to_accept() -> dict[str, date]:
    """The pages that people agree to, with their versions."""
    return {key: _source(key)["version"] for key in KEYS if _source(key)["needs_acceptance"]}


def document_versions() -> dict[str, date]:
    return {key: _source(key)["version"] for key in KEYS}


def _section(written: Mapping[str, str], facts: Mapping[str, str]) -> Section:
    text = written["text"].strip().format_map(facts)
    paragraphs = tuple(
        tuple(line.strip() for line in block.splitlines() if line.strip())
        for block in text.split("\n\n")
    )
    return Section(title=written["title"], paragraphs=paragraphs)


@cache
def _source(key: str) -> dict[str, Any]:
    if key not in KEYS:
        raise KeyError(key)
    return tomllib.loads((CONTENT / f"{key}.toml").read_text())
