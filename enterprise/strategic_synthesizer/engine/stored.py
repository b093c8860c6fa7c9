"""Briefs as JSON and back, and what tells one from another."""

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from enterprise.strategic_synthesizer.engine.contracts import Brief, Evidence
from enterprise.strategic_synthesizer.engine.numbers import shown
from enterprise.strategic_synthesizer.engine.rendering import Figure

BRIEF = TypeAdapter(Brief)


def as_json(brief: Brief) -> dict[str, Any]:
    content: dict[str, Any] = BRIEF.dump_python(brief, mode="json")
    return content


def from_json(content: dict[str, Any]) -> Brief:
    return BRIEF.validate_python(content)


def hash_of(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed(before: Brief, now: Brief) -> list[tuple[Evidence, Evidence]]:
    """Values of the same thing that read differently from the brief before: (before, now)."""
    old, new = _by_thing(before), _by_thing(now)
    pairs = [(old[thing], each) for thing, each in new.items() if thing in old]
    return [
        (was, each)
        for was, each in pairs
        if shown(was, Figure(was.id), "en") != shown(each, Figure(each.id), "en")
    ]


def _by_thing(brief: Brief) -> dict[tuple, Evidence]:
    """What cannot be told from something else in the same brief is left out."""
    things = [
        (each.metric, each.about, each.group, each.unit, each.happened_on)
        for each in brief.evidence
    ]
    return {
        thing: each
        for thing, each in zip(things, brief.evidence, strict=True)
        if things.count(thing) == 1
    }
