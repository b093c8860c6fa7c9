"""The words of syncs."""

from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprise.data_sources.models import SyncRun

register = template.Library()
STATES = {
    "running": _("Running"),
    "done": _("Done"),
    "waiting": _("Waiting"),
    "failed": _("Stopped"),
}


@register.filter
def run_state(run: SyncRun) -> Any:
    return STATES[run.state]


@register.filter
def said(of: Any) -> str:
    """The sentence of a run or job that went wrong."""
    if not of.error:
        return ""
    text = gettext(of.error)
    return text % of.error_params if of.error_params else text


@register.filter
def of_provider(found: dict[str, Any], provider: str) -> Any:
    return found.get(provider)
