"""Version 1 of each plan: the launch prices of the tier registry, deployed or not."""

from django.db import migrations
from django.utils import timezone

from marketing_platform.tiers.registry import REGISTRY


def seed(apps, schema_editor):
    plans = apps.get_model("billing", "Plan").objects
    versions = apps.get_model("billing", "PlanVersion").objects
    now = timezone.now()
    for tier, spec in REGISTRY.items():
        plan, _created = plans.get_or_create(tier=tier)
        versions.get_or_create(
            plan=plan,
            number=1,
            defaults={
                "monthly_paise": spec.monthly_price.paise,
                "annual_paise": spec.annual_price.paise,
                "effective_from": now,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
