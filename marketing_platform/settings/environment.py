"""Reading the environment once, loudly. Every name read here stands in .env.example (tested)."""

import base64
import os
import re

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it must be set and not empty."""
    found = os.environ.get(name, default)
    if found is None or (default is None and not found.strip()):
        raise ImproperlyConfigured(f"Set the environment variable {name} (see .env.example).")
    return found


def number(name: str, default: int) -> int:
    found = os.environ.get(name, "")
    if not found:
        return default
    try:
        return int(found)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {found!r}.") from error


def flag(name: str, default: bool) -> bool:
    found = os.environ.get(name, "").lower()
    if not found:
        return default
    if found not in {"1", "0", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {found!r}.")
    return found in {"1", "true", "yes"}


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    found = os.environ.get(name, "") or default
    if found not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {found!r}.")
    return found


def words(name: str, default: str = "") -> tuple[str, ...]:
    """A comma-separated list."""
    return tuple(part.strip() for part in os.environ.get(name, default).split(",") if part.strip())


def sealing_keys(name: str) -> tuple[str, ...]:
    """id:base64 pairs, each key 32 bytes, newest first; at least one."""
    text(name)
    found = words(name)
    ids = [pair.partition(":")[0] for pair in found]
    for pair in found:
        key_id, _colon, encoded = pair.partition(":")
        try:
            size = len(base64.b64decode(encoded, validate=True))
        except ValueError:
            size = 0
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", key_id) or size != 32 or ids.count(key_id) > 1:
            raise ImproperlyConfigured(
                f"{name} must be id:key pairs with different ids, each key 32 bytes in base64;"
                f" the one called {key_id[:40]!r} is not."
            )
    return found
