"""The day's captions for every network and language, each within its limit and policy.

Pure: facts, occasions and the owner's book come in, frozen captions and poster words go out.
The copywriter is handed in; what it writes is judged like everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from local.automation.social_media.engine import policy
from local.automation.social_media.engine.contracts import (
    Breach,
    Caption,
    DailyContentRequest,
    OwnerBook,
    OwnerOffer,
    Pick,
    PlannedDay,
    PosterWords,
)
from local.automation.social_media.engine.library import (
    REASON_LANGUAGES,
    NetworkLimit,
    network_limits,
)
from local.automation.social_media.engine.phrasing import Phrases, phrases
from local.automation.social_media.engine.pick import DaySituation, pick
from local.automation.social_media.engine.policy import PolicyContext
from marketing_platform.writing.built_in import BuiltInCopywriter, fit
from marketing_platform.writing.contracts import Copywriter, Part, WritingBrief

BODY_LIMIT = 400
GAP = "\n\n"


@dataclass(frozen=True)
class ComposedDay:
    """Captions by network and language, poster words by language, and what was blocked."""

    pick: Pick
    networks: Mapping[str, Mapping[str, Caption]]
    posters: Mapping[str, PosterWords]
    blocked: tuple[Breach, ...]


def compose_day(
    situation: DaySituation,
    *,
    languages: Sequence[str],
    networks: Sequence[str],
    variant: int = 0,
    copywriter: Copywriter | None = None,
) -> ComposedDay:
    """Pick and compose one day. Offers that break a rule are refused and named in `blocked`."""
    situation, refused = cleared(situation)
    chosen = pick(situation, variant)
    name_breaches = policy.check_name(situation.facts.name, situation.facts.category)
    if name_breaches:
        empty: dict[str, Mapping[str, Caption]] = {network: {} for network in networks}
        return ComposedDay(chosen, empty, {}, _each_once([*name_breaches, *refused]))
    said = {language: phrases(situation, chosen, language, variant) for language in languages}
    said = _rewritten(situation, chosen, said, copywriter or BuiltInCopywriter())
    captions: dict[str, dict[str, Caption]] = {network: {} for network in networks}
    breaches = list(refused)
    for network in networks:
        for language in languages:
            caption = caption_for(said[language], network_limits()[network], network)
            context = context_for(situation, said[language])
            found = policy.check_written(caption.full_text, context, network=network)
            breaches += found
            if not found:
                captions[network][language] = caption
    posters, withheld = _posters(situation, said)
    return ComposedDay(chosen, captions, posters, _each_once([*breaches, *withheld]))


def plan_day(situation: DaySituation, variant: int = 0) -> PlannedDay:
    """What the day will be about, in the interface's languages."""
    situation, _refused = cleared(situation)
    chosen = pick(situation, variant)
    headlines = {
        language: phrases(situation, chosen, language, variant).headline
        for language in REASON_LANGUAGES
    }
    return PlannedDay(situation.day, variant, chosen, headlines)


def request_languages(request: DailyContentRequest, own: Sequence[str]) -> tuple[str, ...]:
    """The languages of captions: those asked for, otherwise all four, the business's own first."""
    from_all = ("en", "hi", "hinglish", "mr")
    return request.languages or tuple(dict.fromkeys([*own, *from_all]))


def cleared(situation: DaySituation) -> tuple[DaySituation, tuple[Breach, ...]]:
    """The situation without offers and tagline that break a rule, and the rules they break."""
    book, context = (
        situation.book,
        PolicyContext(
            situation.facts.category, seats=situation.book.seats, results=situation.book.results
        ),
    )
    running = [offer for offer in book.offers if offer.runs_on(situation.day)]
    found = {offer.id: policy.check_owner_words(offer.words, context) for offer in running}
    kept = tuple(offer for offer in running if not found[offer.id])
    refused = [breach for offer in running for breach in found[offer.id]]
    tagline = policy.check_owner_words(book.brand.tagline, context)
    brand = replace(book.brand, tagline="") if tagline else book.brand
    clean = OwnerBook(kept, book.results, book.seats, brand)
    return replace(situation, book=clean), _each_once([*refused, *tagline])


