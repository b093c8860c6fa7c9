"""The public site's pages."""

from django.urls import path

from marketing_platform.onboarding import (
    devices,
    handoff_pages,
    join,
    plan,
    quote,
    sign_in,
    sign_up,
    site,
    style,
)

urlpatterns = [
    path("", site.landing, name="landing"),
    path("pricing/", site.pricing, name="pricing"),
    path("sample/", site.sample, name="sample"),
    path("style/", style.style, name="style"),
    path("start/", sign_up.start, name="start"),
    path("start/code/", sign_up.code, name="start_code"),
    path("start/code/again/", sign_up.code_again, name="start_code_again"),
    path("start/business/", sign_up.business, name="start_business"),
    path("start/plan/", plan.plan, name="start_plan"),
    path("start/quote/", quote.quote, name="start_quote"),
    path("start/quote/<int:quote_id>/pdf/", quote.quote_file, name="start_quote_file"),
    path("start/again/", plan.pay_again, name="start_again"),
    path("start/continue/<uuid:tenant_id>/", sign_up.continue_sign_up, name="start_continue"),
    path("start/resume/", sign_up.resume, name="start_resume"),
    path("start/waiting/<uuid:tenant_id>/", plan.waiting, name="start_waiting"),
    path(
        "start/waiting/<uuid:tenant_id>/status/",
        plan.waiting_status,
        name="start_waiting_status",
    ),
    path("start/<slug:tier>/", sign_up.you, name="start_you"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/again/", sign_in.sign_in_code_again, name="sign_in_code_again"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("hand-over/", handoff_pages.hand_over, name="hand_over"),
    path("join/code/", join.join_code, name="join_code"),
    path("join/code/again/", join.join_code_again, name="join_code_again"),
    path("join/<str:token>/", join.join, name="join"),
    path("my/", sign_in.my_businesses, name="my_businesses"),
    path("my/sessions/", devices.devices, name="my_sessions"),
    path("my/sessions/out/", devices.device_out, name="my_sessions_out"),
    path("my/sessions/others/", devices.devices_out, name="my_sessions_others"),
]
