"""The one table of tiers. Adding a tier is adding a row; nothing else names a tier's modules.

Prices here are the launch prices: they seed version 1 of each Plan and are never read again.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType

from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tiers.contracts import FrontDoors, TierSpec

LOCAL = TierSpec(
    code="local",
    label=_("Local"),
    monthly_price=Rupees.of(999),
    annual_price=Rupees.of(9_990),
    complexity_level="simple",
    analysis_depth="actionable",
    integrations=("whatsapp", "google_business", "facebook", "instagram"),
    queue="local",
    limits=MappingProxyType(
        {
            "people": 3,
            "places": 1,
            "contacts": 3_000,
            "posts_per_day": 20,
            "messages_per_month": 10_000,
        }
    ),
    apps_public=("local.business",),
    apps_tenant=(
        "local.occasions",
        "local.customers",
        "local.guidance",
        "local.automation.google_business",
        "local.automation.whatsapp",
        "local.automation.social_media",
        "local.intelligence",
        "local.execution",
    ),
    urlconf="local.urls",
    api_urls="local.api_urls",
    navigation="local.navigation.navigation",
    settings_links="local.navigation.settings_links",
    front_doors=FrontDoors(
        intelligence="local.intelligence.front_door.LocalIntelligenceEngine",
        automation="local.automation.social_media.front_door.SocialMediaAutomation",
        services=MappingProxyType(
            {
                "intelligence": "local.intelligence.front_door.LocalIntelligenceEngine",
                "social_media": "local.automation.social_media.front_door.SocialMediaAutomation",
                "whatsapp": "local.automation.whatsapp.front_door.WhatsAppAutomation",
                "google_business": "local.automation.google_business.front_door.GMBAutomation",
                "guidance": "local.guidance.front_door.ManualTaskGuide",
                "execution": "local.execution.front_door.TaskExecutionEngine",
                "collaboration": "local.execution.front_door.HumanAICollaboration",
            }
        ),
    ),
    profile="local.business.front_door.LocalProfile",
    signup_form="local.business.forms.signup_form",
    demo="local.demo.seed",
    sample="local.automation.social_media.front_door.SamplePost",
    usage="local.usage.usage_of",
    done="local.usage.done_of",
    consents="local.usage.consents_of",
    waiting="local.usage.waiting_of",
    passed_on="local.usage.passed_on",
    webhooks=MappingProxyType({"whatsapp": "local.automation.whatsapp.front_door.WhatsAppWebhook"}),
)

ENTERPRISE = TierSpec(
    code="enterprise",
    label=_("Enterprise"),
    monthly_price=Rupees.of(25_000),
    annual_price=Rupees.of(250_000),
    complexity_level="advanced",
    analysis_depth="comprehensive",
    integrations=("salesforce", "hubspot", "marketo"),
    queue="enterprise",
    limits=MappingProxyType(
        {
            "people": 15,
            "contacts": 250_000,
            "data_sources": 20,
            "optimisations_per_day": 50,
            "optimisations_per_month": 500,
        }
    ),
    apps_public=("enterprise.clients",),
    apps_tenant=(
        "enterprise.data_sources",
        "enterprise.market_intelligence",
        "enterprise.optimization_engine",
        "enterprise.campaign_generator",
        "enterprise.strategic_synthesizer",
    ),
    urlconf="enterprise.urls",
    api_urls="enterprise.api_urls",
    navigation="enterprise.navigation.navigation",
    settings_links="enterprise.navigation.settings_links",
    front_doors=FrontDoors(
        intelligence="enterprise.market_intelligence.front_door.IntelligenceEngine",
        automation="enterprise.campaign_generator.front_door.CampaignGenerator",
        services=MappingProxyType(
            {
                "intelligence": "enterprise.market_intelligence.front_door.IntelligenceEngine",
                "optimization": "enterprise.optimization_engine.front_door.OptimizationEngine",
                "campaigns": "enterprise.campaign_generator.front_door.CampaignGenerator",
                "brief": "enterprise.strategic_synthesizer.front_door.StrategicSynthesizer",
            }
        ),
    ),
    profile="enterprise.clients.front_door.EnterpriseProfile",
    signup_form="enterprise.clients.forms.signup_form",
    demo="enterprise.demo.seed",
    usage="enterprise.usage.usage_of",
    waiting="enterprise.usage.waiting_of",
)

REGISTRY: Mapping[str, TierSpec] = MappingProxyType({"local": LOCAL, "enterprise": ENTERPRISE})


def deployed() -> tuple[str, ...]:
    """The tiers this process serves, from PLATFORM_TIERS, in the registry's order.

    Raises ValueError for an unknown or empty value.
    """
    wanted = {
        part.strip() for part in os.environ.get("PLATFORM_TIERS", "local,enterprise").split(",")
    }
    unknown = wanted - REGISTRY.keys()
    if unknown or not wanted:
        raise ValueError(
            f"PLATFORM_TIERS names {sorted(unknown)}; use local, enterprise or local,enterprise"
        )
    return tuple(code for code in REGISTRY if code in wanted)


def spec(tier: str) -> TierSpec:
    """The row of a deployed tier; ValueError for any other."""
    if tier not in deployed():
        raise ValueError(f"Unknown business tier: {tier}")
    return REGISTRY[tier]
