"""Category packs: dated law rules over words. A breach blocks and says the rule in plain words.

Packs lie in `content/policies/*.toml`; every rule names its law, its scopes and its terms per
language. All languages' terms are looked for in every text, because owners mix them.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from local.automation.social_media.engine.contracts import Breach, ConsentedResult, OpenSeats
from local.automation.social_media.engine.library import read_once
from local.automation.social_media.engine.patterns import comparable, expression

POLICIES = Path(__file__).resolve().parent.parent / "content" / "policies"
WRITTEN, OWNER, NAME = "written", "owner", "name"
_PAID_OR_FREE = re.compile(r"paid|free|फ्री|पेड|निःशुल्क|नि:शुल्क|सशुल्क|मोफत|मुफ्त|muft|shulk|fees")
_SENTENCE_ENDS = re.compile(r"[.!?।\n]")


@dataclass(frozen=True)
class Rule:
    """One rule of a pack. `unless` names the owner's fact that permits it."""

    id: str
    law: str
    scopes: frozenset[str]
    sentences: Mapping[str, str]
    expression: re.Pattern[str]
    with_any: re.Pattern[str] | None
    networks: frozenset[str]
    unless: str


@dataclass(frozen=True)
class Pack:
    """The dated rules of one law area for some categories (`*` = all)."""

    name: str
    categories: frozenset[str]
    reviewed_on: date
    review_by: date
    sources: tuple[str, ...]
    rules: tuple[Rule, ...]
    puts_licence_on_poster: bool
    may_solicit: bool


@dataclass(frozen=True)
class PolicyContext:
    """Whose text it is and what the owner's own facts permit on this day.

    `exempt` are phrases not judged here: the business name (law permitting), the owner's offer
    words (judged by themselves before), names and greetings of the day's occasion.
    """

    category: str
    exempt: tuple[str, ...] = ()
    seats: OpenSeats | None = None
    results: tuple[ConsentedResult, ...] = ()


@read_once
def packs() -> tuple[Pack, ...]:
    lists = tomllib.loads((POLICIES / "lists.toml").read_text("utf-8"))
    files = sorted(path for path in POLICIES.glob("*.toml") if path.name != "lists.toml")
    return tuple(_pack(tomllib.loads(path.read_text("utf-8")), lists) for path in files)


def _pack(content: dict, lists: dict) -> Pack:
    return Pack(
        name=content["name"],
        categories=frozenset(content["categories"]),
        reviewed_on=content["reviewed_on"],
        review_by=content["review_by"],
        sources=tuple(content["sources"]),
        rules=tuple(_rule(entry, lists) for entry in content["rules"]),
        puts_licence_on_poster=content.get("puts_licence_on_poster", False),
        may_solicit=content.get("may_solicit", True),
    )


def _rule(entry: dict, lists: dict) -> Rule:
    tables = [entry.get("terms", {}), *(lists[name] for name in entry.get("uses", ()))]
    raw = [*entry.get("raw", ()), *_raw(lists[name] for name in entry.get("uses", ()))]
    near = [lists[name] for name in entry.get("with_any", ())]
    return Rule(
        id=entry["id"],
        law=entry["law"],
        scopes=frozenset(entry["scopes"]),
        sentences=entry["sentence"],
        expression=expression(_terms(tables), raw),
        with_any=expression(_terms(near), _raw(near)) if near else None,
        networks=frozenset(entry.get("networks", ())),
        unless=entry.get("unless", ""),
    )


def _terms(tables: Iterable[Mapping[str, list[str]]]) -> list[str]:
    return [
        term
        for table in tables
        for language, terms in table.items()
        if language != "raw"
        for term in terms
    ]


def _raw(tables: Iterable[Mapping[str, list[str]]]) -> list[str]:
    return [text for table in tables for text in table.get("raw", ())]


@cache
def rules_for(category: str) -> tuple[Rule, ...]:
    """The rules that bind a category, those of its own pack before the general ones."""
    bound = [pack for pack in packs() if pack.categories & {category, "*"}]
    bound.sort(key=lambda pack: "*" in pack.categories)
    return tuple(rule for pack in bound for rule in pack.rules)


def puts_licence_on_poster(category: str) -> bool:
    return any(pack.puts_licence_on_poster for pack in packs() if category in pack.categories)


def may_solicit(category: str) -> bool:
    """Whether a business of this category may ask people to come and buy at all."""
    return all(pack.may_solicit for pack in packs() if category in pack.categories)


def check_written(text: str, context: PolicyContext, *, network: str = "") -> tuple[Breach, ...]:
    """Breaches of what the machine (or a language model) wrote."""
    return _check(text, context, WRITTEN, network)


def check_owner_words(
    text: str, context: PolicyContext, *, network: str = ""
) -> tuple[Breach, ...]:
    """Breaches of what the owner typed: an offer, a tagline, an edited caption."""
    return _check(text, context, OWNER, network)


def check_name(name: str, category: str) -> tuple[Breach, ...]:
    """Breaches of a business name; only rules whose law covers names."""
    return _check(name, PolicyContext(category), NAME, "")


def _check(text: str, context: PolicyContext, scope: str, network: str) -> tuple[Breach, ...]:
    judged = _without(text, tuple(phrase for phrase in context.exempt if phrase.strip()))
    broken = _broken_rules(judged, context.category, scope, "")
    found = [
        Breach(rule.id, rule.sentences)
        for rule in broken
        if not _is_permitted(rule, judged, context)
    ]
    # What a network refuses, it refuses in quoted words too.
    if network and _rules_in_scope(context.category, scope, network):
        whole = _broken_rules(comparable(text), context.category, scope, network)
        found += [Breach(rule.id, rule.sentences) for rule in whole]
    return tuple(found)


def _without(text: str, phrases: tuple[str, ...]) -> str:
    for phrase in sorted(phrases, key=len, reverse=True):
        text = text.replace(phrase, " · ")
    return comparable(text)


@cache
def _rules_in_scope(category: str, scope: str, network: str) -> tuple[Rule, ...]:
    """The rules of one network, or with "" those that hold on every network."""
    return tuple(
        rule
        for rule in rules_for(category)
        if scope in rule.scopes and (network in rule.networks if network else not rule.networks)
    )


@lru_cache(maxsize=8192)
def _broken_rules(judged: str, category: str, scope: str, network: str) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in _rules_in_scope(category, scope, network)
        if rule.expression.search(judged)
        and (rule.with_any is None or rule.with_any.search(judged))
    )


def _is_permitted(rule: Rule, judged: str, context: PolicyContext) -> bool:
    if rule.unless == "open_seats":
        return _seats_are_as_entered(rule, judged, context.seats)
    if rule.unless == "consented_result":
        return any(_shows_whole_result(judged, result) for result in context.results)
    return False


def _seats_are_as_entered(rule: Rule, judged: str, seats: OpenSeats | None) -> bool:
    if seats is None:
        return False
    course = comparable(seats.course)
    claims = [part for part in _SENTENCE_ENDS.split(judged) if rule.expression.search(part)]
    numbers = [re.findall(r"[0-9]+", claim.replace(course, " ")) for claim in claims]
    return bool(claims) and all(found == [str(seats.number)] for found in numbers)


def _shows_whole_result(judged: str, result: ConsentedResult) -> bool:
    facts = (result.rank, result.course, result.duration)
    is_whole = all(comparable(fact) in judged for fact in facts)
    return result.is_usable and is_whole and bool(_PAID_OR_FREE.search(judged))
