from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from local.business.engine import BusinessFacts
from local.occasions.engine import Occasion, Override, definition_of, occasions_between
from local.occasions.models import OccasionOverride


@dataclass(frozen=True)
class Change:
    """One change as the occasions page lists it, with the slug and year that undo it."""

    slug: str
    year: int
    action: str
    names: dict[str, str]
    on: date | None


def overrides_of_workspace() -> tuple[Override, ...]:
    """The changes of the acting workspace."""
    return tuple(_override(row) for row in OccasionOverride.objects.all())


def occasions_for(
    facts: BusinessFacts,
    start: date,
    end: date,
    *,
    overrides: Iterable[Override] | None = None,
) -> tuple[Occasion, ...]:
    """Occasions from `start` to `end` that matter to this business, as its owner wants them.

    Reads the acting workspace's changes unless they are handed in.
    """
    chosen = overrides_of_workspace() if overrides is None else overrides
    return occasions_between(
        start,
        end,
        state=facts.state,
        city=facts.city,
        category=facts.category,
        overrides=chosen,
    )


def changes_of_workspace() -> tuple[Change, ...]:
    return tuple(_change(row) for row in OccasionOverride.objects.all())


def _change(row: OccasionOverride) -> Change:
    definition = definition_of(row.slug)
    names = dict(definition.names) if definition else {"en": row.title or row.slug}
    return Change(slug=row.slug, year=row.year, action=row.action, names=names, on=row.on)


def _override(row: OccasionOverride) -> Override:
    return Override(
        action=row.action,
        slug=row.slug,
        year=row.year,
        on=row.on,
        title=row.title,
        offers_allowed=row.offers_allowed,
    )
