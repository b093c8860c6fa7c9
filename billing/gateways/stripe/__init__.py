"""Stripe: Checkout, Billing and the customer portal, through its own SDK (API 2026-10-28.endive).

Inside this package `import stripe` is the SDK: imports are absolute. Prices at Stripe include GST
and are made by us; Stripe computes no tax. Its redirects are unsigned and grant nothing.
"""

from billing.gateways.stripe.gateway import StripeGateway

__all__ = ["StripeGateway"]
