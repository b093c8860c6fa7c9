"""allauth's password reset, and nothing else of it."""

from allauth.account import views
from django.urls import path, re_path
from django.views.generic import RedirectView

from marketing_platform.onboarding.reset import password_reset

urlpatterns = [
    path("password/reset/", password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # allauth's pages and guards link to these names.
    path("sign-in/", RedirectView.as_view(pattern_name="sign_in"), name="account_login"),
    path("sign-up/", RedirectView.as_view(pattern_name="start"), name="account_signup"),
    path("email/", RedirectView.as_view(pattern_name="sign_in"), name="account_email"),
    path("inactive/", RedirectView.as_view(pattern_name="sign_in"), name="account_inactive"),
]
