"""Pages and API of a workspace. The tier's own part comes from the registry, by its tier."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from billing import urls as billing
from marketing_platform.api.docs import docs_page, schema_page
from marketing_platform.api.stubs import other_tier, unknown_route
from marketing_platform.connections import urls as connections
from marketing_platform.effects import urls as effects
from marketing_platform.jobs import urls as jobs
from marketing_platform.notifications import urls as notifications
from marketing_platform.onboarding.handoff_pages import (
    workspace_sign_in,
    workspace_sign_in_complete,
)
from marketing_platform.onboarding.sign_in import sign_out
from marketing_platform.operations import workspace_urls as operations
from marketing_platform.people import urls as people
from marketing_platform.support.urls import urlpatterns as support
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.urls import shared

# Both tiers' pages may share a name such as "home"; which map applies is the workspace's tier.
handler400, handler403 = shared.handler400, shared.handler403
handler404, handler500 = shared.handler404, shared.handler500


KERNEL = (connections, effects, jobs, notifications)
WITH_API = (*KERNEL, people, billing, operations)


def api_of(*tiers: str) -> list[URLResolver]:
    """The API of these tiers, and what every workspace has beside it."""
    own = [path(f"api/{tier}/", include(REGISTRY[tier].api_urls)) for tier in tiers]
    shared_routes = [route for part in WITH_API for route in part.api_urlpatterns]
    return [*own, path("api/", include(shared_routes))]


def patterns_for(tier: str) -> list[URLPattern | URLResolver]:
    row = REGISTRY[tier]
    described = api_of(tier)
    return [
        *shared.urlpatterns,
        path("sign-in/", workspace_sign_in, name="workspace_sign_in"),
        path("sign-in/complete/", workspace_sign_in_complete, name="workspace_sign_in_complete"),
        path("sign-out/", sign_out, name="sign_out"),
        *operations.urlpatterns,
        *support,
        path("api/schema/", schema_page(described), name="api_schema"),
        path("api/docs/", docs_page(described), name="api_docs"),
        *described,
        re_path(r"^api/(?P<tier>local|enterprise)(?:/(?P<rest>.*))?$", other_tier),
        re_path(r"^api/(?P<rest>.*)$", unknown_route),
        path("", include("marketing_platform.dashboard.urls")),
        path("", include([route for part in KERNEL for route in part.urlpatterns])),
        path("", include(billing.urlpatterns)),
        path("", include(row.urlconf)),
    ]
