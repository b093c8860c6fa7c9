"""Indian mobile numbers as people write them, with a sentence for each way they are not one."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from local.customers.errors import NumberUnusable
from marketing_platform.core.text import mark as _

SEPARATORS = re.compile(r"[,;/|\n]|\bor\b|&", re.IGNORECASE)
SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?e\+?\d+$", re.IGNORECASE)
LONGEST = 80
MOBILE = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
TOLL_FREE = {
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.UAN,
}
TWO_NUMBERS = _("Number: two numbers stand in one place. Keep one of them.")
LANDLINE = _("Number: this is a landline. WhatsApp needs a mobile number.")
NOT_A_PERSON = _("Number: this is a toll-free or service number, not a person's mobile.")
CUT_SHORT = _("Number: the spreadsheet has cut it. Format the column as text and export again.")
FOREIGN = _("Number: this is not an Indian number. Only Indian mobile numbers are kept.")


@lru_cache(maxsize=16_384)
def mobile_of(text: str) -> str:
    """'099999 00001', '+91-99999-00001', '९९९९९ ००००१' -> '+919999900001'.

    Raises NumberUnusable, with a sentence that says which rule was broken.
    """
    text = ascii_digits(text).strip()
    if SCIENTIFIC.match(text):
        raise NumberUnusable(CUT_SHORT, field="phone")
    if not text or len(text) > LONGEST:
        raise NumberUnusable(field="phone")
    if _holds_two(text):
        raise NumberUnusable(TWO_NUMBERS, field="phone")
    # A dot is a separator to people, not to the library.
    number = _parsed(text.replace(".", " "))
    if number.country_code != 91:
        raise NumberUnusable(FOREIGN, field="phone")
    _refuse_kind(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits_of(text: str) -> str:
    """The digits in a text, in any script, as 0-9."""
    return "".join(sign for sign in ascii_digits(text) if sign in "0123456789")


def ascii_digits(text: str) -> str:
    """Digits of any script as 0-9; everything else as it is."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def _holds_two(text: str) -> bool:
    parts = [part for part in SEPARATORS.split(text) if len(digits_of(part)) >= 7]
    if len(parts) > 1:
        return True
    matches = phonenumbers.PhoneNumberMatcher(text, "IN")
    return len(digits_of(text)) > 13 and sum(1 for _match in matches) > 1


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException as error:
        raise NumberUnusable(field="phone") from error
    if number.extension:
        raise NumberUnusable(field="phone")
    return number


def _refuse_kind(number: phonenumbers.PhoneNumber) -> None:
    kind = phonenumbers.number_type(number)
    if kind in TOLL_FREE:
        raise NumberUnusable(NOT_A_PERSON, field="phone")
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise NumberUnusable(LANDLINE, field="phone")
    if kind not in MOBILE or not phonenumbers.is_valid_number(number):
        raise NumberUnusable(field="phone")
