"""The Celery application. Tasks are sent by name through it; see schedule for what is due later."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")

app = Celery("marketing_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["marketing_platform.schedule"])


@worker_init.connect
def refuse_undeployed_tiers(**_unused: Any) -> None:
    """A worker that cannot serve every workspace of its database does not start."""
    from marketing_platform.tenants.migrations_runner import undeployed_tiers_refuse

    undeployed_tiers_refuse()
