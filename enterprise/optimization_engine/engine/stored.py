"""Contracts to JSON and back. The types of the dataclasses are the schema."""

import types
import typing
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar

Kind = TypeVar("Kind")
DIGITS = 7


def to_json(value: Any) -> Any:
    """Numbers keep seven significant digits: more than any of them is known to."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: to_json(each) for key, each in asdict(value).items()}
    if isinstance(value, dict):
        return {key: to_json(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value


def from_json(kind: type[Kind], stored: Any) -> Kind:
    """Raises KeyError or TypeError when `stored` was written by another shape of `kind`."""
    return _read(kind, stored)


def _read(kind: Any, stored: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _read_union(typing.get_args(kind), stored)
    if origin is tuple:
        inner = typing.get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], each) for each in stored)
        return tuple(_read(of, each) for of, each in zip(inner, stored, strict=True))
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{f.name: _read(hints[f.name], stored[f.name]) for f in fields(kind)})
    if kind is date:
        return date.fromisoformat(stored)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(stored)
    return float(stored) if kind is float else stored


def _read_union(kinds: tuple[Any, ...], stored: Any) -> Any:
    if stored is None:
        return None
    rest = [kind for kind in kinds if kind is not type(None)]
    return _read(rest[0], stored) if len(rest) == 1 else stored


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
