"""Where gateways send their webhooks: one address each, on the public host."""

from django.urls import path

from billing import views

urlpatterns = [
    path("webhooks/billing/<slug:gateway>/", views.gateway_webhook, name="billing_webhook"),
    # As typed into a gateway's settings: a POST is not redirected to the address above.
    path("webhooks/billing/<slug:gateway>", views.gateway_webhook, name="billing_webhook_bare"),
]
