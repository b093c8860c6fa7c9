"""What an owner changed: a festival kept on another day, left out, or added."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from local.business.engine import CATEGORIES, LANGUAGES
from local.occasions.engine.occasion import Occasion

OWN_GREETINGS = {
    "en": ("Warm wishes on {occasion} from {name}.",),
    "hi": ("{name} की ओर से {occasion} की शुभकामनाएँ।",),
    "hinglish": ("{name} ki taraf se {occasion} ki shubhkaamnayein.",),
    "mr": ("{name} परिवाराकडून हार्दिक शुभेच्छा. {occasion}.",),
}
OWN_WEIGHT = 3
OWN_PREPARATION_DAYS = 3


@dataclass(frozen=True)
class Override:
    """`action` is 'moved', 'muted' or 'added'. `year` is the year of the original date.

    `on` is the new date of a moved occasion and the date of an added one; `title` and
    `offers_allowed` belong to an added one.
    """

    action: str
    slug: str
    year: int
    on: date | None = None
    title: str = ""
    offers_allowed: bool = True


def apply_overrides(
    occasions: Iterable[Occasion], overrides: Iterable[Override]
) -> tuple[Occasion, ...]:
    """The occasions as the owner wants them. An override of another year changes nothing."""
    overrides = tuple(overrides)
    changes = {(each.slug, each.year): each for each in overrides if each.action != "added"}
    kept = (_changed(occasion, changes) for occasion in occasions)
    own = (_own(each) for each in overrides if each.action == "added")
    return tuple(each for each in kept if each is not None) + tuple(own)


def _changed(occasion: Occasion, changes: dict[tuple[str, int], Override]) -> Occasion | None:
    change = changes.get((occasion.slug, occasion.date.year))
    if change is None:
        return occasion
    if change.action == "muted":
        return None
    return replace(occasion, date=change.on, certain=True, moved_from=occasion.date)


def _own(override: Override) -> Occasion:
    greetings = {
        language: tuple(_with_title(line, override.title) for line in lines)
        for language, lines in OWN_GREETINGS.items()
    }
    return Occasion(
        slug=override.slug,
        date=override.on,
        days=1,
        names=dict.fromkeys(LANGUAGES, override.title),
        scope="city",
        kind="festive",
        certain=True,
        tone="warm",
        motif="ribbon",
        offers_allowed=override.offers_allowed,
        categories=dict.fromkeys(CATEGORIES, OWN_WEIGHT),
        preparation_days=dict.fromkeys(CATEGORIES, OWN_PREPARATION_DAYS),
        greetings=greetings,
        source="Added by the owner",
        is_own=True,
    )


def _with_title(line: str, title: str) -> str:
    """The owner's title may hold braces, which the writer would take for placeholders."""
    return line.replace("{occasion}", title.replace("{", "(").replace("}", ")"))
