"""Migrate the public schema, then every workspace that is behind."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketing_platform.core import clock
from marketing_platform.tenants.errors import TierNotDeployed
from marketing_platform.tenants.migrations_runner import (
    public_migrate,
    undeployed_tiers_refuse,
    workspace_lock,
    workspace_migrate,
    workspaces_behind,
)
from marketing_platform.tenants.models import Tenant


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            undeployed_tiers_refuse()
        except TierNotDeployed as error:
            raise CommandError(error.english) from error
        public_migrate()
        failed = []
        for tenant in workspaces_behind():
            try:
                with workspace_lock(tenant):
                    version = workspace_migrate(tenant)
            except Exception as error:
                # One workspace's failure must not keep the others on old tables.
                failed.append(f"{tenant.slug}: {error}")
                continue
            Tenant.objects.filter(pk=tenant.pk).update(schema_version=version)
            self.stdout.write(f"{tenant.slug} migrated at {clock.now():%H:%M:%S}")
        if failed:
            raise CommandError("These workspaces could not be migrated:\n" + "\n".join(failed))
