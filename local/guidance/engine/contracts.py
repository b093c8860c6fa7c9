"""A guide: one task by hand, in steps, with proof at the end. Plain Python.

Texts are mappings from language to text. English is always there; another language is there in
every text of a guide or in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

EVIDENCE_KINDS = ("photo", "url", "number", "tick")
TOOLS = ("", "review_card", "whatsapp_card")
FALLBACK_LANGUAGE = "en"
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Evidence:
    """What ends the guide. `hosts` for a url, `most` for a number; `help` may be empty."""

    kind: str
    label: Texts = field(hash=False)
    help: Texts = field(hash=False)
    hosts: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True)
class Step:
    """`link` leads outside (https, or a place such as {review_link}), `path` into the product."""

    key: str
    text: Texts = field(hash=False)
    hint: Texts = field(hash=False)
    check: Texts = field(hash=False)
    link: str = ""
    path: str = ""


@dataclass(frozen=True)
class Fail:
    symptom: Texts = field(hash=False)
    fix: Texts = field(hash=False)


@dataclass(frozen=True)
class Guide:
    """`kinds` are the tasks it does by hand; `version` changes with any word of it."""

    slug: str
    kinds: tuple[str, ...]
    icon: str
    minutes: int
    verified_on: date
    sources: tuple[str, ...]
    tool: str
    languages: tuple[str, ...]
    title: Texts = field(hash=False)
    summary: Texts = field(hash=False)
    keywords: Mapping[str, tuple[str, ...]] = field(hash=False)
    evidence: Evidence
    steps: tuple[Step, ...]
    fails: tuple[Fail, ...]
    version: str


@dataclass(frozen=True)
class Progress:
    """How far a run is: when it began, what is ticked, when it was finished."""

    run_id: str
    version: str
    started_at: datetime
    finished_at: datetime | None
    ticked: frozenset[str]


@dataclass(frozen=True)
class StepShown:
    key: str
    number: int
    text: str
    hint: str
    check: str
    link: str
    path: str
    is_done: bool


@dataclass(frozen=True)
class FailShown:
    symptom: str
    fix: str


@dataclass(frozen=True)
class EvidenceShown:
    kind: str
    label: str
    help: str
    hosts: tuple[str, ...]
    most: int


@dataclass(frozen=True)
class GuideShown:
    """A guide in one language with the progress of the run that is open, if any.

    `is_fallback` says that the language asked for is missing and English is shown. `current` is
    the key of the first step without a tick. `is_changed`: its words changed since the start.
    """

    slug: str
    language: str
    is_fallback: bool
    icon: str
    title: str
    summary: str
    minutes: int
    verified_on: date
    sources: tuple[str, ...]
    tool: str
    kinds: tuple[str, ...]
    version: str
    steps: tuple[StepShown, ...]
    evidence: EvidenceShown
    fails: tuple[FailShown, ...]
    run_id: str
    is_started: bool
    is_changed: bool
    done_count: int
    current: str


@dataclass(frozen=True)
class GuideRow:
    """A guide in the list; `finished_at` is the last time it was finished."""

    slug: str
    icon: str
    title: str
    summary: str
    minutes: int
    step_count: int
    done_count: int
    is_started: bool
    finished_at: datetime | None


@dataclass(frozen=True)
class Proof:
    """What the owner hands in; what the guide does not ask for is ignored."""

    url: str = ""
    number: int | None = None
    tick: bool = False
