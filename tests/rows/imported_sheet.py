"""Sheets in the isolation world: each draft is a file that can be imported."""

from typing import Any

from marketing_platform.core import clock


def canary(letter: str) -> str:
    return f"CANARY-{letter}"


def _batch(key: int, letter: str) -> dict[str, Any]:
    is_draft = bool(key % 2)
    content = _sheet(key, letter)
    return {
        "state": "draft" if is_draft else "imported",
        "source_id": None if is_draft else key,
        "content": content if is_draft else None,
        "mapping": _mapping(content),
        "grain": "day",
        "first_on": None if is_draft else clock.today(),
        "last_on": None if is_draft else clock.today(),
    }


def _sheet(key: int, letter: str) -> bytes:
    lines = ["Day,Campaign,Cost"]
    lines += [f"2026-10-0{day},{canary(letter)}-{key},{day}00.00" for day in range(1, 8)]
    return "\n".join(lines).encode()


def _mapping(content: bytes) -> dict[str, Any]:
    from enterprise.data_sources.services import draft_create

    draft = draft_create(content=content, file_name="x.csv", actor_id=None, now=clock.now())
    mapping: dict[str, Any] = draft.mapping
    draft.delete()
    return mapping


OVERRIDES = {"enterprise_data_sources.ImportBatch": _batch}
