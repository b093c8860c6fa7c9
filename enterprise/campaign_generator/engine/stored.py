"""Documents as JSON and back, and what tells one from another."""

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from enterprise.campaign_generator.engine.contracts import Document

DOCUMENT = TypeAdapter(Document)


def as_json(document: Document) -> dict[str, Any]:
    content: dict[str, Any] = DOCUMENT.dump_python(document, mode="json")
    return content


def from_json(content: dict[str, Any]) -> Document:
    return DOCUMENT.validate_python(content)


def hash_of(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
