"""From a pick to the words of one language: what is said, before any network shapes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from local.automation.social_media.engine import policy, seed
from local.automation.social_media.engine.contracts import Pick, PosterWords
from local.automation.social_media.engine.library import (
    TradeLibrary,
    date_text,
    trade_library,
    wording,
)
from local.automation.social_media.engine.pick import DaySituation
from local.business.engine import city_of
from local.occasions.engine import Occasion
from marketing_platform.writing.built_in import fill

LONGEST_POSTER_HEADLINE = 70


@dataclass(frozen=True)
class Phrases:
    """One language's words with the facts filled in. `quoted` are owner's and occasion words
    that the policy does not judge again."""

    headline: str
    opening: str
    body: str
    closing: str
    short: tuple[str, ...]
    call_to_action: str
    hashtags: tuple[str, ...]
    poster: PosterWords
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Voice:
    """The seeded choice of wording for one business, day, variant and language."""

    situation: DaySituation
    pick: Pick
    language: str
    variant: int

    @property
    def library(self) -> TradeLibrary:
        return trade_library(self.situation.facts.category)

    @property
    def may_solicit(self) -> bool:
        return policy.may_solicit(self.situation.facts.category)

    @property
    def city(self) -> str:
        return city_label(self.situation.facts.city, self.language)

    def choose(self, table: str, source: Mapping | None = None) -> str:
        """The same line number in every language, so that captions say the same thing."""
        lines = (source if source is not None else wording()[table])[self.language]
        facts, day = self.situation.facts, self.situation.day
        return seed.one_of(lines, facts.id, day, self.variant, self.pick.key, table)

    def said(self, text: str, **more: str) -> str:
        name = self.situation.facts.name
        return fill(text, {"name": name, "city": self.city, **more})


def city_label(slug: str, language: str) -> str:
    return city_of(slug).names[language]


def phrases(situation: DaySituation, pick: Pick, language: str, variant: int = 0) -> Phrases:
    """The words of one pick in one language."""
    voice = _Voice(situation, pick, language, variant)
    makers = {
        "occasion": _occasion,
        "coming": _coming,
        "offer": _offer,
        "result": _result,
        "idea": _idea,
    }
    return makers[pick.kind](voice)


def _tags(voice: _Voice, occasion_name: str = "") -> tuple[str, ...]:
    """The day's tag, trade tags in the business's own order, and the city's among the first."""
    facts = voice.situation.facts
    trade = seed.shuffled(voice.library.hashtags[voice.language], facts.id, voice.pick.key)
    tags = [_tag(occasion_name), *trade[:1], _tag(voice.city), *trade[1:]]
    return tuple(dict.fromkeys(tag for tag in tags if len(tag) > 1))


def _tag(words: str) -> str:
    """'Children's Day (India)' as '#ChildrensDay'; vowel signs are part of a tag."""
    plain = re.sub(r"\(.*?\)", "", words).replace("'", "").replace("’", "")
    return "#" + "".join(re.findall(r"[A-Za-z0-9\u0900-\u0963\u0966-\u097f]+", plain))


def _idea(voice: _Voice) -> Phrases:
    text = voice.library.idea(voice.pick.idea_id or "").text[voice.language]
    seats = _seats_line(voice)
    names_itself = "{name}" in text.body
    body = " ".join(part for part in (voice.said(text.body), seats) if part)
    return Phrases(
        headline=voice.said(text.headline),
        opening="" if names_itself else voice.said(voice.choose("openings")),
        body=body,
        closing=voice.said(voice.choose("closings")),
        short=(voice.said(text.short), voice.said(text.headline)),
        call_to_action=voice.said(text.call_to_action),
        hashtags=_tags(voice),
        poster=PosterWords(
            voice.said(text.headline),
            tuple([seats] if seats else []),
            voice.said(text.call_to_action),
        ),
    )


def _seats_line(voice: _Voice) -> str:
    seats = voice.situation.book.seats
    wanted = voice.pick.pillar in ("service", "hours", "question")
    if seats is None or not wanted or not seats.is_current_on(voice.situation.day):
        return ""
    line = wording()["seats"][voice.language]
    return voice.said(line, number=str(seats.number), course=seats.course)


def _found(voice: _Voice) -> Occasion:
    return next(
        each
        for each in voice.situation.occasions
        if each.slug == voice.pick.occasion
        and (each.covers(voice.situation.day) or each.date > voice.situation.day)
    )


