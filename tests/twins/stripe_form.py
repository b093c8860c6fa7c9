"""What Stripe's calls and answers look like: nested forms, errors, lists and `expand`."""

import copy
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from twin_server import Refusal

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
DEEPEST_EXPANSION = 4


def refusal(
    status: int, message: str, *, code: str = "", param: str = "", kind: str = ""
) -> Refusal:
    kind = kind or ("api_error" if status >= 500 else "invalid_request_error")
    error = {"type": kind, "message": message}
    error |= {name: value for name, value in (("code", code), ("param", param)) if value}
    return Refusal(status, {"error": error})


def missing(what: str, number: str) -> Refusal:
    return refusal(404, f"No such {what}: '{number}'", code="resource_missing", param="id")


def parse(raw: str) -> dict[str, Any]:
    """`items[0][price]=x&expand[]=y` as {"items": [{"price": "x"}], "expand": ["y"]}."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        match = KEY.fullmatch(name)
        if not match:
            raise refusal(400, f"Invalid parameter: {name}", param=name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        _put(found, path, value)
    return _lists(found)


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        into = into.setdefault(name or str(len(into)), {})
        if not isinstance(into, dict):
            raise refusal(400, f"Invalid parameter: {name}", param=name)
    into[path[-1] or str(len(into))] = value


def _lists(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    inner = {name: _lists(value) for name, value in found.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def known(params: dict[str, Any], names: str) -> dict[str, Any]:
    """The parameters, when every one of them is of the documented names."""
    for name in params:
        if name not in {*names.split(), "expand"}:
            message = f"Received unknown parameter: {name}"
            raise refusal(400, message, code="parameter_unknown", param=name)
    return params


def needed(params: dict[str, Any], name: str) -> Any:
    if params.get(name) in (None, ""):
        raise refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def number(params: dict[str, Any], name: str, default: int | None = None) -> int:
    found = params.get(name, default)
    try:
        return int(needed({name: found}, name))
    except (TypeError, ValueError):
        raise refusal(400, f"Invalid integer: {found}", param=name) from None


def page_of(rows: list[dict[str, Any]], params: dict[str, Any], url: str) -> dict[str, Any]:
    """Newest first, as every list of Stripe's."""
    limit = min(max(number(params, "limit", 10), 1), 100)
    rows = rows[::-1]
    after = params.get("starting_after")
    if after:
        numbers = [row["id"] for row in rows]
        if after not in numbers:
            raise missing("object", str(after))
        rows = rows[numbers.index(after) + 1 :]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


def created_fits(row: dict[str, Any], params: dict[str, Any]) -> bool:
    wanted = params.get("created")
    if isinstance(wanted, dict):
        low, high = int(wanted.get("gte", 0)), int(wanted.get("lte", 1 << 60))
        return low <= row["created"] <= high
    return wanted is None or row["created"] == int(wanted)


def shown(thing: Any) -> Any:
    """A copy without what the twin keeps to itself (names that begin with _)."""
    if isinstance(thing, dict):
        return {name: shown(value) for name, value in thing.items() if name[:1] != "_"}
    return [shown(value) for value in thing] if isinstance(thing, list) else copy.copy(thing)


def expanded(answer: Any, params: dict[str, Any], look: Callable[[Any, str, str], Any]) -> Any:
    """The answer with its `expand` paths filled in; `look(holder, name, value)` finds one."""
    wanted = params.get("expand") or []
    for path in wanted if isinstance(wanted, list) else [wanted]:
        names = str(path).split(".")
        if len(names) > DEEPEST_EXPANSION:
            raise refusal(400, f"You cannot expand more than 4 levels: {path}", param="expand")
        _expand(answer, names, look)
    return answer


def _expand(holder: Any, names: list[str], look: Callable[[Any, str, str], Any]) -> None:
    if isinstance(holder, list):
        for one in holder:
            _expand(one, names, look)
        return
    if not isinstance(holder, dict) or not names:
        return
    name, rest = names[0], names[1:]
    value = holder.get(name)
    if not isinstance(value, dict | list):
        found = look(holder, name, value)
        if found is None:
            return
        holder[name] = value = shown(found)
    _expand(value, rest, look)
