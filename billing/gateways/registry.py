"""The one table of gateways. Adding one is adding a row and a module."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from django.conf import settings

from billing.errors import NoGateway, UnknownGateway
from billing.gateways.base import Gateway


@dataclass(frozen=True)
class GatewayRow:
    """`options` maps an argument of the class to the setting it is filled from."""

    label: str
    path: str
    options: Mapping[str, str]


GATEWAYS: Mapping[str, GatewayRow] = MappingProxyType(
    {
        "razorpay": GatewayRow(
            label="Razorpay",
            path="billing.gateways.razorpay.RazorpayGateway",
            options={
                "key_id": "RAZORPAY_KEY_ID",
                "key_secret": "RAZORPAY_KEY_SECRET",
                "webhook_secret": "RAZORPAY_WEBHOOK_SECRET",
                "base_url": "RAZORPAY_URL",
            },
        ),
        "stripe": GatewayRow(
            label="Stripe",
            path="billing.gateways.stripe.StripeGateway",
            options={
                "secret_key": "STRIPE_SECRET_KEY",
                "webhook_secret": "STRIPE_WEBHOOK_SECRET",
                "base_url": "STRIPE_URL",
            },
        ),
        "sandbox": GatewayRow(
            label="Sandbox",
            path="billing.gateways.sandbox.SandboxGateway",
            options={"base_url": "SANDBOX_GATEWAY_URL", "secret": "SANDBOX_GATEWAY_SECRET"},
        ),
    }
)


def gateway_of(code: str) -> Gateway:
    """The gateway of a code in BILLING_GATEWAYS; UnknownGateway for any other."""
    if code not in settings.BILLING_GATEWAYS or code not in GATEWAYS:
        raise UnknownGateway
    row = GATEWAYS[code]
    module, _, name = row.path.rpartition(".")
    gateway_class = getattr(import_module(module), name)
    return gateway_class(**{name: getattr(settings, row.options[name]) for name in row.options})


def default_gateway() -> Gateway:
    """The first of BILLING_GATEWAYS, with which new checkouts start. Raises NoGateway."""
    for code in settings.BILLING_GATEWAYS:
        return gateway_of(code)
    raise NoGateway
