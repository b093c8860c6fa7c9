"""Kinds of notices a person may turn off. What is not named here is always told."""

from collections.abc import Mapping
from types import MappingProxyType

from marketing_platform.core.text import mark as _

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "connection": _("A connection needs you"),
        "effect": _("Something that went out, or did not"),
        "job": _("Long work is done"),
        "customer": _("Customers write or say stop"),
        "support": _("Our support looked in"),
        "finding": _("The numbers changed"),
    }
)
