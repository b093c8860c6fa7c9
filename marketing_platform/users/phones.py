"""Indian mobile numbers in E.164."""

import phonenumbers

from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _


class InvalidPhone(InvalidInput):
    code = "invalid_phone"
    sentence = _("Enter a 10-digit Indian mobile number, for example 99999 00001.")


def phone_parse(text: str, *, field: str = "phone") -> str:
    """'099999 00001', '+91-99999-00001' or Devanagari digits -> '+919999900001'.

    Raises InvalidPhone for anything but one Indian mobile number.
    """
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone(field=field) from error
    mobile = {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    is_indian_mobile = (
        number.country_code == 91
        and len(text) <= 24
        and phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) in mobile
    )
    if not is_indian_mobile:
        raise InvalidPhone(field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
