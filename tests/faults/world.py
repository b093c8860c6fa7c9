"""The drill's workspace and what is planned in it. Imported once Django knows the servers."""

import logging
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import close_old_connections

from marketing_platform.celery import app
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.effects.services import effect_plan
from marketing_platform.effects.states import ENDED, State
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

logger = logging.getLogger(__name__)
SHOP = {"name": "Drill Sweets", "category": "sweet_shop", "city": "pune", "languages": ["en"]}


def make() -> None:
    """Schemas, and one Local workspace with one account."""
    from billing.services import trial_start
    from marketing_platform.tenants.services import tenant_reserve, workspace_provision
    from marketing_platform.tiers.contracts import resolve
    from marketing_platform.tiers.registry import REGISTRY
    from marketing_platform.users.permissions import Role
    from marketing_platform.users.services import membership_add

    call_command("migrate_platform", verbosity=0)
    now = clock.now()  # the plans are on sale since a moment ago
    owner = User.objects.create_user(phone="+919800000001", full_name="Drill Owner")
    profile = resolve(REGISTRY["local"].profile)()
    form = resolve(REGISTRY["local"].signup_form)(data=SHOP, language="en")
    assert form.is_valid(), form.errors
    tenant = tenant_reserve(
        tier="local", name=SHOP["name"], language="en", actor_id=owner.pk, now=now
    )
    profile.create(tenant=tenant, cleaned=form.cleaned_data)
    membership_add(tenant=tenant, user=owner, role=Role.OWNER, now=now)
    trial_start(tenant=tenant, now=now)
    tenant.refresh_from_db()
    workspace_provision(tenant, now=now)
    with tenant_context(tenant):
        Connection.objects.create(
            provider="meta",
            account_id="page-1",
            account_name="Drill",
            state="connected",
            sealed=b"not opened here",
            connected_at=now,
        )


def plan(key: str) -> bool:
    """Whether the intent was acknowledged; what was not may have been kept all the same."""
    now = clock.now()
    try:
        close_old_connections()
        with tenant_context(Tenant.objects.get(tier="local")):
            effect_plan(
                kind="faults.post",
                key=(key,),
                payload={"key": key},
                due_at=now,
                expires_at=now + timedelta(hours=1),
                connection=Connection.objects.get(),
                now=now,
            )
    except Exception as error:
        logger.info("not acknowledged: %s", error)
        return False
    return True


def send(task: str, key: str) -> bool:
    """The same for a control."""
    try:
        app.send_task(task, args=[key], queue="default", retry=False)
    except Exception as error:
        logger.info("not acknowledged: %s", error)
        return False
    return True


def states(prefix: str) -> Counter[str]:
    """How many effects of a drill are in each state."""
    close_old_connections()
    with tenant_context(Tenant.objects.get(tier="local")):
        rows = Effect.objects.filter(payload__key__startswith=prefix)
        return Counter(rows.values_list("state", flat=True))


def all_over(prefix: str) -> bool:
    resting = {*ENDED, State.NEEDS_CHECK}
    return not set(states(prefix)) - resting


def asked(prefix: str) -> set[str]:
    """The keys that a person is asked about, or that were refused: neither lost nor doubled."""
    with tenant_context(Tenant.objects.get(tier="local")):
        rows = Effect.objects.filter(payload__key__startswith=prefix).exclude(state=State.CONFIRMED)
        return {payload["key"] for payload in rows.values_list("payload", flat=True)}


def nobody_works() -> bool:
    """Whether the controls' queue is empty and nothing is unacknowledged."""
    with app.connection_for_write() as broker:
        client = broker.default_channel.client
        waiting = client.llen("default") + client.hlen("unacked")
    return not waiting


def facts_of(prefix: str) -> dict[str, Any]:
    with tenant_context(Tenant.objects.get(tier="local")):
        rows = Effect.objects.filter(payload__key__startswith=prefix)
        return {
            "armed more than once": rows.filter(commit_attempts__gt=1).count(),
            "looked up": rows.filter(events__to_state=State.UNKNOWN).distinct().count(),
        }
