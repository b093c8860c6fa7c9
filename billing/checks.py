"""Settings that would give access away are noticed before anything is served."""

from django.conf import settings
from django.core import checks

from billing.gateways.registry import GATEWAYS


@checks.register(checks.Tags.security)
def gateways_are_safe(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    for code in settings.BILLING_GATEWAYS:
        if code not in GATEWAYS:
            found.append(
                checks.Error(
                    f"BILLING_GATEWAYS names {code!r}, which is not a gateway.",
                    hint=f"Use one or more of: {', '.join(GATEWAYS)}.",
                    id="billing.E001",
                )
            )
    if "sandbox" in settings.BILLING_GATEWAYS:
        found += _sandbox_messages()
    if "stripe" in settings.BILLING_GATEWAYS:
        found += _stripe_messages()
    if "razorpay" in settings.BILLING_GATEWAYS:
        found += _razorpay_messages()
    return found


def _sandbox_messages() -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if not settings.SANDBOX_GATEWAY_SECRET.replace(",", "").strip():
        found.append(
            checks.Error(
                "SANDBOX_GATEWAY_SECRET is empty: anyone could sign payment events.",
                hint="Set it to a long random text, the same for the gateway.",
                id="billing.E002",
            )
        )
    if not settings.SHOW_DEVELOPMENT_INBOX:
        found.append(
            checks.Error(
                "The sandbox gateway grants access without money and is on outside development.",
                hint="Remove sandbox from BILLING_GATEWAYS.",
                id="billing.E003",
            )
        )
    return found


def _stripe_messages() -> list[checks.CheckMessage]:
    empty = [
        name
        for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
        if not getattr(settings, name).replace(",", "").strip()
    ]
    return [
        checks.Error(
            f"{name} is empty, and stripe is in BILLING_GATEWAYS.",
            hint="Without the webhook secret anyone could sign payment events.",
            id="billing.E005",
        )
        for name in empty
    ]


def _razorpay_messages() -> list[checks.CheckMessage]:
    names = ("RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET")
    empty = [name for name in names if not getattr(settings, name).replace(",", "").strip()]
    return [
        checks.Error(
            f"{name} is empty, and razorpay is in BILLING_GATEWAYS.",
            hint="Without the webhook secret anyone could sign payment events.",
            id="billing.E006",
        )
        for name in empty
    ]
