"""The engine's sentences in the reader's language."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext

from enterprise.campaign_generator.engine.checks import KINDS
from enterprise.campaign_generator.engine.contracts import Said
from enterprise.optimization_engine.selectors import channel_label
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _

register = template.Library()
OWN_CHANNELS = {"email": _("E-mail"), "whatsapp": "WhatsApp"}


@register.filter
def campaign_channel(name: str) -> str:
    label = OWN_CHANNELS.get(name) or channel_label(name)
    return gettext(label) if label != name else name


@register.filter
def slot_kind(kind: str) -> str:
    return gettext(KINDS[kind])


@register.filter
def money(paise: int) -> str:
    """To the paisa, grouped the Indian way."""
    whole, rest = divmod(int(paise), 100)
    return f"₹{indian_grouping(whole)}{f'.{rest:02d}' if rest else ''}"


@register.filter
def count(number: int) -> str:
    """People or visits, grouped the Indian way."""
    return indian_grouping(number)


@register.filter
def campaign_said(said: Said) -> str:
    values = {name: _value(name, value) for name, value in said.values}
    return gettext(said.message) % values if values else gettext(said.message)


def _value(name: str, value: Any) -> Any:
    if name.endswith("_paise"):
        return money(int(value))
    if name.endswith("_on"):
        return date_format(date.fromisoformat(str(value)))
    if name == "channel":
        return campaign_channel(str(value))
    if name in ("kind", "source"):
        return gettext(str(value))
    if isinstance(value, int):
        return indian_grouping(value)
    return value
