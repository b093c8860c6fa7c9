"""Messages to begin with, in the languages they were written in."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local.automation.whatsapp.engine.lint import Draft

CONTENT = Path(__file__).resolve().parents[1] / "content" / "starters.json"
LANGUAGES = ("en_IN", "hi", "mr")


@dataclass(frozen=True)
class Starter:
    """One message with its titles by interface language and texts by message language."""

    slug: str
    category: str
    titles: dict[str, str]
    bodies: dict[str, str]
    footers: dict[str, str]
    examples: dict[str, str]

    def draft(self, language: str) -> Draft:
        return Draft(
            name=self.slug,
            language=language,
            category=self.category,
            body=self.bodies[language],
            footer=self.footers[language],
            examples=self.examples,
        )


@cache
def starters() -> tuple[Starter, ...]:
    rows = json.loads(CONTENT.read_text(encoding="utf-8"))
    return tuple(
        Starter(
            slug=row["slug"],
            category=row["category"],
            titles=row["title"],
            bodies=row["body"],
            footers=row["footer"],
            examples=row["examples"],
        )
        for row in rows
    )


def starter_of(slug: str) -> Starter | None:
    return next((each for each in starters() if each.slug == slug), None)
