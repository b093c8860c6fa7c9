"""After a new key was put in front of CREDENTIALS_KEYS: seal every secret with it."""

from typing import Any

from django.core.management.base import BaseCommand

from marketing_platform.connections.services import workspace_seal_again
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.factors import factors_seal_again

WITH_TABLES = (State.ACTIVE, State.BLOCKED, State.CLOSING)


class Command(BaseCommand):
    help = "Seals secrets of accounts and authenticator apps with the newest key; the old may go."

    def handle(self, *args: Any, **options: Any) -> None:
        total, broken = factors_seal_again()
        rows = Tenant.objects.exclude(tier="public").filter(state__in=WITH_TABLES)
        for tenant in rows.order_by("pk"):
            with tenant_context(tenant):
                done, failed = workspace_seal_again(now=clock.now())
            total, broken = total + done, broken + failed
        self.stdout.write(f"{total} sealed anew; {broken} cannot be opened and ask their owners.")
