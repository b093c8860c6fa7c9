"""Text helpers without Django: marking sentences for translation, Indian digit grouping."""

import re
import unicodedata

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Bidirectional overrides can make a name read as something else; isolates are harmless.
BIDI_OVERRIDES = re.compile(r"[\u202a-\u202e]")


def mark(message: str) -> str:
    """Mark an English sentence for translation; the edge (view, API) translates it."""
    return message


def indian_grouping(number: int) -> str:
    """Group digits the Indian way: 1234567 -> '12,34,567'."""
    sign = "-" if number < 0 else ""
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return sign + ",".join([*groups, tail])


def clean_line(text: str) -> str:
    """One line of user text: NFC, control characters and bidi overrides removed, trimmed."""
    text = unicodedata.normalize("NFC", text)
    text = CONTROL_CHARACTERS.sub("", BIDI_OVERRIDES.sub("", text))
    return " ".join(text.split())


def mask_phone(phone: str) -> str:
    """'+919999900001' -> '+91 •••••• 0001', for pages and logs that need not show it all."""
    return f"{phone[:3]} •••••• {phone[-4:]}"


def mask_email(email: str) -> str:
    """'asha@shop.example' -> 'a•••@shop.example'."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"
