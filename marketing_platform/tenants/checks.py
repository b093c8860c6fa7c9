"""System checks on where apps live."""

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.compatibility)
def no_app_is_on_both_sides(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """A missing workspace table would silently be read from public if an app were on both."""
    public = set(settings.TENANT_TYPES["public"]["APPS"])
    return [
        checks.Error(
            f"{app} is in the public schema and in {tier} workspaces.",
            hint="Split it in two apps: one public, one in the workspace.",
            id="tenants.E001",
        )
        for tier, row in settings.TENANT_TYPES.items()
        if tier != "public"
        for app in sorted(public & set(row["APPS"]))
    ]
