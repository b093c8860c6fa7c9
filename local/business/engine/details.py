"""Checks of what an owner types. Each answers the cleaned value or raises InvalidDetail.

Emoji, Devanagari and right-to-left letters are kept as they are. Control characters and
bidirectional overrides are refused: they can make a name read as something else.
"""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

from local.business.engine.facts import BUDGET_BANDS, LANGUAGES, content_language
from local.business.errors import InvalidDetail
from marketing_platform.core.text import mark as _

NAME_LENGTH = 120
ADDRESS_LENGTH = 300
LICENCE_LENGTH = 40
FSSAI_DIGITS = 14
COLOUR = re.compile(r"#[0-9a-f]{6}")
HIDDEN = {
    "name": _("Name: remove the hidden control characters and type it again."),
    "address": _("Address: remove the hidden control characters and type it again."),
    "licence_number": _("Licence number: remove the hidden control characters and type it again."),
}
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e")


def clean_name(given: str) -> str:
    """One line of 1 to 120 characters."""
    name = " ".join(_visible(given, field="name").split())
    if not any(unicodedata.category(letter)[0] in "LNSP" for letter in name):
        raise InvalidDetail(_("Name: write the name that customers know."), field="name")
    if len(name) > NAME_LENGTH:
        raise InvalidDetail(
            _("Name: use at most %(limit)d characters; this has %(length)d."),
            field="name",
            limit=NAME_LENGTH,
            length=len(name),
        )
    return name


def clean_address(given: str) -> str:
    lines = (_visible(line, field="address") for line in given.splitlines())
    address = "\n".join(line for line in (" ".join(each.split()) for each in lines) if line)
    if len(address) > ADDRESS_LENGTH:
        raise InvalidDetail(
            _("Address: use at most %(limit)d characters; this has %(length)d."),
            field="address",
            limit=ADDRESS_LENGTH,
            length=len(address),
        )
    return address


def clean_phone(given: str) -> str:
    """E.164 for any Indian number, landlines included; "" for none."""
    if not given.strip():
        return ""
    wrong = InvalidDetail(
        _("Phone: write one Indian number, for example 98765 43210 or 020 2612 3456."),
        field="phone",
    )
    if len(given) > 30:
        raise wrong
    try:
        number = phonenumbers.parse(given, "IN")
    except phonenumbers.NumberParseException as error:
        raise wrong from error
    if number.country_code != 91 or not phonenumbers.is_valid_number(number):
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_licence(given: str, *, is_food: bool) -> str:
    """An FSSAI number has 14 digits (fssai.gov.in); other trades write theirs as it is."""
    licence = " ".join(_visible(given, field="licence_number").split())
    if not licence:
        return ""
    if is_food:
        return _fssai(licence)
    if len(licence) > LICENCE_LENGTH:
        raise InvalidDetail(
            _("Licence number: use at most %(limit)d characters."),
            field="licence_number",
            limit=LICENCE_LENGTH,
        )
    return licence


def _fssai(licence: str) -> str:
    compact = re.sub(r"[\s-]", "", licence)
    if len(compact) != FSSAI_DIGITS or not compact.isdecimal():
        raise InvalidDetail(
            _("Licence number: a food licence (FSSAI) has 14 digits."), field="licence_number"
        )
    return "".join(str(unicodedata.decimal(digit)) for digit in compact)


def clean_colour(given: str, *, field: str, usual: str) -> str:
    """#rrggbb in small letters; `usual` when nothing is given."""
    colour = given.strip().lower()
    if not colour:
        return usual
    if not COLOUR.fullmatch(colour):
        raise InvalidDetail(_("Colour: write it as #rrggbb, for example #9f1239."), field=field)
    return colour


def clean_languages(given: Iterable[str]) -> list[str]:
    """Known content languages in the order given, each once; at least one."""
    languages = list(dict.fromkeys(content_language(each) for each in given))
    unknown = [each for each in languages if each not in LANGUAGES]
    if unknown or not languages:
        raise InvalidDetail(
            _("Languages: choose at least one of %(choices)s."),
            field="languages",
            choices=", ".join(LANGUAGES),
        )
    return languages


def clean_budget_band(given: str) -> str:
    band = given or "unset"
    if band not in BUDGET_BANDS:
        raise InvalidDetail(
            _("Monthly budget: choose one of %(choices)s."),
            field="monthly_budget_band",
            choices=", ".join(BUDGET_BANDS),
        )
    return band


def _visible(given: str, *, field: str) -> str:
    text = unicodedata.normalize("NFC", given).strip()
    for letter in text:
        if unicodedata.category(letter) in ("Cc", "Cs") or letter in OVERRIDES:
            raise InvalidDetail(HIDDEN[field], field=field)
    return text
