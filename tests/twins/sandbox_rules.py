"""What the sandbox gateway takes, and what its buttons do to a subscription."""

import calendar
from datetime import UTC, datetime
from urllib.parse import urlsplit

# The event of each action, and what it writes into the subscription.
ACTIONS = {
    "renew": ("subscription.charged", {"status": "active"}),
    "fail": ("subscription.past_due", {"status": "past_due"}),
    "halt": ("subscription.halted", {"status": "halted"}),
    "pause": ("subscription.paused", {"status": "paused", "paused_by": "us"}),
    "customer_pause": ("subscription.paused", {"status": "paused", "paused_by": "customer"}),
    "resume": ("subscription.resumed", {"status": "active"}),
    "cancel": ("subscription.canceled", {"status": "canceled"}),
    "complete": ("subscription.completed", {"status": "completed"}),
    "expire": ("subscription.expired", {"status": "expired"}),
    "end_later": ("subscription.updated", {"cancel_at_period_end": True}),
    "keep": ("subscription.updated", {"cancel_at_period_end": False}),
    "mandate_lost": ("subscription.updated", {"mandate": "lost"}),
    "mandate_paused": ("subscription.updated", {"mandate": "paused"}),
    "mandate_repaired": ("subscription.updated", {"mandate": "confirmed"}),
    "needs_approval": (
        "subscription.past_due",
        {"status": "past_due", "mandate": "needs_afa"},
    ),
}
LINK_NAMES = {"reference", "amount", "currency", "description", "return_url"}
CHECKOUT_NAMES = {"reference", "amount", "currency", "plan", "interval", "return_url"}
EXTRAS = {"starts_at", "mandate_limit", "method"}


class Refusal(Exception):
    def __init__(self, status, sentence):
        self.status, self.sentence = status, sentence


def check_request(wanted, *, is_link):
    names, extras = (LINK_NAMES, set()) if is_link else (CHECKOUT_NAMES, EXTRAS)
    if not isinstance(wanted, dict) or set(wanted) - extras != names:
        raise Refusal(422, f"send exactly {sorted(names)}")
    if not isinstance(wanted["amount"], int) or wanted["amount"] <= 0:
        raise Refusal(422, "amount is in paise and above zero")
    if wanted["currency"] != "INR" or wanted.get("interval", "month") not in {"month", "year"}:
        raise Refusal(422, "currency is INR, interval is month or year")
    if urlsplit(str(wanted["return_url"])).scheme not in {"http", "https"}:
        raise Refusal(422, "return_url is a web address")


def later(moment, interval):
    """The same day a month or a year on, or the month's last day."""
    start = datetime.fromtimestamp(moment, UTC)
    months = start.month if interval == "month" else start.month + 11
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def due_of(subscription, amount, at):
    """A new price from `at` on, less the unused part of the old, to the second, half up."""
    start, end = subscription["current_period_start"], subscription["current_period_end"]
    whole, left = end - start, max(0, end - max(at, start))
    credit = (2 * subscription["amount"] * left + whole) // (2 * whole) if whole > 0 else 0
    return max(0, amount - credit)
