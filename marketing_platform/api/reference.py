"""The OpenAPI description as facts for a page: groups of calls, their fields and examples.

Reads what drf-spectacular makes (OpenAPI 3.0); what it leaves out is left out.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/"


@dataclass(frozen=True)
class Part:
    """A paragraph (`words`: plain and code in turn), or a block of code."""

    code: str = ""
    words: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Field:
    """`kind` is what it may be, such as "text", "list of Post" or "one of a, b"."""

    name: str
    kind: str
    is_required: bool
    text: str
    place: str = ""


@dataclass(frozen=True)
class Answer:
    status: str
    text: str
    kind: str
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True)
class Call:
    """`anchor` stays: the method and the path."""

    anchor: str
    method: str
    path: str
    title: str
    parts: tuple[Part, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_kind: str
    body_example: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Group:
    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Reference:
    title: str
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.calls) for group in self.groups)


def reference_of(schema: Mapping[str, Any]) -> Reference:
    """Groups by the path's part after /api/, in the order of their names."""
    objects = schema.get("components", {}).get("schemas", {})
    groups: dict[str, list[Call]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                call = _call(path, method, methods[method], objects)
                groups.setdefault(_group(path), []).append(call)
    info = schema["info"]
    return Reference(
        title=info["title"],
        parts=_parts(info.get("description", "")),
        groups=tuple(Group(name, tuple(calls)) for name, calls in sorted(groups.items())),
    )


def _group(path: str) -> str:
    """Two parts for the tiers' own (local/customers), one for what both have (billing)."""
    parts = [part for part in path.removeprefix("/api/").split("/") if not part.startswith("{")]
    return "/".join(parts[:2] if parts[0] in {"local", "enterprise"} else parts[:1])


def _call(path: str, method: str, told: Mapping[str, Any], objects: Mapping[str, Any]) -> Call:
    kind, content = _content(told.get("requestBody", {}).get("content", {}))
    return Call(
        anchor=re.sub(r"[^a-z0-9]+", "-", f"{method}{path.lower()}").strip("-"),
        method=method.upper(),
        path=path,
        title=told.get("summary") or path,
        parts=_parts(told.get("description", "")),
        parameters=tuple(_parameter(row, objects) for row in told.get("parameters", ())),
        body=_fields(content.get("schema", {}), objects),
        body_kind=_named(content.get("schema", {}), objects) if content else "",
        body_example=_example(content) if kind != "multipart/form-data" else "",
        answers=tuple(
            _answer(status, answer, objects) for status, answer in told["responses"].items()
        ),
    )


def _answer(status: str, told: Mapping[str, Any], objects: Mapping[str, Any]) -> Answer:
    kind, content = _content(told.get("content", {}))
    shape = content.get("schema", {})
    named = _named(shape, objects) if content else ""
    if shape.get("format") == "binary":
        named = kind
    return Answer(
        status=status,
        text=told.get("description", ""),
        kind=named,
        fields=_fields(shape, objects),
        example=_example(content),
    )


def _content(kinds: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """JSON where there is a choice."""
    for kind in ("application/json", *kinds):
        if kind in kinds:
            return kind, kinds[kind]
    return "", {}


def _example(content: Mapping[str, Any]) -> str:
    for each in content.get("examples", {}).values():
        if "value" in each:
            return json.dumps(each["value"], indent=2, ensure_ascii=False)
    return ""


def _parameter(told: Mapping[str, Any], objects: Mapping[str, Any]) -> Field:
    return Field(
        name=told["name"],
        kind=_named(told.get("schema", {}), objects),
        is_required=bool(told.get("required")),
        text=told.get("description", ""),
        place=told["in"],
    )


def _fields(shape: Mapping[str, Any], objects: Mapping[str, Any]) -> tuple[Field, ...]:
    """Of an object, or of the objects in a list."""
    shape = _resolved(shape, objects)
    if shape.get("type") == "array":
        shape = _resolved(shape.get("items", {}), objects)
    required = set(shape.get("required", ()))
    return tuple(
        Field(
            name,
            _named(row, objects),
            name in required,
            row.get("description", "") or _resolved(row, objects).get("description", ""),
        )
        for name, row in shape.get("properties", {}).items()
    )


def _resolved(shape: Mapping[str, Any], objects: Mapping[str, Any]) -> Mapping[str, Any]:
    """Behind a reference; `allOf` of one is that one."""
    for _depth in range(5):
        if "$ref" in shape:
            shape = objects.get(shape["$ref"].removeprefix(REF), {})
        elif len(shape.get("allOf", ())) == 1:
            shape = shape["allOf"][0]
        else:
            break
    return shape


def _named(shape: Mapping[str, Any], objects: Mapping[str, Any]) -> str:
    real = _resolved(shape, objects)
    suffix = " or null" if shape.get("nullable") or real.get("nullable") else ""
    if "enum" in real:
        values = [str(value) for value in real["enum"] if value not in (None, "")]
        return f"one of {', '.join(values)}{suffix}"
    if "oneOf" in real:
        names = dict.fromkeys(_named(each, objects) for each in real["oneOf"])
        return f"{' or '.join(names)}{suffix}"
    kind = real.get("type", "")
    if kind == "array":
        return f"list of {_named(real.get('items', {}), objects)}{suffix}"
    if kind == "object" or "properties" in real:
        name = shape.get("$ref", "").removeprefix(REF)
        return f"{name or 'object'}{suffix}"
    words = {"string": real.get("format") or "text", "integer": "whole number", "": "anything"}
    return f"{words.get(kind, kind)}{suffix}"


def _parts(text: str) -> tuple[Part, ...]:
    """Fences of three are code, single ones code in a line, an empty line ends a paragraph."""
    found: list[Part] = []
    for place, piece in enumerate(text.split("```")):
        if place % 2:
            found.append(Part(code=piece.strip("\n")))
            continue
        for paragraph in re.split(r"\n\s*\n", piece):
            if paragraph.strip():
                words = re.sub(r"\s+", " ", paragraph).split("`")
                pairs = ((part, bool(at % 2)) for at, part in enumerate(words))
                found.append(Part(words=tuple((part, is_code) for part, is_code in pairs if part)))
    return tuple(found)
