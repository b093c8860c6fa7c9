"""The words of the quality report."""

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprise.data_sources.engine.channels import channel_name
from enterprise.data_sources.engine.quality.contracts import Table
from enterprise.data_sources.engine.tables import Sentence

register = template.Library()

TABLES = {
    "spend": _("Spend"),
    "outcomes": _("Outcomes"),
    "lead_counts": _("Counted leads"),
    "leads": _("Leads"),
    "deals": _("Deals"),
}
COLUMNS = {
    "campaign": _("Campaign"),
    "impressions": _("Impressions"),
    "clicks": _("Clicks"),
    "region": _("Region"),
    "source": _("Source"),
    "stage": _("Stage"),
    "history": _("Stage history"),
    "amount": _("Amount"),
    "account": _("Account"),
    "closed": _("Close date"),
    "email": _("E-mail"),
}
ENGINES = {
    "insights": _("What changed"),
    "forecast": _("Forecast"),
    "budget": _("Where budget works"),
    "funnel": _("Funnel"),
    "segments": _("Segments"),
}
STATES = {"ready": _("Ready"), "limited": _("Limited"), "not_yet": _("Not yet")}
SEVERITIES = {"high": _("Serious"), "medium": _("Look at it"), "low": _("Good to know")}
GRAINS = {"day": _("By day"), "week": _("By week"), "month": _("By month")}
WORDS = {
    "table": TABLES,
    "column": COLUMNS,
    "engine": ENGINES,
    "state": STATES,
    "severity": SEVERITIES,
    "grain": GRAINS,
}


register.filter("channel", channel_name)


@register.filter
def in_words(sentence: Sentence) -> str:
    text = gettext(sentence.text)
    return text % sentence.params if sentence.params else text


@register.filter
def title_in_words(fix: object) -> str:
    """A decision's title; its sentence is kept with its parameters."""
    return in_words(Sentence(fix.title, fix.title_params))  # type: ignore[attr-defined]


@register.filter
def word(code: str, kind: str) -> str:
    return str(WORDS[kind].get(str(code), code))


@register.filter
def weeks_missing(table: Table) -> int:
    return table.weeks - table.weeks_with_rows
