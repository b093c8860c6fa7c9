"""Which app lives in which schema, compared with the design's list."""

import pytest
from django.apps import apps
from django.conf import settings

PUBLIC = {
    "people",
    "support",
    "tenants",
    "users",
    "api",
    "billing",
    "messaging",
    "platform_schedule",
    "platform_effects_control",
    "inbox",
    "enterprise_clients",
    "legal",
    "local_business",
    "sessions",
    "auth",
    "admin",
    "contenttypes",
    "account",
    "messages",
}
WORKSPACE = {
    "local": {
        "platform_audit",
        "platform_media",
        "platform_notifications",
        "platform_jobs",
        "platform_connections",
        "platform_effects",
        "local_occasions",
        "local_customers",
        "local_guidance",
        "local_google_business",
        "local_whatsapp",
        "local_social_media",
        "local_intelligence",
        "local_execution",
    },
    "enterprise": {
        "platform_audit",
        "platform_media",
        "platform_notifications",
        "platform_jobs",
        "platform_connections",
        "platform_effects",
        "enterprise_data_sources",
        "enterprise_market_intelligence",
        "enterprise_optimization_engine",
        "enterprise_campaign_generator",
        "enterprise_strategic_synthesizer",
    },
}


def labels(names: list[str]) -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name in names}


def test_public_apps_are_as_designed() -> None:
    found = labels(settings.TENANT_TYPES["public"]["APPS"])
    with_tables = {label for label in found if list(apps.get_app_config(label).get_models())}

    assert with_tables == PUBLIC - {"messages"}


@pytest.mark.parametrize("tier", WORKSPACE)
def test_workspace_apps_are_as_designed(tier: str) -> None:
    found = labels(settings.TENANT_TYPES[tier]["APPS"])

    assert found == WORKSPACE[tier]


def test_no_workspace_model_points_at_a_public_table() -> None:
    workspace = WORKSPACE["local"] | WORKSPACE["enterprise"]
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in workspace
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model._meta.app_label not in workspace
    ]

    assert wrong == []


def test_every_public_model_with_a_tenant_is_tenant_owned() -> None:
    from marketing_platform.tenants.models import (
        Domain,
        Tenant,
        TenantEvent,
        TenantOwned,
        WorkspaceMigration,
    )

    wrong = [
        model._meta.label
        for model in apps.get_models()
        if any(
            f.is_relation and f.concrete and f.related_model is Tenant
            for f in model._meta.get_fields()
        )
        and not issubclass(model, TenantOwned)
        and model not in {Domain, TenantEvent, WorkspaceMigration}
    ]

    assert wrong == []