def _occasion(voice: _Voice) -> Phrases:
    occasion = _found(voice)
    if occasion.kind == "solemn":
        return _solemn(voice, occasion)
    name = occasion.name_in(voice.language)
    greeting = _greeting(voice, occasion, name)
    festive = ""
    if occasion.kind == "festive":
        festive = voice.said(voice.choose("festive", voice.library.festive))
    names_itself = voice.situation.facts.name in greeting
    closing = voice.said(voice.choose("plain_closings" if names_itself else "greeting_closings"))
    action = ""
    if occasion.kind in ("commercial", "season") and voice.may_solicit:
        action = voice.said(voice.choose("occasion_action"))
    return Phrases(
        headline=name,
        opening="",
        body=" ".join(part for part in (greeting, festive) if part),
        closing=closing,
        short=(f"{greeting} {closing}", greeting, name),
        call_to_action=action,
        hashtags=_tags(voice, name),
        poster=_greeting_poster(greeting, name, festive, action),
        quoted=(name, greeting, _tag(name)),
    )


def _greeting_poster(greeting: str, name: str, line: str, action: str) -> PosterWords:
    """The greeting large; a long one stands below the occasion's name."""
    if len(greeting) <= LONGEST_POSTER_HEADLINE:
        return PosterWords(greeting, (line,) if line else (), action)
    return PosterWords(name, (greeting,), action)


def _greeting(voice: _Voice, occasion: Occasion, name: str) -> str:
    if occasion.greetings.get(voice.language):
        return voice.said(voice.choose("greeting", occasion.greetings))
    if occasion.kind == "season":
        return voice.said(voice.choose("season"), occasion=name)
    return voice.said(wording()["greeting_fallback"][voice.language], occasion=name)


def _solemn(voice: _Voice, occasion: Occasion) -> Phrases:
    name = occasion.name_in(voice.language)
    if occasion.greetings.get(voice.language):
        line = voice.said(voice.choose("greeting", occasion.greetings))
    else:
        line = voice.said(voice.choose("solemn"), occasion=name)
    closing = voice.said(voice.choose("solemn_closings"))
    return Phrases(
        headline=name,
        opening="",
        body=line,
        closing=closing,
        short=(f"{line} {closing}", line, name),
        call_to_action="",
        hashtags=_tags(voice, name)[2:4],
        poster=PosterWords(name, (line,), ""),
        quoted=(name, line, _tag(name)),
    )


def _coming(voice: _Voice) -> Phrases:
    occasion = _found(voice)
    name, days = occasion.name_in(voice.language), str(voice.pick.days_until)
    is_tomorrow = voice.pick.days_until == 1
    if occasion.certain:
        line = voice.choose("coming_tomorrow" if is_tomorrow else "coming")
    else:
        line = wording()["expected_tomorrow" if is_tomorrow else "expected"][voice.language]
    line = voice.said(line, occasion=name, days=days)
    headline = wording()["tomorrow_headline" if is_tomorrow else "coming_headline"]
    headline = voice.said(headline[voice.language], occasion=name, days=days)
    action = voice.said(voice.choose("occasion_action"))
    return Phrases(
        headline=headline,
        opening=voice.said(voice.choose("openings")),
        body=line,
        closing=voice.said(voice.choose("closings")),
        short=(f"{line} {voice.situation.facts.name}", line, name),
        call_to_action=action,
        hashtags=_tags(voice, name),
        poster=PosterWords(headline, (line,), action),
        quoted=(name, _tag(name)),
    )


def _offer(voice: _Voice) -> Phrases:
    offer = next(each for each in voice.situation.book.offers if each.id == voice.pick.offer_id)
    until = date_text(offer.valid_until, voice.language)
    words = {"offer": offer.words.rstrip(" .।"), "until": until}
    body = voice.said(voice.choose("offer", voice.library.offer), **words)
    action = voice.said(voice.choose("offer_action"))
    return Phrases(
        headline=words["offer"],
        opening=voice.said(voice.choose("openings")),
        body=body,
        closing=voice.said(voice.choose("closings")),
        short=(body, words["offer"], voice.said(wording()["offer_short"][voice.language], **words)),
        call_to_action=action,
        hashtags=_tags(voice),
        poster=PosterWords(
            words["offer"], (voice.said(wording()["offer_until"][voice.language], **words),), action
        ),
        quoted=(words["offer"],),
    )


def _result(voice: _Voice) -> Phrases:
    """Rank, course, duration and paid or free stay in one sentence, and in one size."""
    result = next(each for each in voice.situation.book.results if each.id == voice.pick.result_id)
    facts = {
        "student": result.student,
        "exam": result.exam,
        "rank": result.rank,
        "course": result.course,
        "duration": result.duration,
        "paid": wording()["paid" if result.is_paid else "not_paid"][voice.language],
    }
    headline = voice.said(wording()["result_headline"][voice.language], **facts)
    line = voice.said(wording()["result_line"][voice.language], **facts)
    whole = f"{headline}. {line}"
    action = voice.said(wording()["result_action"][voice.language])
    return Phrases(
        headline=headline,
        opening="",
        body=f"{whole} {voice.said(wording()['result_body'][voice.language], **facts)}",
        closing=voice.said(voice.choose("closings")),
        short=(whole,),
        call_to_action=action,
        hashtags=_tags(voice),
        poster=PosterWords(whole, (), action),
        quoted=(line,),
    )
