"""In what amounts are, as headings and columns of currencies write it: "₹ lakh", "USD", "$"."""

import re

from enterprise.data_sources.engine.cells import SCALES

RUPEES = frozenset({"INR", "₹", "RS", "RS.", "RUPEE", "RUPEES", "रु", "रु.", "रुपये"})
SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "S$": "SGD", "A$": "AUD", "¥": "JPY"}
# ISO 4217, of the countries that Indian companies bill in. "Cost (net)" names none.
CODES = frozenset({
    "AED", "AUD", "BDT", "BHD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "HKD",
    "IDR", "JPY", "KES", "KRW", "KWD", "LKR", "MXN", "MYR", "NGN", "NOK", "NPR", "NZD",
    "OMR", "PHP", "PKR", "PLN", "QAR", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD",
    "USD", "VND", "ZAR",
})  # fmt: skip
WORD = re.compile(r"[^\W\d_]+\.?|[A-Z]{0,2}\$|[₹€£¥]|000")


def currency_of(text: str) -> str | None:
    """The code of a currency's name or sign, '' for rupees, None when it is neither."""
    name = " ".join(text.split()).upper()
    if name in RUPEES:
        return ""
    if name in SIGNS:
        return SIGNS[name]
    return name if len(name) == 3 and name.isascii() and name.isalpha() else None


def currency_named(unit: str) -> str:
    """The foreign currency that a heading's unit names, or ''."""
    for word in WORD.findall(unit.upper()):
        code = SIGNS.get(word, word)
        if code in CODES:
            return code
    return ""


def scale_named(unit: str) -> int:
    """1,00,000 for the unit "₹ lakh" of a heading; 1 when it names none."""
    words = (word.strip(".").lower() for word in WORD.findall(unit.upper()))
    return next((SCALES[word] for word in words if word in SCALES), 1)
