"""The sentences of insights, per language, from content/insights.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from marketing_platform.core.text import indian_grouping

CONTENT = Path(__file__).parents[1] / "content"
LANGUAGES = ("en", "hi", "mr")
Texts = Mapping[str, Mapping[str, str]]


def texts_of(key: str, *, is_one: bool = False, **params: object) -> Texts:
    """Every sentence of `key` in every language, filled.

    A parameter that is a mapping of languages is taken in the sentence's own language. `is_one`
    takes a sentence's wording for a single one, where it has such a wording.
    """
    rows = content("insights")[key]
    return {
        language: {
            name: _wording(row, language, is_one).format(**_in(language, params))
            for name, row in rows.items()
        }
        for language in LANGUAGES
    }


def words(group: str, name: str) -> Mapping[str, str]:
    """One word of content/insights.toml in every language."""
    found: Mapping[str, str] = content("insights")["words"][group][name]
    return found


def rupees(paise: float) -> str:
    """'₹1,24,000', to whole rupees."""
    return f"₹{indian_grouping(round(paise / 100))}"


def _wording(row: Mapping[str, str], language: str, is_one: bool) -> str:
    return row.get(f"{language}_one", row[language]) if is_one else row[language]


def _in(language: str, params: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value[language] if isinstance(value, Mapping) else value
        for name, value in params.items()
    }


@cache
def content(name: str) -> dict:
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))
