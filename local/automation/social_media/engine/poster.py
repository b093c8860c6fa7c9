"""What a poster template is told, which design it is, and the key of the finished picture."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers

from local.automation.social_media.engine import policy, seed
from local.automation.social_media.engine.contracts import Brand, Pick, PosterWords
from local.automation.social_media.engine.library import CONTENT
from local.automation.social_media.engine.phrasing import city_label
from local.automation.social_media.engine.pick import DaySituation
from local.occasions.engine import Occasion

POSTERS = CONTENT / "posters"
IDEA_DESIGNS = ("bold", "split")
MOTIF_OF_OCCASION = {"colour": "splash", "none": ""}
PIXELS = 1080
PREVIEW_PIXELS = 360


@dataclass(frozen=True)
class PosterPlan:
    """All that decides one picture. `key` is the same exactly when the picture is."""

    language: str
    design: str
    payload: Mapping[str, Any]
    photo_digest: str
    key: str

    @property
    def source(self) -> Path:
        return POSTERS / f"{self.design}.typ"


def poster_plan(
    situation: DaySituation, pick: Pick, words: PosterWords, language: str
) -> PosterPlan:
    """The plan of one language's poster."""
    occasion = _occasion_of(situation, pick)
    facts, brand = situation.facts, situation.book.brand
    design = _design(situation, pick, occasion)
    photo = "" if design == "calm" else brand.owner_photo_digest
    payload = {
        "name": facts.name,
        "city": city_label(facts.city, language),
        "phone": _readable(facts.phone),
        "headline": words.headline,
        "line": " ".join(words.lines) or _tagline(pick, brand),
        "call_to_action": words.call_to_action,
        "language": language,
        "primary_colour": brand.primary_colour or facts.primary_colour,
        "accent_colour": brand.accent_colour or facts.accent_colour,
        "motif": _motif(facts.category, occasion),
        "licence_number": _licence(facts.category, facts.licence_number),
        "date_text": "",
        "photo": bool(photo),
    }
    return PosterPlan(language, design, payload, photo, _key(design, payload, photo))


def _occasion_of(situation: DaySituation, pick: Pick) -> Occasion | None:
    return next((each for each in situation.occasions if each.slug == pick.occasion), None)


def _tagline(pick: Pick, brand: Brand) -> str:
    return brand.tagline if pick.kind == "idea" else ""


def _design(situation: DaySituation, pick: Pick, occasion: Occasion | None) -> str:
    if occasion is not None and occasion.kind == "solemn":
        return "calm"
    if occasion is not None and pick.kind == "occasion" and occasion.kind == "festive":
        return "festive"
    if pick.pillar == "hours":
        return "notice"
    if situation.book.brand.owner_photo_digest:
        return "split"
    return seed.one_of(IDEA_DESIGNS, situation.facts.id, situation.day, pick.key, "design")


def _motif(category: str, occasion: Occasion | None) -> str:
    """The day's motif; without one, the trade's (motifs are named as the categories are)."""
    if occasion is None:
        return category
    if occasion.kind == "solemn":
        return ""
    return MOTIF_OF_OCCASION.get(occasion.motif, occasion.motif) or category


def _readable(phone: str) -> str:
    """'+912026123456' as people write it: '020 2612 3456'."""
    if not phone:
        return ""
    parsed = phonenumbers.parse(phone, "IN")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _licence(category: str, licence_number: str) -> str:
    return licence_number if policy.puts_licence_on_poster(category) else ""


def _key(design: str, payload: Mapping[str, Any], photo_digest: str) -> str:
    told = [_templates_digest(), design, photo_digest, PIXELS, dict(payload)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def _templates_digest() -> str:
    """A changed design makes new pictures."""
    digest = hashlib.sha256()
    for path in sorted(POSTERS.glob("*.typ")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
