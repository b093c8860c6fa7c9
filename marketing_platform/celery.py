"""The Celery application. Tasks are sent by name through it; see schedule for what is due later."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.result import AsyncResult
from celery.signals import worker_init

from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.task_base import TenantTask, publish_headers

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")


class PlatformCelery(Celery):
    """Every message that leaves, of a chain, a chord, a retry or beat too, says whose it is."""

    def send_task(self, name: str, *args: Any, **options: Any) -> AsyncResult:
        # Not by the signal before_task_publish: Celery swallows what its receivers raise.
        options["headers"] = publish_headers(self, name, options.get("headers"))
        return super().send_task(name, *args, **options)


app = PlatformCelery("marketing_platform", task_cls=TenantTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
# Else Celery makes each process a new connection pool for every task, which takes longer than most
# tasks. TenantTask tries its connection and gives it back. Read under this very name.
app.add_defaults({"CELERY_DB_REUSE_MAX": sys.maxsize})
app.autodiscover_tasks(["marketing_platform.schedule"])


def send_for(
    tenant: "Tenant",
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> AsyncResult:
    """Send a task of one workspace, said outright: from the public side or from inside another."""
    with tenant_context(tenant):
        return app.send_task(name, args=list(args), kwargs=dict(kwargs or {}), **options)


@worker_init.connect
def refuse_undeployed_tiers(**_unused: Any) -> None:
    """A worker that cannot serve every workspace of its database does not start."""
    from marketing_platform.tenants.backend.pooler import pooler_refuse_at_start
    from marketing_platform.tenants.migrations_runner import undeployed_tiers_refuse

    pooler_refuse_at_start()
    undeployed_tiers_refuse()
