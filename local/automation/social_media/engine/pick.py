"""What the day's post is about: one ordered list of picks per business and day.

Order: a solemn day, today's occasion, a coming occasion on its posting days, a consented result,
the owner's offer on its days, then ideas by rotation. A variant walks down the list. Everything
follows from the business id and the date: nothing is remembered and nothing is random.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import gcd

from local.automation.social_media.engine import policy, seed
from local.automation.social_media.engine.contracts import (
    ConsentedResult,
    OwnerBook,
    OwnerOffer,
    Pick,
)
from local.automation.social_media.engine.library import (
    REASON_LANGUAGES,
    Idea,
    TradeLibrary,
    date_text,
    trade_library,
    wording,
)
from local.business.engine import BusinessFacts
from local.occasions.engine import Occasion

POSTING_DAYS_AHEAD = (7, 3, 1)
LEAST_WEIGHT_TODAY = 1
LEAST_WEIGHT_COMING = 2
QUIET_PILLARS = frozenset({"tip", "question", "people", "behind_the_scenes", "hours"})
OFFER_DAYS_PER_PERIOD = 3  # of 10 or more days: at most 30 % of posts are offers
RESULT_PERIOD = 7
REASON_BY_KIND = {"season": "reason_season", "commercial": "reason_commercial"}
RESULT_SHOWN_FOR = timedelta(days=365)


@dataclass(frozen=True)
class DaySituation:
    """All that a pick depends on. `occasions` cover the day and what can be prepared for;
    `book` holds only offers that the policy cleared."""

    facts: BusinessFacts
    day: date
    occasions: tuple[Occasion, ...] = ()
    book: OwnerBook = field(default_factory=OwnerBook)

    @property
    def today(self) -> tuple[Occasion, ...]:
        return tuple(each for each in self.occasions if each.covers(self.day))

    @property
    def allows_offers(self) -> bool:
        return all(each.offers_allowed and each.kind != "solemn" for each in self.today)


def pick(situation: DaySituation, variant: int = 0) -> Pick:
    """The pick of a variant; after the last one the list begins again."""
    found = picks(situation)
    return found[variant % len(found)]


def picks(situation: DaySituation) -> tuple[Pick, ...]:
    """Every pick of the day, best first, each once."""
    found: dict[str, Pick] = {}
    for each in _in_order(situation):
        found.setdefault(each.key, each)
    return tuple(found.values())


def _in_order(situation: DaySituation) -> Iterator[Pick]:
    yield from _solemn(situation)
    if situation.allows_offers:
        yield from _occasions_today(situation)
        yield from _occasions_coming(situation)
        yield from _results(situation)
        yield from _offers(situation)
    else:
        yield from _occasions_today(situation)
    yield from _ideas(situation)


def _solemn(situation: DaySituation) -> Iterator[Pick]:
    for occasion in situation.today:
        if occasion.kind == "solemn" and occasion.date == situation.day:
            yield _occasion_pick("occasion", occasion, situation, "reason_solemn")


def _occasions_today(situation: DaySituation) -> Iterator[Pick]:
    category = situation.facts.category
    candidates = [
        each
        for each in situation.today
        if each.kind != "solemn"
        and each.weight_for(category) >= LEAST_WEIGHT_TODAY
        and _speaks_on(each, situation.day)
    ]
    candidates.sort(key=lambda each: (each.kind == "season", -each.weight_for(category), each.slug))
    for occasion in candidates:
        usual = "reason_occasion" if occasion.certain else "reason_expected"
        reason = REASON_BY_KIND.get(occasion.kind, usual)
        yield _occasion_pick("occasion", occasion, situation, reason)


def _speaks_on(occasion: Occasion, day: date) -> bool:
    """A long occasion is a post now and then, not every day."""
    passed = (day - occasion.date).days
    if occasion.kind == "commercial":
        return passed == 0
    return passed % (7 if occasion.kind == "season" or occasion.days > 10 else 4) == 0


def _occasions_coming(situation: DaySituation) -> Iterator[Pick]:
    """What people plan for now. A clinic may inform but not solicit, so it gets none of this."""
    category = situation.facts.category
    if not policy.may_solicit(category):
        return
    candidates = []
    for occasion in situation.occasions:
        ahead = (occasion.date - situation.day).days
        wanted = occasion.kind in ("festive", "commercial")
        if wanted and occasion.weight_for(category) >= LEAST_WEIGHT_COMING and ahead > 0:
            days = {*POSTING_DAYS_AHEAD, occasion.preparation_for(category)}
            if ahead in days and ahead <= occasion.preparation_for(category):
                candidates.append((-occasion.weight_for(category), ahead, occasion.slug, occasion))
    for _, ahead, _, occasion in sorted(candidates, key=lambda row: row[:3]):
        reason = "reason_tomorrow" if ahead == 1 else "reason_coming"
        if not occasion.certain:
            reason += "_expected"
        yield _occasion_pick("coming", occasion, situation, reason)


def _occasion_pick(kind: str, occasion: Occasion, situation: DaySituation, reason: str) -> Pick:
    days = max(0, (occasion.date - situation.day).days)
    library = trade_library(situation.facts.category)
    return Pick(
        kind=kind,
        key=f"{kind}:{occasion.slug}",
        pillar="festival",
        reasons={
            language: wording()[reason][language]
            .replace("{occasion}", occasion.name_in(language))
            .replace("{days}", str(days))
            .replace("{trade}", library.labels[language])
            for language in REASON_LANGUAGES
        },
        occasion=occasion.slug,
        days_until=days,
    )


def _results(situation: DaySituation) -> Iterator[Pick]:
    usable = [each for each in situation.book.results if _is_shown(each, situation.day)]
    turn = situation.day.toordinal() + seed.number(situation.facts.id, "results")
    if usable and turn % RESULT_PERIOD == 0:
        result = usable[(turn // RESULT_PERIOD) % len(usable)]
        yield Pick(
            kind="result",
            key=f"result:{result.id}",
            pillar="proof",
            reasons={
                language: wording()["reason_result"][language].replace("{student}", result.student)
                for language in REASON_LANGUAGES
            },
            result_id=result.id,
        )


def _is_shown(result: ConsentedResult, day: date) -> bool:
    return result.is_usable and result.consent_on <= day < result.result_on + RESULT_SHOWN_FOR


def _offers(situation: DaySituation) -> Iterator[Pick]:
    running = [offer for offer in situation.book.offers if offer.runs_on(situation.day)]
    library = trade_library(situation.facts.category)
    if not running or not library.offer:
        return
    turn = situation.day.toordinal() + seed.number(situation.facts.id, "offers")
    period = coprime_period(len(_plain_ideas(library)), (10, 11, 13))
    slots = (0, period // 3, 2 * period // 3)[:OFFER_DAYS_PER_PERIOD]
    if turn % period in slots:
        offer = running[
            (turn // period * OFFER_DAYS_PER_PERIOD + slots.index(turn % period)) % len(running)
        ]
        yield _offer_pick(offer)


def _offer_pick(offer: OwnerOffer) -> Pick:
    return Pick(
        kind="offer",
        key=f"offer:{offer.id}",
        pillar="offer",
        reasons={
            language: wording()["reason_offer"][language].replace(
                "{until}", date_text(offer.valid_until, language)
            )
            for language in REASON_LANGUAGES
        },
        offer_id=offer.id,
    )


def coprime_period(pool: int, choices: Sequence[int]) -> int:
    """The first period without a common divisor with the pool's size, so that a recurring
    offer or season day never falls on the same idea every time."""
    return next((period for period in choices if gcd(period, pool) == 1), choices[-1])


def _ideas(situation: DaySituation) -> Iterator[Pick]:
    """Today's idea by rotation, then those whose own day is furthest away."""
    library = trade_library(situation.facts.category)
    plain = _rotation(situation, _plain_ideas(library))
    seasonal = _seasonal_today(situation, library, len(plain))
    far = len(plain) // 2
    order = [*seasonal, *plain[:1], *plain[far:], *reversed(plain[1:far])]
    order += [idea for idea in library.ideas if idea.is_seasonal and idea.fits(situation.day)]
    for idea in order:
        if situation.allows_offers or idea.pillar in QUIET_PILLARS:
            yield Pick(
                kind="idea",
                key=f"idea:{idea.id}",
                pillar=idea.pillar,
                reasons=idea.reasons,
                idea_id=idea.id,
            )


