"""Billing pages and API of a workspace, one list per part."""

from django.urls import path

from billing import views
from billing.views import api, paper

OWNER = [
    path("billing/", views.billing_summary, name="billing"),
    path("billing/pay/", views.billing_pay, name="billing_pay"),
    path("billing/return/", views.billing_return, name="billing_return"),
    path("billing/return/status/", views.billing_return_status, name="billing_return_status"),
    path("billing/repair/", views.billing_repair, name="billing_repair"),
    path("billing/change/", views.billing_change, name="billing_change"),
    path("billing/change/start/", views.billing_change_start, name="billing_change_start"),
    path("billing/change/abandon/", views.billing_change_abandon, name="billing_change_abandon"),
    path("billing/cancel/", views.billing_cancel, name="billing_cancel"),
    path("billing/cancel/ask/", views.billing_cancel_ask, name="billing_cancel_ask"),
    path("billing/keep/", views.billing_keep, name="billing_keep"),
    path("billing/pause/", views.billing_pause, name="billing_pause"),
    path("billing/resume/", views.billing_resume, name="billing_resume"),
    path("billing/invoices/", views.billing_documents, name="billing_documents"),
    path(
        "billing/invoices/<int:document_id>/pdf/", views.billing_document, name="billing_document"
    ),
    path(
        "billing/invoices/<int:document_id>/pay/",
        views.billing_document_pay,
        name="billing_document_pay",
    ),
    path("billing/details/", views.billing_details, name="billing_details"),
    path("billing/details/gstin/", views.billing_registration_add, name="billing_registration_add"),
    path(
        "billing/details/gstin/<int:registration_id>/remove/",
        views.billing_registration_remove,
        name="billing_registration_remove",
    ),
    path("billing/statement/", views.billing_statement, name="billing_statement"),
    path("billing/coupon/", views.billing_coupon, name="billing_coupon"),
    path("billing/referral/", views.billing_referral, name="billing_referral"),
]
PAPER = [
    path("billing/paper/", paper.billing_paper, name="billing_paper"),
    path("billing/paper/terms/", paper.billing_paper_terms, name="billing_paper_terms"),
    path("billing/quotes/make/", paper.billing_quote_make, name="billing_quote_make"),
    path("billing/quotes/<int:quote_id>/pdf/", paper.billing_quote, name="billing_quote"),
    path(
        "billing/quotes/<int:quote_id>/accept/",
        paper.billing_quote_accept,
        name="billing_quote_accept",
    ),
    path(
        "billing/quotes/<int:quote_id>/decline/",
        paper.billing_quote_decline,
        name="billing_quote_decline",
    ),
    path("billing/certificates/", paper.billing_certificates, name="billing_certificates"),
    path(
        "billing/certificates/<int:certificate_id>/upload/",
        paper.billing_certificate_upload,
        name="billing_certificate_upload",
    ),
    path("billing/vendor-pack/", paper.billing_vendor_pack, name="billing_vendor_pack"),
]
urlpatterns = [*OWNER, *PAPER]
api_urlpatterns = [
    path("billing/summary", api.BillingSummaryView.as_view(), name="api-billing-summary"),
    path("billing/invoices", api.InvoicesView.as_view(), name="api-billing-invoices"),
    path(
        "billing/invoices/<int:document_id>/pay",
        api.InvoicePayView.as_view(),
        name="api-billing-invoice-pay",
    ),
]
