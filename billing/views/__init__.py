"""Billing pages and the webhook door."""

from billing.views.details import (
    billing_details,
    billing_registration_add,
    billing_registration_remove,
)
from billing.views.documents import (
    billing_document,
    billing_document_pay,
    billing_documents,
    billing_statement,
)
from billing.views.offers import billing_coupon, billing_referral
from billing.views.plan import (
    billing_cancel,
    billing_cancel_ask,
    billing_change,
    billing_change_abandon,
    billing_change_start,
    billing_keep,
    billing_pause,
    billing_resume,
)
from billing.views.returning import billing_return, billing_return_status
from billing.views.summary import billing_pay, billing_repair, billing_summary
from billing.views.webhooks import gateway_webhook

__all__ = [
    "billing_cancel",
    "billing_cancel_ask",
    "billing_change",
    "billing_change_abandon",
    "billing_change_start",
    "billing_coupon",
    "billing_details",
    "billing_document",
    "billing_document_pay",
    "billing_documents",
    "billing_keep",
    "billing_pause",
    "billing_pay",
    "billing_referral",
    "billing_registration_add",
    "billing_registration_remove",
    "billing_repair",
    "billing_resume",
    "billing_return",
    "billing_return_status",
    "billing_statement",
    "billing_summary",
    "gateway_webhook",
]
