"""What people type about a payer, made clean; each raises InvalidInput with the field's name."""

import re
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from billing.engine.countries import COUNTRIES
from billing.engine.gst import ABROAD, STATES
from billing.engine.tds import MOST_BASIS_POINTS, is_section
from billing.models.accounts import LONGEST_NET_DAYS
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

MOST_EMAILS = 10
LONGEST_EMAIL = 254
PINCODE = re.compile(r"[1-9][0-9]{5}")
LENGTHS = {"legal_name": 200, "address": 300, "city": 80}


def line_cleaned(text: object, most: int, field: str, *, is_needed: bool = False) -> str:
    line = _encodable(text, field)
    if len(line) > most:
        raise InvalidInput(
            _("This is longer than %(most)d characters. Please shorten it."),
            field=field,
            most=most,
        )
    if is_needed and not line:
        raise InvalidInput(_("Please fill in this field."), field=field)
    return line


def address_cleaned(values: dict[str, object]) -> dict[str, str]:
    """Name, address, city, pincode, state_code and country together: they depend on each other."""
    country = line_cleaned(values["country"], 2, "country").upper() or "IN"
    if country not in COUNTRIES:
        raise InvalidInput(_("Write the country as two letters, such as IN."), field="country")
    return {
        **{name: line_cleaned(values[name], most, name) for name, most in LENGTHS.items()},
        "country": country,
        "pincode": pincode_cleaned(values["pincode"], country),
        "state_code": _state(values["state_code"], country),
    }


def pincode_cleaned(text: object, country: str, *, is_needed: bool = False) -> str:
    """Six digits in India, without spaces; elsewhere the address says it."""
    pincode = line_cleaned(text, 20, "pincode").replace(" ", "")
    if country != "IN":
        return ""
    if (pincode or is_needed) and not PINCODE.fullmatch(pincode):
        raise InvalidInput(_("A PIN code has six digits, such as 560001."), field="pincode")
    return pincode


def emails_cleaned(emails: object) -> list[str]:
    """At most ten addresses in lower case, each once, in the order given."""
    if not isinstance(emails, Sequence) or isinstance(emails, str):
        raise InvalidInput(_("Write one e-mail address per line."), field="emails")
    found = [line_cleaned(each, LONGEST_EMAIL, "emails").lower() for each in emails]
    kept = list(dict.fromkeys(each for each in found if each))
    if len(kept) > MOST_EMAILS:
        raise InvalidInput(
            _("At most %(most)d billing e-mail addresses are possible."),
            field="emails",
            most=MOST_EMAILS,
        )
    for each in kept:
        _email_check(each)
    return kept


def net_days_cleaned(days: object) -> int:
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= LONGEST_NET_DAYS:
        raise InvalidInput(
            _("Payment may be due after 0 to %(most)d days."),
            field="net_days",
            most=LONGEST_NET_DAYS,
        )
    return days


def tds_cleaned(section: object, basis_points: object) -> tuple[str, int]:
    """Section and rate belong together; both empty: nothing is deducted."""
    name = line_cleaned(section, 40, "tds_section")
    if not isinstance(basis_points, int) or isinstance(basis_points, bool):
        raise InvalidInput(_("Write the TDS rate as a number, such as 10."), field="tds_rate")
    if not 0 <= basis_points <= MOST_BASIS_POINTS:
        raise InvalidInput(_("A TDS rate lies between 0 and 20 percent."), field="tds_rate")
    if not name and basis_points == 0:
        return "", 0
    if not is_section(name):
        raise InvalidInput(
            _("Name the section as your accountant does, such as 393(1)."), field="tds_section"
        )
    if basis_points == 0:
        raise InvalidInput(_("Enter the rate that goes with this section."), field="tds_rate")
    return name, basis_points


def _state(text: object, country: str) -> str:
    code = line_cleaned(text, 2, "state_code")
    if country != "IN":
        return ABROAD
    if code and code not in STATES:
        raise InvalidInput(_("Choose your State from the list."), field="state_code")
    return code


def _email_check(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(
            _("%(email)s is not an e-mail address."), field="emails", email=email
        ) from error


def _encodable(text: object, field: str) -> str:
    """One clean line; what no database stores (lone surrogates) is no text."""
    if not isinstance(text, str):
        raise InvalidInput(_("Please write text here."), field=field)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(_("Please write text here."), field=field) from error
    return clean_line(text)
