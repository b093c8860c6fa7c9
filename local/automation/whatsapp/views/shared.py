"""What several pages say: the forecast and the counts, in words."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, gettext, ngettext

from local.automation.whatsapp.engine.forecast import LeftOut
from local.automation.whatsapp.engine.money import in_rupees
from local.automation.whatsapp.models import Campaign, RecipientState
from local.automation.whatsapp.selectors.campaigns import CampaignCounts
from local.automation.whatsapp.services.content import text_for
from marketing_platform.core.language import shown_language
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_phone
from marketing_platform.users.permissions import Permission, allowed

LEFT_OUT_WORDS = {
    LeftOut.NOT_AGREED: _("did not agree to such messages"),
    LeftOut.NO_NUMBER: _("have no WhatsApp number here"),
    LeftOut.TOO_OFTEN: _("got one in the last 7 days, or three in 30 days"),
    LeftOut.COOLS_OFF: _("did not answer three messages: left alone for 30 days"),
    LeftOut.OVER_CAP: _("are more than the most people you set"),
}


def interface_language() -> str:
    return shown_language(get_language())


def may(request: HttpRequest, permission: Permission) -> bool:
    return allowed(request.membership.role, permission)


def shown_phone(request: HttpRequest, phone: str) -> str:
    """Whole for those who may see numbers."""
    if not phone or may(request, Permission.CUSTOMER_NUMBERS):
        return phone
    return mask_phone(phone)


def money(paise: int) -> str:
    """Whole rupees from ten rupees on: a forecast is not exact to the paisa."""
    return Rupees(paise if paise < 1_000 else round(paise, -2)).format()


def forecast_lines(campaign: Campaign) -> list[str]:
    """The card above "Approve": people, cost, what to expect, how it is measured."""
    told, hand = campaign.forecast, campaign.way == "hand"
    people = told.get("recipients", 0)
    lines = [
        ngettext("%(count)s person will get it", "%(count)s people will get it", people)
        % {"count": people}
    ]
    lines.append(gettext("Costs nothing: you send it yourself") if hand else _cost_line(told))
    lines.append(_visits_line(told))
    lines.append(_holdout_line(told, people))
    if told.get("over_limit"):
        lines.append(
            gettext(
                "More people than WhatsApp allows you in a day: the rest follow when a day is over,"
                " and whoever is left after two days is left out"
            )
        )
    return lines


def _cost_line(told: dict[str, Any]) -> str:
    if told.get("rate") is None:
        return gettext("The price is not known: enter it under Limits and prices")
    low, high = money(told["cost_low_paise"]), money(told["cost_high_paise"])
    if low == high:
        return gettext("About %(cost)s with tax") % {"cost": high}
    return gettext("About %(low)s to %(high)s with tax") % {"low": low, "high": high}


def _visits_line(told: dict[str, Any]) -> str:
    visits = told.get("visits")
    if visits:
        return gettext(
            "Expected visits in 7 days: %(low)s to %(high)s, as after your earlier messages"
        ) % {"low": visits[0], "high": visits[1]}
    return gettext(
        "How many will come is not known yet: %(count)s more delivered messages will tell"
    ) % {"count": told.get("past_missing", 0)}


def _holdout_line(told: dict[str, Any], people: int) -> str:
    if told.get("held_out"):
        return gettext("%(count)s people are held back, by lot, to measure the effect") % {
            "count": told["held_out"]
        }
    return gettext(
        "Too few people to measure the effect (it takes about %(needed)s), so nobody is held back"
    ) % {"needed": told.get("needed_to_measure", 0)}


def left_out_lines(campaign: Campaign) -> list[tuple[int, str]]:
    """How many of the list are left out, with the reason in words."""
    found = campaign.forecast.get("left_out", {})
    return [
        (found[reason], gettext(words))
        for reason, words in LEFT_OUT_WORDS.items()
        if found.get(reason)
    ]


def count_rows(counts: CampaignCounts) -> list[dict[str, Any]]:
    """What became of the messages; only states that somebody is in."""
    return [
        {"label": state.label, "count": counts.of(state)}
        for state in RecipientState
        if counts.of(state)
    ]


def spent(counts: CampaignCounts) -> str:
    return in_rupees(counts.cost).format()


def sample_post(campaign: Campaign) -> dict[str, Any]:
    """As a customer without a name would get it."""
    return {"caption": text_for(campaign, None), "hashtags": (), "call_to_action": ""}
