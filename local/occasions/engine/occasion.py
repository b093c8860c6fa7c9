"""What one occasion on one date looks like to the rest of the local tier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from marketing_platform.core.text import mark as _

KINDS = ("festive", "solemn", "civic", "commercial", "season")
MOTIFS = (
    "diya",
    "rangoli",
    "flower",
    "kite",
    "colour",
    "moon",
    "lamp",
    "leaf",
    "rain",
    "sun",
    "book",
    "heart",
    "ribbon",
    "none",
)
EXPECTED = {
    "en": "expected",
    "hi": "तारीख़ संभावित",
    "hinglish": "date sambhavit",
    "mr": "तारीख अपेक्षित",
}


@dataclass(frozen=True)
class Occasion:
    """A dated occasion in one place.

    `days` counts the days it lasts, `date` being the first. `certain` is False when the date
    follows the moon. `categories` holds a weight from 0 (skip) to 3 (a main day) and
    `preparation_days` the days to get ready, both by category slug. `greetings` hold
    `{name}` and `{city}` to be filled in.
    """

    slug: str
    date: date
    days: int
    names: Mapping[str, str] = field(hash=False)
    scope: str
    kind: str
    certain: bool
    tone: str
    motif: str
    offers_allowed: bool
    categories: Mapping[str, int] = field(hash=False)
    preparation_days: Mapping[str, int] = field(hash=False)
    greetings: Mapping[str, tuple[str, ...]] = field(hash=False)
    source: str
    reviewed_on: date | None = None
    moved_from: date | None = None
    is_own: bool = False

    @property
    def ends_on(self) -> date:
        return self.date + timedelta(days=self.days - 1)

    @property
    def date_note(self) -> str:
        """ "expected" when the date follows the moon, otherwise nothing."""
        return "" if self.certain else _("expected")

    def date_note_in(self, language: str) -> str:
        return "" if self.certain else EXPECTED[language]

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def weight_for(self, category: str) -> int:
        return self.categories.get(category, 0)

    def preparation_for(self, category: str) -> int:
        return self.preparation_days.get(category, 1)

    def covers(self, day: date) -> bool:
        return self.date <= day <= self.ends_on
