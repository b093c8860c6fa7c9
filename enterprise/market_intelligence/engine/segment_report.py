"""Findings about segments of deals, or which gate kept them back."""

from datetime import date

from enterprise.market_intelligence.engine import wording
from enterprise.market_intelligence.engine.contracts import Kind, Sentence
from enterprise.market_intelligence.engine.evidence import (
    ChartData,
    Effect,
    Finding,
    Grade,
    Refusal,
    Report,
    Shape,
    graded,
)
from enterprise.market_intelligence.engine.rupees import effect
from enterprise.market_intelligence.engine.segments import (
    FEWEST_CLOSED,
    FEWEST_DEALS,
    LEVEL,
    Segment,
    Segments,
    Trait,
)
from enterprise.market_intelligence.engine.sentences import format_value
from marketing_platform.core.text import mark as _

METHOD = (
    "latent classes of what is known early ({features}), number of groups {groups} by BIC; "
    "bootstrap adjusted Rand index {stability:.2f} (at least .6); win rates compared by a ratio "
    "with Katz's interval (Bonferroni over segments)"
)
COLUMNS = (_("Segment"), _("Won"), _("Lower end"), _("Upper end"), _("Deals"))


def segment_report(found: Segments | None, given: int, span: tuple[date, date] | None) -> Report:
    """``given``: deals with an amount; ``span``: first and last day of the deals' creation."""
    if found is None or span is None:
        values = (("least", str(FEWEST_DEALS)), ("given", str(given)))
        return Report((), (Refusal(wording.SEGMENTS, Sentence(wording.NEED_AMOUNTS, values)),))
    facts = {
        "groups": found.groups,
        "stability": found.stability,
        "belonging": found.belonging,
        "refused": found.refused,
        "bics": list(found.bics),
        "features": list(found.features),
    }
    if found.refused:
        return Report((), (Refusal(wording.SEGMENTS, _gate(found)),), facts)
    findings, refusals = [], ()
    for segment in found.segments:
        if segment.lift is not None:
            findings.append(_finding(found, segment, span))
    if len(findings) < len(found.segments):
        values = (("least", str(FEWEST_CLOSED)),)
        refusals = (Refusal(wording.SEGMENTS, Sentence(wording.NEED_CLOSED, values)),)
    return Report(tuple(findings), refusals, facts)


def _gate(found: Segments) -> Sentence:
    values = (
        ("deals", str(found.deals)),
        ("stability", f"{found.stability or 0:.2f}"),
        ("belonging", f"{100 * found.belonging:.0f} %"),
    )
    return Sentence(wording.GATES[found.refused], values)


def _finding(found: Segments, segment: Segment, span: tuple[date, date]) -> Finding:
    value, low, high = segment.lift
    clear = low > 1 or high < 1
    shown = (
        ("share", f"{100 * segment.win_rate.value:.1f} %"),
        *((name, f"{n:.2f}") for name, n in (("value", value), ("low", low), ("high", high))),
    )
    half = (high - low) / 2
    action = wording.COMPARE
    if clear:
        action = wording.MORE_HERE if low > 1 else wording.LESS_HERE
    sizes = (("deals", str(segment.deals)), ("open", str(segment.open_deals)))
    return Finding(
        key="|".join((Kind.SEGMENT, *(f"{each.feature}={each.word}" for each in segment.traits))),
        kind=Kind.SEGMENT,
        metric=wording.SEGMENTS,
        unit="ratio",
        heading=Sentence(wording.HEADINGS[Kind.SEGMENT], (), _named(segment)),
        wording=Sentence(wording.BETTER if clear else wording.NO_DIFFERENCE, shown),
        value=value,
        low=low,
        high=high,
        level=LEVEL,
        n=segment.win_rate.of,
        first_on=span[0],
        last_on=span[1],
        happened_on=span[1],
        method=METHOD.format(
            features=", ".join(found.features), groups=found.groups, stability=found.stability
        ),
        grade=graded(abs(value - 1) / half, segment.win_rate.of, enough=200) if clear else Grade.C,
        is_clear=clear,
        limits=Sentence(wording.LIMITS[Kind.SEGMENT]),
        action=Sentence(action),
        chart=_chart(segment),
        effect=_effect(segment) if clear else None,
        context=(Sentence(wording.SEGMENT_SIZE, sizes),),
    )


def _effect(segment: Segment) -> Effect | None:
    """What these deals bring beyond the win rate of the others, in thirteen weeks."""
    closed = segment.closed_in_year / 4
    if not closed:
        return None
    amounts = [part * segment.mean_paise * closed for part in segment.difference]
    count = ("count", f"{closed:.0f}")
    mean = ("amount", format_value(segment.mean_paise / 100, "INR"))
    return effect(*amounts, wording.SEGMENT_WORTH, count, mean)


def _named(segment: Segment) -> tuple[Sentence, ...]:
    return tuple(map(_trait, segment.traits)) or (Sentence(wording.MIXED),)


def _trait(trait: Trait) -> Sentence:
    if trait.feature in {"source", "region"}:
        is_source = trait.feature == "source"
        if trait.word == "other":
            return Sentence(wording.FROM_REST if is_source else wording.IN_REST)
        message = wording.FROM_SOURCE if is_source else wording.IN_REGION
        return Sentence(message, (("name", trait.word),))
    values = ()
    if trait.feature == "amount":
        values = (("value", format_value(trait.value / 100, "INR")),)
    elif trait.feature == "first_stage":
        values = (("value", f"{trait.value:.1f}"),)
    return Sentence(wording.TRAITS[trait.feature, trait.word], values)


def _chart(segment: Segment) -> ChartData:
    pairs = ((wording.THESE, segment.win_rate), (wording.OTHERS, segment.others_rate))
    rows = tuple((label, each.value, each.low, each.high, each.of) for label, each in pairs)
    return ChartData(Shape.BARS, "share", columns=COLUMNS, rows=rows)
