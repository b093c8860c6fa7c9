"""The public site's pages."""

from django.urls import path

from marketing_platform.onboarding import (
    found,
    handoff_pages,
    join,
    legal_pages,
    plan,
    quote,
    sign_in,
    sign_in_link,
    sign_up,
    site,
    style,
)
from marketing_platform.onboarding.languages import in_each_language

urlpatterns = [
    *in_each_language("", site.landing, "landing"),
    *in_each_language("pricing/", site.pricing, "pricing"),
    path("legal/agree/", legal_pages.legal_agree, name="legal_agree"),
    *in_each_language("legal/", legal_pages.legal, "legal"),
    *in_each_language("legal/<slug:key>/", legal_pages.legal_page, "legal_page"),
    path("cancel/", legal_pages.cancel, name="cancel"),
    path("robots.txt", found.robots, name="robots"),
    path("sitemap.xml", found.sitemap, name="sitemap"),
    path("share-<slug:language>.png", found.share_picture, name="share_picture"),
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
    path("sign-in/link/<str:token>/", sign_in_link.sign_in_link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("hand-over/", handoff_pages.hand_over, name="hand_over"),
    path("join/code/", join.join_code, name="join_code"),
    path("join/code/again/", join.join_code_again, name="join_code_again"),
    path("join/<str:token>/", join.join, name="join"),
    path("my/", sign_in.my_businesses, name="my_businesses"),
]
