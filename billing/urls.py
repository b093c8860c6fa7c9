"""Billing pages of a workspace."""

from django.urls import path

from billing import views

urlpatterns = [
    path("billing/", views.billing_summary, name="billing"),
    path("billing/pay/", views.billing_pay, name="billing_pay"),
    path("billing/return/", views.billing_return, name="billing_return"),
    path("billing/return/status/", views.billing_return_status, name="billing_return_status"),
]
