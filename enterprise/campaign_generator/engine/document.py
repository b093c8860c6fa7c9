"""From what is asked to the whole document, and from a document to its next version."""

from dataclasses import replace

from enterprise.campaign_generator.engine.budget import grid_of
from enterprise.campaign_generator.engine.calendar import events
from enterprise.campaign_generator.engine.contracts import (
    Asked,
    Assumption,
    Audience,
    Document,
    Said,
    Slot,
    Target,
)
from enterprise.campaign_generator.engine.creatives import address, creatives
from enterprise.campaign_generator.engine.power import plan
from marketing_platform.core.text import mark as _
from marketing_platform.writing.contracts import Copywriter

STATED = Said(_("stated by you"))
OURS = Said(_("our method"))


def generate(asked: Asked, writer: Copywriter) -> Document:
    """Raises ValueError for weights or rates that cannot be; the edge has looked before."""
    grid = grid_of(asked.budget_paise, asked.channels, asked.shares, asked.first_on, asked.weeks)
    document = Document(
        name=asked.name,
        goal=asked.goal,
        facts=asked.facts,
        audience=asked.audience,
        target=_judged(asked, grid.by_channel),
        grid=grid,
        creatives=creatives(asked.facts, asked.channels, asked.name, writer),
        test=plan(asked.test, grid.total_paise, asked.weeks),
        events=events(grid.weeks, asked.facts.language),
        assumptions=(),
        allocation_id=asked.allocation_id,
    )
    return replace(document, assumptions=assumptions(document))


def edited(
    document: Document,
    *,
    name: str | None = None,
    landing_url: str | None = None,
    audience: Audience | None = None,
    target: float | None = None,
    paise: tuple[tuple[int, ...], ...] | None = None,
    texts: dict[str, tuple[Slot, ...]] | None = None,
) -> Document:
    """The document with other parts; what follows from them follows."""
    facts, grid = document.facts, document.grid
    if landing_url is not None:
        facts = replace(facts, landing_url=landing_url)
    if paise is not None:
        grid = replace(grid, paise=paise)
    name = document.name if name is None else name
    changed = replace(
        document,
        name=name,
        facts=facts,
        grid=grid,
        audience=audience or document.audience,
        target=document.target if target is None else replace(document.target, value=target),
        creatives=tuple(
            replace(
                one,
                slots=(texts or {}).get(one.channel, one.slots),
                url=address(facts, one.channel, name),
            )
            for one in document.creatives
        ),
        test=plan(document.test.asked, grid.total_paise, len(grid.weeks)),
    )
    return replace(changed, assumptions=assumptions(changed))


def assumptions(document: Document) -> tuple[Assumption, ...]:
    """What the numbers rest on, each with where it comes from."""
    found = [Assumption(Said(_("A channel's budget is spread evenly over the weeks.")), OURS)]
    if document.target.low is not None:
        said = Said(_("The expected range adds the channels' ranges, so it is on the wide side."))
        source = Said(_("budget proposal of %(run)s"), (("run", document.target.run_hash[:12]),))
        found.append(Assumption(said, source))
    if document.audience.size is not None and document.audience.source == "stated":
        size = Said(_("The audience has %(n)s people."), (("n", document.audience.size),))
        found.append(Assumption(size, STATED))
    asked = document.test.asked
    if asked.base_rate is not None:
        rate = (("percent", f"{asked.base_rate * 100:.4g}"),)
        found.append(Assumption(Said(_("%(percent)s in 100 visits convert today."), rate), STATED))
    if asked.visit_paise:
        price = Said(_("A visit costs %(visit_paise)s."), (("visit_paise", asked.visit_paise),))
        found.append(Assumption(price, STATED))
    return tuple(found)


def _judged(asked: Asked, by_channel: tuple[int, ...]) -> Target:
    if asked.target.low is None:
        return asked.target
    return replace(asked.target, judged_paise=by_channel)
