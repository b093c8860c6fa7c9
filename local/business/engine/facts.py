"""What engines may know about one business."""

from dataclasses import dataclass

LANGUAGES = ("en", "hi", "hinglish", "mr")
LANGUAGE_ALIASES = {"hi-latn": "hinglish"}
BUDGET_BANDS = ("unset", "up_to_500", "up_to_2000", "up_to_5000", "up_to_20000", "above_20000")


@dataclass(frozen=True)
class BusinessFacts:
    """One business. `city` and `category` are slugs, `state` a code as in `content/cities.toml`.

    The first of `languages` is the one its owner writes in most.
    """

    id: str
    name: str
    category: str
    city: str
    state: str
    languages: tuple[str, ...]
    phone: str = ""
    address: str = ""
    licence_number: str = ""
    primary_colour: str = "#9f1239"
    accent_colour: str = "#fde68a"
    monthly_budget_band: str = "unset"


def content_language(given: str) -> str:
    """The content language for a code as people write it (`hi-Latn` is Hinglish)."""
    lowered = given.strip().lower()
    return LANGUAGE_ALIASES.get(lowered, lowered)
