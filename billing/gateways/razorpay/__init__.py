"""Razorpay: subscriptions and payment links with hosted pages, over its HTTP interface.

Its SDK is not used: without a timeout, printing its errors, losing their status and failing on
pages in place of JSON, it would have to be wrapped at every call; `calls` is shorter than that.

What shapes this package: a mandate's price cannot be changed for Indian cards, UPI and e-mandates
(a new price is a new subscription); only refunds have an idempotency key; an event's signature
covers the body alone; a subscription that expires says nothing.
"""

from billing.gateways.razorpay.gateway import RazorpayGateway

__all__ = ["RazorpayGateway"]
