"""Strict reading of what a gateway sends. Anything unexpected is a MalformedEvent."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.errors import MalformedEvent

DEEPEST = 64
# What programs exchange exactly; amounts, counts and times are far below.
LARGEST = 2**53
IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def storable_json(raw: bytes) -> Mapping[str, Any]:
    """The body as an object that PostgreSQL's jsonb takes: no NaN, no NUL, no lone surrogate.

    Nor deeper than anything a gateway sends: what can just be read here could not be written out
    again further down.
    """
    try:
        payload = json.loads(raw)
        again = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        again.encode()
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(what="body") from error
    # Somebody's note may well spell a NUL out; that is six letters and stays.
    if not isinstance(payload, dict) or "\\u0000" in again.replace("\\\\", ""):
        raise MalformedEvent(what="body")
    if _is_deep(payload):
        raise MalformedEvent(what="body")
    return payload


def _is_deep(payload: Any) -> bool:
    level = [payload]
    for _depth in range(DEEPEST):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    if not isinstance(found, dict):
        raise MalformedEvent(what=name)
    return found


def optional_part(row: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return None if row.get(name) is None else part(row, name)


def parts(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = row.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise MalformedEvent(what=name)
    return found


def text(row: Mapping[str, Any], name: str, longest: int = 100) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= longest:
        raise MalformedEvent(what=name)
    return found


def identifier(row: Mapping[str, Any], name: str) -> str:
    found = text(row, name)
    if not IDENTIFIER.fullmatch(found):
        raise MalformedEvent(what=name)
    return found


def whole(row: Mapping[str, Any], name: str) -> int:
    found = row.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST:
        raise MalformedEvent(what=name)
    return found


def moment(row: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(whole(row, name), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise MalformedEvent(what=name) from error


def moment_or_none(row: Mapping[str, Any], name: str) -> datetime | None:
    return None if row.get(name) is None else moment(row, name)