def check_offer(offer: OwnerOffer, category: str, book: OwnerBook) -> tuple[Breach, ...]:
    """The rules that an offer breaks, for the form where the owner types it."""
    context = PolicyContext(category, seats=book.seats, results=book.results)
    return policy.check_owner_words(offer.words, context)


def context_for(situation: DaySituation, said: Phrases) -> PolicyContext:
    return PolicyContext(
        situation.facts.category,
        exempt=(situation.facts.name, *said.quoted),
        seats=situation.book.seats,
        results=situation.book.results,
    )


def words_context(situation: DaySituation, language: str, variant: int) -> PolicyContext:
    """What an edited caption of this idea is judged by: the day's quoted words and the offers that
    run may stand in it.
    """
    situation, _refused = cleared(situation)
    said = phrases(situation, pick(situation, variant), language, variant)
    context = context_for(situation, said)
    running = [each.words for each in situation.book.offers if each.runs_on(situation.day)]
    return replace(context, exempt=(*context.exempt, *running))


def _rewritten(
    situation: DaySituation, chosen: Pick, said: dict[str, Phrases], copywriter: Copywriter
) -> dict[str, Phrases]:
    """The body of each language as the copywriter words it. Greetings of solemn days, offers and
    results are quoted facts and stay as they are."""
    if chosen.kind not in ("idea", "coming") or isinstance(copywriter, BuiltInCopywriter):
        return said
    briefs = [_brief(situation, language, words) for language, words in said.items()]
    written = copywriter.write_all(briefs)
    return {
        language: replace(words, body=text.text)
        for (language, words), text in zip(said.items(), written, strict=True)
    }


def _brief(situation: DaySituation, language: str, said: Phrases) -> WritingBrief:
    context = context_for(situation, said)
    facts = {"name": situation.facts.name}
    rules = policy.rules_for(situation.facts.category)
    return WritingBrief(
        purpose="daily_post",
        language=language,
        network="social",
        limit=BODY_LIMIT,
        parts=(Part(said.body),),
        facts=facts,
        must_include=tuple(text for text in (facts["name"],) if text in said.body),
        forbidden=tuple(rule.sentences["en"] for rule in rules),
        breaches=lambda text: [breach.rule for breach in policy.check_written(text, context)],
    )


def caption_for(said: Phrases, limit: NetworkLimit, network: str) -> Caption:
    """One network's caption; call to action and hashtags give way before the text does."""
    if network == "whatsapp_status":
        return _status(said, limit)
    hashtags = said.hashtags[: limit.hashtags]
    action = said.call_to_action
    tail = Caption("", hashtags, action).full_text
    room = limit.house_limit - (limit.measure(GAP + tail) if tail else 0)
    parts = [Part(said.opening, 2), Part(said.body), Part(said.closing, 1)]
    if network == "instagram":
        parts.insert(0, Part(_as_sentence(said.headline, said.body), 1))
    return Caption(fit(parts, room, measure=limit.measure), hashtags, action)


def _as_sentence(headline: str, body: str) -> str:
    if body.startswith(headline):
        return ""
    ends = headline[-1:] in ".!?।"
    stop = "।" if "।" in body else "."
    return headline if ends or not headline else headline + stop


def _status(said: Phrases, limit: NetworkLimit) -> Caption:
    """The longest wording that fits, with the call to action if there is room."""
    for short in said.short:
        if limit.measure(short) <= limit.house_limit:
            with_action = Caption(short, (), said.call_to_action)
            if limit.measure(with_action.full_text) <= limit.house_limit:
                return with_action
            return Caption(short, (), "")
    return Caption(fit([Part(said.short[-1])], limit.house_limit, measure=limit.measure), (), "")


def _posters(
    situation: DaySituation, said: Mapping[str, Phrases]
) -> tuple[dict[str, PosterWords], list[Breach]]:
    posters, breaches = {}, []
    for language, words in said.items():
        text = GAP.join((words.poster.headline, *words.poster.lines, words.poster.call_to_action))
        found = policy.check_written(text, context_for(situation, words))
        breaches += found
        if not found:
            posters[language] = words.poster
    return posters, breaches


def _each_once(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    return tuple({breach.rule: breach for breach in breaches}.values())
