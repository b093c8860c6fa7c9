from dataclasses import replace

import pytest

from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.factory import (
    BusinessServiceFactory,
    ServiceNotOffered,
    ServiceUnknown,
)
from marketing_platform.tiers.registry import REGISTRY, deployed, spec


@pytest.mark.parametrize("tier", REGISTRY)
def test_every_dotted_path_of_a_tier_resolves(tier: str) -> None:
    missing = []
    for path in REGISTRY[tier].dotted_paths():
        try:
            resolve(path)
        except (ImportError, AttributeError) as error:
            missing.append(f"{path}: {error}")

    assert missing == []


def test_the_factory_hands_out_each_tiers_front_doors() -> None:
    local = BusinessServiceFactory.create_intelligence_service("local")
    enterprise = BusinessServiceFactory.create_intelligence_service("enterprise")

    assert hasattr(local, "get_local_insights")
    assert hasattr(enterprise, "get_intelligence_insights")


@pytest.mark.parametrize("tier", REGISTRY)
def test_the_factory_makes_every_system_of_a_tier(tier: str) -> None:
    business = object()
    for name, path in REGISTRY[tier].front_doors.services.items():
        made = BusinessServiceFactory.create_service(tier, name, business)
        assert type(made) is resolve(path)


def test_a_system_of_the_other_tier_is_unknown() -> None:
    with pytest.raises(ServiceUnknown, match=r"Local tier has no service “optimization”"):
        BusinessServiceFactory.create_service("local", "optimization")


def test_an_unknown_tier_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"^Unknown business tier: gold$"):
        BusinessServiceFactory.create_intelligence_service("gold")
    with pytest.raises(ValueError, match=r"^Unknown business tier: gold$"):
        BusinessServiceFactory.create_automation_service("gold", None)


def test_automation_of_enterprise_is_the_campaign_generator() -> None:
    made = BusinessServiceFactory.create_automation_service("enterprise", object())

    assert hasattr(made, "generate_campaign")


def test_a_tier_without_automation_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    doors = replace(REGISTRY["enterprise"].front_doors, automation=None)
    bare = {**REGISTRY, "enterprise": replace(REGISTRY["enterprise"], front_doors=doors)}
    monkeypatch.setattr("marketing_platform.tiers.registry.REGISTRY", bare)

    with pytest.raises(ServiceNotOffered, match="Enterprise"):
        BusinessServiceFactory.create_automation_service("enterprise", None)


def test_a_tier_that_is_not_deployed_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORM_TIERS", "local")

    assert deployed() == ("local",)
    with pytest.raises(ValueError, match="Unknown business tier: enterprise"):
        spec("enterprise")


@pytest.mark.parametrize("wrong", ["", "gold", "local,gold"])
def test_a_wrong_platform_tiers_value_is_refused(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_TIERS", wrong)

    with pytest.raises(ValueError, match="PLATFORM_TIERS names"):
        deployed()


def test_prices_and_levels_are_the_plan_s() -> None:
    local, enterprise = REGISTRY["local"], REGISTRY["enterprise"]

    assert (local.monthly_price.paise, local.annual_price.paise) == (99_900, 999_000)
    assert (enterprise.monthly_price.paise, enterprise.annual_price.paise) == (
        2_500_000,
        25_000_000,
    )
    assert (local.complexity_level, local.analysis_depth) == ("simple", "actionable")
    assert (enterprise.complexity_level, enterprise.analysis_depth) == ("advanced", "comprehensive")
