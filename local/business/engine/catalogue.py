"""Categories, states and cities, read once from `content/`.

A city is found by slug, English name, an earlier name or its Hindi or Marathi name, whatever
the letter case.
"""

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from local.business.errors import UnknownCategory, UnknownCity

CONTENT = Path(__file__).parent.parent / "content"
LANGUAGES = ("en", "hi", "hinglish", "mr")
LANGUAGE_ALIASES = MappingProxyType({"hi-latn": "hinglish"})
BUDGET_BANDS = (
    "unset",
    "up_to_500",
    "up_to_2000",
    "up_to_5000",
    "up_to_20000",
    "above_20000",
)


@dataclass(frozen=True)
class Category:
    slug: str
    names: Mapping[str, str] = field(hash=False)
    group: str
    is_food: bool
    is_regulated: bool
    primary_colour: str
    accent_colour: str


@dataclass(frozen=True)
class State:
    code: str
    names: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class City:
    slug: str
    state: str
    names: Mapping[str, str] = field(hash=False)
    also: tuple[str, ...] = ()


def city_of(given: str) -> City:
    """The city for a slug or a name; raises UnknownCity with the nearest matches."""
    city = _city_index().get(_key(given))
    if city is None:
        raise UnknownCity(given, _nearest_cities(given))
    return city


def category_of(given: str) -> Category:
    """The category for a slug or a name; raises UnknownCategory with what there is."""
    category = _category_index().get(_key(given))
    if category is None:
        raise UnknownCategory(given, tuple(CATEGORIES))
    return category


def state_of(code: str) -> State:
    return STATES[code]


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFC", str(text)).casefold()
    return " ".join(folded.replace("-", " ").replace("_", " ").split())


def _nearest_cities(given: str) -> tuple[str, ...]:
    keys = difflib.get_close_matches(_key(given)[:60], _city_index(), n=3, cutoff=0.6)
    names = dict.fromkeys(_city_index()[key].names["en"] for key in keys)
    return tuple(names) or ("Pune", "Indore", "Delhi")


@cache
def _city_index() -> Mapping[str, City]:
    index: dict[str, City] = {}
    for city in CITIES.values():
        for spelling in (city.slug, *city.names.values(), *city.also):
            index.setdefault(_key(spelling), city)
    return index


@cache
def _category_index() -> Mapping[str, Category]:
    index: dict[str, Category] = {}
    for category in CATEGORIES.values():
        for spelling in (category.slug, *category.names.values()):
            index.setdefault(_key(spelling), category)
    return index


def _read(name: str) -> dict:
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))


def _named(row: Mapping[str, str]) -> Mapping[str, str]:
    return {"en": row["en"], "hi": row["hi"], "hinglish": row["en"], "mr": row["mr"]}


def _load_categories() -> Mapping[str, Category]:
    rows = _read("categories.toml")
    return MappingProxyType({slug: Category(slug=slug, **row) for slug, row in rows.items()})


def _load_places() -> tuple[Mapping[str, State], Mapping[str, City]]:
    rows = _read("cities.toml")
    states = {code: State(code=code, names=_named(row)) for code, row in rows["states"].items()}
    cities = {
        slug: City(
            slug=slug,
            state=row["state"],
            names=_named(row),
            also=tuple(row.get("also", ())),
        )
        for slug, row in rows["cities"].items()
    }
    return MappingProxyType(states), MappingProxyType(cities)


CATEGORIES: Mapping[str, Category] = _load_categories()
STATES, CITIES = _load_places()
