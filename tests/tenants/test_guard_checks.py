"""Each system check is shown a model that is wrong in its way."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants import checks
from marketing_platform.tenants.guard import WorkspaceModel
from marketing_platform.tenants.models import Tenant, TenantEvent
from marketing_platform.tenants.owned import TenantOwned
from marketing_platform.users.models import User


def found(*models_: type[models.Model]) -> list[str]:
    return [problem.id for problem in checks.problems_of(models_, checks.sides_of_apps())]


def workspace(
    base: type[models.Model] = WorkspaceModel, **attributes: object
) -> type[models.Model]:
    return _made("platform_media", base, attributes)


def public(base: type[models.Model] = models.Model, **attributes: object) -> type[models.Model]:
    return _made("tenants", base, attributes)


def _made(label: str, base: type[models.Model], attributes: dict) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": label, **attributes.pop("meta", {})})
    with isolate_apps("marketing_platform.media", "marketing_platform.tenants"):
        return type("Made", (base,), {"__module__": __name__, "Meta": meta, **attributes})


def to(model: type[models.Model]) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete=models.PROTECT, related_name="+")


def test_our_models_are_right() -> None:
    assert checks.models_are_guarded(None) == []
    assert len(list(apps.get_models())) > 20


def test_right_models_are_not_reported() -> None:
    assert found(workspace(file=to(MediaFile)), public(user=to(User)), public(TenantOwned)) == []


@pytest.mark.parametrize(
    ("make", "problems"),
    [
        (lambda: workspace(models.Model), ["tenants.E002"]),
        (lambda: workspace(objects=models.Manager()), ["tenants.E003"] * 2),
        (lambda: workspace(
            meta={"base_manager_name": "plain", "default_manager_name": "objects"},
            plain=models.Manager()),
         ["tenants.E003"]),
        (lambda: public(TenantOwned, objects=models.Manager()), ["tenants.E003"] * 2),
        (lambda: workspace(files=models.ManyToManyField(MediaFile)), ["tenants.E004"]),
        (lambda: public(tenant=to(Tenant)), ["tenants.E005"]),
        (lambda: public(for_tenant=models.OneToOneField(Tenant, models.PROTECT)),
         ["tenants.E005"]),
        (lambda: workspace(user=to(User)), ["tenants.E006"]),
        (lambda: workspace(tenant=to(Tenant)), ["tenants.E006"]),
        (lambda: workspace(TenantOwned), ["tenants.E002"]),
    ],
    ids=["unguarded", "manager", "base manager", "owned manager", "many to many", "not owned",
         "one to one", "public key", "tenant key", "owned in a workspace"],
)  # fmt: skip
def test_a_wrong_model_is_reported(
    make: Callable[[], type[models.Model]], problems: list[str]
) -> None:
    assert found(make()) == problems


def test_a_key_from_both_tiers_to_one_is_reported() -> None:
    target = workspace()
    target._meta.app_label = "local_occasions"
    sides = {
        "platform_media": frozenset({"local", "enterprise"}),
        "local_occasions": frozenset({"local"}),
    }

    [problem] = checks.problems_of([workspace(other=to(target))], sides)

    assert problem.id == "tenants.E006"


def test_a_table_on_both_sides_is_reported() -> None:
    same = {"db_table": "same"}

    [problem] = checks.problems_of(
        [workspace(meta=same), public(meta=same)], checks.sides_of_apps()
    )

    assert (problem.id, "same" in problem.msg) == ("tenants.E007", True)


def test_the_exempt_models_exist() -> None:
    assert TenantEvent._meta.label in checks.UNOWNED
    assert {apps.get_model(label)._meta.label for label in checks.UNOWNED} == checks.UNOWNED
