"""The staff admin, on its own host with its own session."""

from django.contrib import admin
from django.urls import path

from marketing_platform.onboarding import factor_pages, passkey_pages
from marketing_platform.onboarding.confirm import confirm
from marketing_platform.onboarding.security import sign_in_factor
from marketing_platform.operations.staff_export import export_list
from marketing_platform.operations.staff_sign_in import staff_sign_in, staff_sign_out
from marketing_platform.urls.shared import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
)
from marketing_platform.urls.shared import urlpatterns as shared_patterns

urlpatterns = [
    *shared_patterns,
    path("login/", staff_sign_in, name="staff_sign_in"),
    path("login/factor/", sign_in_factor, name="sign_in_factor"),
    path("security/", factor_pages.security, name="my_security"),
    path("security/app/", factor_pages.factor_set_up, name="factor_set_up"),
    path("security/off/", factor_pages.factor_off, name="factor_off"),
    path("security/codes/", factor_pages.factor_codes, name="factor_codes"),
    path("security/passkeys/begin/", passkey_pages.passkey_begin, name="passkey_begin"),
    path("security/passkeys/", passkey_pages.passkey_store, name="passkey_store"),
    path(
        "security/passkeys/<uuid:passkey_id>/remove/",
        passkey_pages.passkey_off,
        name="passkey_off",
    ),
    path("login/passkey/begin/", passkey_pages.passkey_question, name="passkey_question"),
    path("login/passkey/", passkey_pages.passkey_answer, name="passkey_answer"),
    path("security/confirm/", confirm, name="security_confirm"),
    path("logout/", staff_sign_out, name="staff_sign_out"),
    path("take-out/<slug:app>/<slug:model>/", admin.site.admin_view(export_list), name="take_out"),
    path("", admin.site.urls),
]
