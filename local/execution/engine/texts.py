"""The words of tasks, per language, from content/tasks.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from marketing_platform.core.money import Rupees

CONTENT = Path(__file__).parents[1] / "content"
LANGUAGES = ("en", "hi", "mr")
Texts = dict[str, dict[str, str]]


def texts_of(kind: str, **params: object) -> Texts:
    """title, why and skip in every language; a mapping of languages fills in its own."""
    rows = _content()[kind]
    return {
        language: {
            name: row[language].format(**_in(language, params)) for name, row in rows.items()
        }
        for language in LANGUAGES
    }


def effect_of(low_paise: int | None, high_paise: int | None) -> dict[str, str]:
    """What is expected, per language; says so when nothing is known."""
    effects = _content()["effects"]
    if low_paise is None or high_paise is None:
        return dict(effects["unknown"])
    shown = {"low": Rupees(low_paise).format(), "high": Rupees(high_paise).format()}
    return {language: text.format(**shown) for language, text in effects["range"].items()}


def _in(language: str, params: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value[language] if isinstance(value, Mapping) else value
        for name, value in params.items()
    }


@cache
def _content() -> dict:
    return tomllib.loads((CONTENT / "tasks.toml").read_text(encoding="utf-8"))
