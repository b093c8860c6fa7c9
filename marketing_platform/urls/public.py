"""The public site: landing, sign-up, sign-in, webhooks, API description."""

from django.conf import settings
from django.urls import include, path

from marketing_platform.api.docs import docs_page, schema_page
from marketing_platform.connections.urls import public_urlpatterns as connections
from marketing_platform.inbox.views import provider_webhook
from marketing_platform.messaging.views import development_inbox
from marketing_platform.onboarding.languages import in_each_language
from marketing_platform.support.urls import public_urlpatterns as support
from marketing_platform.support.views import help_page, help_topic
from marketing_platform.tiers.registry import deployed
from marketing_platform.urls.shared import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
)
from marketing_platform.urls.shared import urlpatterns as shared_patterns
from marketing_platform.urls.workspace import api_of

described = api_of(*deployed())
urlpatterns = [
    *shared_patterns,
    path("api/schema/", schema_page(described), name="api_schema"),
    path("api/docs/", docs_page(described), name="api_docs"),
    path("account/", include("marketing_platform.onboarding.account_urls")),
    path("webhooks/<slug:provider>/", provider_webhook, name="provider_webhook"),
    *connections,
    *in_each_language("help/", help_page, "help"),
    *support,
    *in_each_language("help/<slug:slug>/", help_topic, "help-topic"),
    path("", include("billing.public_urls")),
    path("", include("marketing_platform.onboarding.urls")),
]
if settings.SHOW_DEVELOPMENT_INBOX:
    urlpatterns.append(path("inbox/", development_inbox, name="development_inbox"))
