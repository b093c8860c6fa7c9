"""What every route of every host is expected to do with another workspace's ids.

A route that is missing here fails the build (test_every_route): whoever adds one says where its
address, query or form names a row, so that the walk can put a foreign one there. A feature's own
routes stand in tests/rows/<feature>.py.
"""

import re

from tests.isolation.kinds import BARE, BEARER, DAY, OWN, STAFF, Kind, Row
from tests.rows_of_features import rows_of

EVERYWHERE = {
    "health/live": BARE,
    "health/ready": BARE,
    "language/": Row(Kind.BARE, form={"language": "en"}),
    "manifest.webmanifest": BARE,
    "icon-<int:size>.png": Row(Kind.BARE, {"size": "192"}),
    "media/signed/<str:token>": Row(Kind.TOKEN, {"token": "@file"}),
}
WORKSPACE = {
    **EVERYWHERE,
    **rows_of("WORKSPACE"),
    "sign-in/": BARE,
    "sign-in/complete/": Row(Kind.TOKEN, query={"token": "@hand_over"}),
    "sign-out/": BARE,
    "api/schema/": BARE,
    "api/docs/": BARE,
    "^api/(?P<tier>local|enterprise)(?:/(?P<rest>.*))?$": Row(
        Kind.BARE, {"tier": "@other_tier", "rest": "intelligence"}
    ),
    "^api/(?P<rest>.*)$": Row(Kind.BARE, {"rest": "nothing"}),
    "settings/": OWN,
    "settings/team/": OWN,
    "settings/api-keys/": Row(Kind.OWN, form={"name": "x", "access": "read", "kind": "test"}),
    "settings/api-keys/<uuid:key_id>/revoke/": Row(Kind.ROW, {"key_id": "@api_key"}),
    "billing/": OWN,
    "billing/pay/": OWN,
    "billing/return/": Row(Kind.ROW, query={"checkout": "@checkout"}),
    "billing/return/status/": Row(Kind.ROW, query={"checkout": "@checkout"}),
    "": OWN,
}
LOCAL = {
    **WORKSPACE,
    **rows_of("LOCAL"),
    "api/local/automation/social-media": OWN,
    "api/local/intelligence": OWN,
    "posts/": OWN,
    "posts/<day:on>/": Row(Kind.OWN, {"on": "2026-12-01"}),
    "posts/another-idea/": Row(Kind.OWN, form={**DAY, "variant": "1"}),
    "posts/posted/": Row(Kind.OWN, form={**DAY, "variant": "1", "network": "facebook"}),
    "posts/not-posted/": Row(Kind.OWN, form={**DAY, "variant": "1", "network": "facebook"}),
    "settings/brand/": OWN,
    "settings/brand/save/": Row(
        Kind.OWN, form={"primary_colour": "#aa3311", "accent_colour": "#113355", "tagline": "x"}
    ),
    "settings/brand/photo/": OWN,
    "settings/brand/photo/remove/": OWN,
    "settings/results/": OWN,
    "settings/results/add/": OWN,
    "settings/results/<int:result_id>/remove/": Row(Kind.ROW, {"result_id": "@row"}),
    "settings/results/seats/": OWN,
    "settings/results/seats/remove/": OWN,
    "offers/": OWN,
    "offers/add/": OWN,
    "offers/<int:offer_id>/end/": Row(Kind.ROW, {"offer_id": "@row"}),
    "insights/": OWN,
    "occasions/": OWN,
    "occasions/move/": Row(
        Kind.ROW, form={"slug": "@occasion", "year": "@year", "on": "2026-12-01"}
    ),
    "occasions/mute/": Row(Kind.ROW, form={"slug": "@occasion", "year": "@year"}),
    "occasions/add/": Row(Kind.OWN, form={"title": "Fair", "on": "2026-12-01"}),
    "occasions/restore/": Row(Kind.ROW, form={"slug": "@occasion", "year": "@year"}),
    "settings/business/": OWN,
    "settings/business/save/": OWN,
}
ENTERPRISE = {
    **WORKSPACE,
    **rows_of("ENTERPRISE"),
    "api/enterprise/intelligence": OWN,
    "insights/": OWN,
    "data/": OWN,
    "data/upload/": OWN,
    "data/drafts/<int:batch_id>/": Row(Kind.ROW, {"batch_id": "@row"}),
    "data/drafts/<int:batch_id>/import/": Row(Kind.ROW, {"batch_id": "@row"}),
    "data/drafts/<int:batch_id>/discard/": Row(Kind.ROW, {"batch_id": "@row"}),
    "data/imports/<int:batch_id>/undo/": Row(Kind.ROW, {"batch_id": "@imported"}),
    "data/sample/clear/": OWN,
    "data/sample/show/": OWN,
    "settings/company/": OWN,
    "settings/company/save/": OWN,
}
PUBLIC = {
    **EVERYWHERE,
    **rows_of("PUBLIC"),
    "media/signed/<str:token>": BEARER,
    "api/schema/": BARE,
    "api/docs/": BARE,
    "account/password/reset/": BARE,
    "account/password/reset/done/": BARE,
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Row(
        Kind.BARE, {"uidb36": "1", "key": "junk"}
    ),
    "account/password/reset/key/done/": BARE,
    "account/sign-in/": BARE,
    "account/sign-up/": BARE,
    "account/email/": BARE,
    "account/inactive/": BARE,
    "webhooks/billing/<slug:gateway>/": Row(Kind.BARE, {"gateway": "sandbox"}),
    "": BARE,
    "pricing/": BARE,
    "style/": BARE,
    "sample/": BARE,
    "start/": BARE,
    "start/code/": BARE,
    "start/code/again/": BARE,
    "start/business/": BARE,
    "start/plan/": BARE,
    "start/again/": BARE,
    "start/quote/": BARE,
    "start/quote/<int:quote_id>/pdf/": Row(Kind.BARE, {"quote_id": "1"}),
    "start/continue/<uuid:tenant_id>/": Row(Kind.ROW, {"tenant_id": "@tenant"}),
    "start/resume/": BARE,
    "start/waiting/<uuid:tenant_id>/": Row(Kind.ROW, {"tenant_id": "@tenant"}),
    "start/waiting/<uuid:tenant_id>/status/": Row(Kind.ROW, {"tenant_id": "@tenant"}),
    "start/<slug:tier>/": Row(Kind.BARE, {"tier": "local"}),
    "sign-in/": BARE,
    "sign-in/code/": BARE,
    "sign-in/code/again/": BARE,
    "sign-out/": BARE,
    "hand-over/": Row(
        Kind.OWN, query={"workspace": "@slug", "nonce": "0" * 64, "next": "/"}, says_name=True
    ),
    "my/": OWN,
    "my/sessions/": BARE,
    "my/sessions/out/": BARE,
    "my/sessions/others/": BARE,
    "inbox/": BARE,
}
ADMIN = {
    **EVERYWHERE,
    **rows_of("ADMIN"),
    "media/signed/<str:token>": BEARER,
    "login/": BARE,
    "logout/": BARE,
    "search/": STAFF,
    "": STAFF,
    "password_change/": STAFF,
    "password_change/done/": STAFF,
    "autocomplete/": STAFF,
    "jsi18n/": STAFF,
    "take-out/<slug:app>/<slug:model>/": Row(Kind.STAFF, {"app": "tenants", "model": "tenant"}),
    "r/<path:content_type_id>/<path:object_id>/": Row(
        Kind.STAFF, {"content_type_id": "1", "object_id": "@tenant"}
    ),
    "(?P<url>.*)$": Row(Kind.STAFF, {"url": "nothing"}),
}
# A model's pages in the admin, and the list of an app's models.
ADMIN_PAGES = re.compile(
    r"(?:(?P<app>\w+)/(?P<model>\w+)/"
    r"(?:add/|<path:object_id>/(?:history/|delete/|change/)?)?"
    r"|\^\(\?P<app_label>[\w|]+\)/\$)"
)
# Staff may read every workspace's public rows, so only who is staff is asked here.
ADMIN_MODELS = {
    "admin": {"logentry"},
    "auth": {"group"},
    "billing": {
        *("accountworkspace", "bankline", "bankstatement", "billingaccount", "checkout", "coupon"),
        *("couponuse", "customprice", "dispute", "dunningstep", "incomingtransfer"),
        *("journalentry", "payment", "payout", "periodlock", "plan", "planchange", "quote"),
        *("referral", "refund", "staffterms", "subscription", "supplier", "taxdocument"),
        *("tdscertificate", "vendorfile"),
    },
    "enterprise_clients": {"enterpriseclient"},
    "inbox": {"inboundevent"},
    "legal": {"acceptance"},
    "local_business": {"localbusiness"},
    "people": {"lostnumber"},
    "platform_effects_control": {"globalstop"},
    "platform_schedule": {"deadletter", "duework"},
    "support": {"errorreport", "helprequest", "supportvisit", "topicanswer"},
    "tenants": {"tenant"},
    "users": {"user"},
}


def admin_row(route: str) -> Row | None:
    if route in ADMIN:
        return ADMIN[route]
    found = ADMIN_PAGES.fullmatch(route)
    if found is None:
        return None
    app, model = found["app"], found["model"]
    if app is not None and model not in ADMIN_MODELS.get(app, ()):
        return None
    return Row(Kind.STAFF, {"object_id": "@tenant", "app_label": "billing"})
