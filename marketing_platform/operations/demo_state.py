"""Whether the database is migrated and holds the demo already, told without starting Django."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from marketing_platform.operations.environment import ROOT

_PREPARED_BY = ("**/migrations/*.py", "**/demo.py", "**/sample.py")
_PACKAGES = ("marketing_platform", "enterprise", "local", "billing")


def signature() -> str:
    """Of everything that preparing depends on: migrations, demo code, tiers, which server."""
    words = [os.environ.get(name, "") for name in ("PLATFORM_TIERS", "DATABASE_URL")]
    digest = hashlib.sha256("\0".join(words).encode())
    for package in _PACKAGES:
        for pattern in _PREPARED_BY:
            for path in sorted((ROOT / package).glob(pattern)):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def read(var: Path, wanted: str) -> dict[str, Any] | None:
    """What seeding answered last time, or None when it must be done (again)."""
    try:
        kept = json.loads((var / "demo.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return kept["demo"] if kept.get("signature") == wanted else None


def write(var: Path, wanted: str, demo: dict[str, Any]) -> None:
    """Holds the demo's API keys in clear, so only its owner may read it."""
    write_private(var / "demo.json", {"signature": wanted, "demo": demo})


def write_private(path: Path, content: dict[str, Any]) -> None:
    """JSON by rename, so that a reader sees all of it or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    partial.replace(path)
