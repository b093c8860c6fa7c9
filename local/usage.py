"""What a Local workspace uses of its plan and has done, each counted in one query."""

from datetime import date

from local.automation.social_media.models import PostedRecord
from local.automation.social_media.selectors import posts_on
from local.automation.whatsapp.engine.money import rate_on
from local.automation.whatsapp.selectors.account import rates_supplied
from local.automation.whatsapp.selectors.campaigns import messages_of_month
from local.customers.selectors import customers_own
from local.customers.selectors.consent import said_last
from local.execution.engine.states import OPEN
from local.execution.models import Action
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.tiers.contracts import PassedOn
from marketing_platform.tiers.quotas import counted_together

# One workspace is one shop: whoever opens another one opens another workspace, by the same payer.
PLACES = 1
POSTS = ("meta.facebook_post", "meta.instagram_image", "google.post")
MESSAGES = ("whatsapp.campaign_message", "whatsapp.reply")


def usage_of() -> dict[str, int]:
    """By quota, as the services count before they make one more."""
    now = clock.now()
    rows = {
        "contacts": customers_own(),
        "messages_per_month": messages_of_month(now),
        "posts_per_day": posts_on(clock.today(now)),
    }
    return {"places": PLACES, **counted_together(rows)}


def consents_of() -> dict[str, int]:
    """Label → people: what was said last about offers on WhatsApp."""
    said = said_last()
    return {
        _("Agreed to offers on WhatsApp"): said.get("granted", 0),
        _("Said no to offers on WhatsApp"): said.get("withdrawn", 0),
    }


def done_of() -> dict[str, int]:
    """Label → how often: what went out and what the owner's list brought to an end."""
    went_out = Effect.objects.filter(state="confirmed")
    counted = counted_together(
        {
            "by_hand": PostedRecord.objects.all(),
            "posts": went_out.filter(kind__in=POSTS),
            "messages": went_out.filter(kind__in=MESSAGES),
            "replies": went_out.filter(kind="google.review_reply"),
            "tasks": Action.objects.filter(state__in=["done", "verified", "self_reported"]),
        }
    )
    return {
        _("posts shared"): counted.get("by_hand", 0) + counted.get("posts", 0),
        _("messages sent"): counted.get("messages", 0),
        _("reviews answered"): counted.get("replies", 0),
        _("tasks done"): counted.get("tasks", 0),
    }


def waiting_of(today: date) -> int:
    """The open cards of the day, as Today counts them."""
    return Action.objects.filter(on=today, state__in=OPEN).count()


def passed_on(today: date) -> tuple[PassedOn, ...]:
    """What Meta charges for one delivered message, by the dated table."""
    labels = {
        "marketing": _("A marketing message on WhatsApp"),
        "utility": _("A utility message on WhatsApp (bill, reminder)"),
    }
    rates = [(labels[name], rate_on(rates_supplied(), name, today)) for name in labels]
    return tuple(
        PassedOn(label, rate.amount, rate.with_gst(), rate.valid_from, rate.source)
        for label, rate in rates
        if rate is not None
    )
