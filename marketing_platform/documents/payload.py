"""What a template is handed: the caller's payload, with text that can be drawn and colours
that can be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marketing_platform.documents.colour import palette_fields
from marketing_platform.documents.fonts import covered_text


def prepared(payload: Mapping[str, Any], *, file_names: list[str], font_dir: Path) -> dict:
    """The payload as the template reads it.

    Every string is reduced to what the fonts cover. `palette` is added when the payload has
    `primary_colour`; `files` lists the names under which the template finds pictures.
    """
    drawable = _drawable(dict(payload), font_dir)
    if "primary_colour" in payload:
        primary, accent = payload["primary_colour"], payload.get("accent_colour")
        drawable["palette"] = palette_fields(primary or "", accent or "")
    return {**drawable, "files": file_names}


def _drawable(value: Any, font_dir: Path) -> Any:
    if isinstance(value, str):
        return "\n".join(covered_text(line, font_dir=font_dir) for line in value.split("\n"))
    if isinstance(value, Mapping):
        return {key: _drawable(item, font_dir) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_drawable(item, font_dir) for item in value]
    return value
