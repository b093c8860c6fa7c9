"""Reading the environment once, loudly. Every name read here stands in .env.example (tested)."""

import os

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


def words(name: str, default: str = "") -> tuple[str, ...]:
    """A comma-separated list."""
    return tuple(part.strip() for part in os.environ.get(name, default).split(",") if part.strip())
