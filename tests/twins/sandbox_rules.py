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


def later(anchor, interval, count=1):
    """The same day so many months or years on, or the month's last day. Always counted from the
    first day: 31 January, 28 February, 31 March."""
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.month - 1 + count * (1 if interval == "month" else 12)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def due_of(subscription, wanted):
    """The new price less the unused part of the old, to the second, half up; where the interval
    stays, the new price of the rest of the period only."""
    start, end = subscription["current_period_start"], subscription["current_period_end"]
    whole, left = end - start, max(0, end - max(wanted["at"], start))

    def rest(amount):
        return (2 * amount * left + whole) // (2 * whole) if whole > 0 else 0

    same = wanted.get("interval") == subscription["interval"]
    new = rest(wanted["amount"]) if same else wanted["amount"]
    return max(0, new - rest(subscription["amount"]))
