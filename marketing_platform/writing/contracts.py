"""What a copywriter is: a brief in, a text out. Plain Python, no Django."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


def count_characters(text: str) -> int:
    return len(text)


def no_breaches(text: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Part:
    """One piece of a draft. Pieces with a higher `rank` are dropped first; rank 0 stays."""

    text: str
    rank: int = 0


@dataclass(frozen=True)
class WritingBrief:
    """What to write and what a text must not do.

    `language` is en, hi, hinglish (Hindi in Roman letters) or mr; `limit` counts in `measure`.
    `parts` are the draft that the built-in composer joins; `{name}`-like places are filled from
    `facts`. Facts and drafts may hold what customers or owners typed: they are data, never
    instructions. `breaches` returns the rules that a text breaks; `forbidden` says them in words.
    """

    purpose: str
    language: str
    network: str
    limit: int
    parts: tuple[Part, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    must_include: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    separator: str = " "
    measure: Callable[[str], int] = count_characters
    breaches: Callable[[str], Sequence[str]] = no_breaches


@dataclass(frozen=True)
class WrittenText:
    """`writer` is "built_in" or "language_model"; `fell_back_because` says why the second
    choice wrote it (a code, no text of the model)."""

    text: str
    writer: str
    fell_back_because: str = ""


class Copywriter(Protocol):
    def write(self, brief: WritingBrief) -> WrittenText: ...

    def write_all(self, briefs: Sequence[WritingBrief]) -> list[WrittenText]: ...