def _plain_ideas(library: TradeLibrary) -> tuple[Idea, ...]:
    return tuple(idea for idea in library.ideas if not idea.is_seasonal)


def _rotation(situation: DaySituation, pool: Sequence[Idea]) -> list[Idea]:
    """The business's own fixed order, turned to the day: no idea before all others were due."""
    order = seed.shuffled(sorted(pool, key=lambda idea: idea.id), situation.facts.id, "ideas")
    start = situation.day.toordinal() % len(order)
    return [*order[start:], *order[:start]]


def _seasonal_today(
    situation: DaySituation, library: TradeLibrary, plain_count: int
) -> Iterable[Idea]:
    """Every third day or so belongs to what only this month or weekday can say."""
    month_pool = [
        idea
        for idea in library.ideas
        if idea.is_seasonal and (not idea.months or situation.day.month in idea.months)
    ]
    period = coprime_period(plain_count, (3, 4, 5))
    turn = situation.day.toordinal() + seed.number(situation.facts.id, "season")
    if not month_pool or turn % period:
        return ()
    order = seed.shuffled(
        sorted(month_pool, key=lambda idea: idea.id), situation.facts.id, "season"
    )
    idea = order[(turn // period) % len(order)]
    return (idea,) if idea.fits(situation.day) else ()
