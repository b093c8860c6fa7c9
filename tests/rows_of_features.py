"""What each feature tells the tests that walk over everything: tests/rows/<feature>.py.

WORKSPACE, LOCAL, ENTERPRISE, PUBLIC, ADMIN: routes with a Row each (tests/isolation/kinds.py).
OVERRIDES: model label → (key, letter) → values, where its constraints need them; ONE_ROW: labels of
models with a single row; OWNED: public models → (tenant) → values.
fill_local(name, picture), fill_enterprise(name, picture): a row in each workspace table of the
feature, for the restore drill; fill_workspace is called in both tiers.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent / "rows"


def features() -> list[ModuleType]:
    return [import_module(f"tests.rows.{path.stem}") for path in sorted(FOLDER.glob("*.py"))]


def rows_of(name: str) -> dict[str, Any]:
    """What all features say under this name, in one table; a key said twice is an error."""
    found: dict[str, Any] = {}
    for feature in features():
        rows = getattr(feature, name, {})
        again = found.keys() & rows.keys()
        if again:
            raise ValueError(f"{feature.__name__}.{name} says again: {sorted(again)}")
        found |= rows
    return found


def names_of(name: str) -> set[str]:
    return {each for feature in features() for each in getattr(feature, name, ())}


def fill(name: str, *arguments: Any) -> None:
    for feature in features():
        if hasattr(feature, name):
            getattr(feature, name)(*arguments)
