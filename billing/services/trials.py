"""Free trials: one per person and tier, nothing charged at the end."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from billing.engine.lifecycle import State
from billing.engine.prices import Interval
from billing.errors import TrialUsed
from billing.models import LIVE_STATES, Subscription, TrialUse
from billing.selectors import plan_version_current
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.provisioning import workspace_prepare
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.selectors import owner_of


@public_context()
def trial_start(*, tenant: Tenant, now: datetime) -> Subscription:
    """A trial of TRIAL_DAYS and the workspace's preparation, in one transaction.

    Called again it answers the same row. Raises TrialUsed when the trial or a paid time is over.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        rows = Subscription.objects.filter(tenant=tenant)
        subscription = rows.filter(state__in=LIVE_STATES).first()
        if subscription is None:
            if rows.exists():
                raise TrialUsed
            _one_trial_a_person(tenant, now)
            subscription = _create(tenant, now)
        workspace_prepare(tenant=tenant, reason="trial", now=now)
    return subscription


def _one_trial_a_person(tenant: Tenant, now: datetime) -> None:
    """Raises TrialUsed when the owner tried this tier before; decided one by one.

    That is remembered when the workspace, or the account, is gone.
    """
    owner = owner_of(tenant)
    if owner is None:
        return
    User.objects.select_for_update().get(pk=owner.pk)
    others = Membership.objects.filter(user=owner, role=Role.OWNER).exclude(tenant=tenant)
    tried = Subscription.objects.filter(
        tenant_id__in=others.values("tenant_id"), trial_ends_at__isnull=False
    )
    kept = TrialUse.objects.filter(tier=tenant.tier, person_hash__in=_hashes(owner))
    if tried.filter(tenant__tier=tenant.tier).exists() or kept.exists():
        raise TrialUsed(_("You have tried this already in another workspace. Choose Pay now."))
    TrialUse.objects.bulk_create(
        [TrialUse(person_hash=each, tier=tenant.tier, used_at=now) for each in _hashes(owner)]
    )


def _hashes(person: User) -> list[str]:
    """Of the number and the address, so that neither is kept when the account is gone."""
    key = settings.SECRET_KEY.encode()
    known = (each for each in (person.phone, person.email) if each)
    return [hmac.new(key, f"trial:{each}".encode(), hashlib.sha256).hexdigest() for each in known]


def _create(tenant: Tenant, now: datetime) -> Subscription:
    ends_at = now + timedelta(days=settings.TRIAL_DAYS)
    subscription = Subscription.objects.create(
        tenant=tenant,
        plan_version=plan_version_current(tenant.tier, now=now),
        interval=Interval.MONTH,
        state=State.TRIALING,
        trial_ends_at=ends_at,
        created_at=now,
        state_changed_at=now,
    )
    work_schedule(
        task="billing.end_trial",
        arguments={"subscription_id": subscription.pk},
        due_at=ends_at,
        key=f"billing-trial:{subscription.pk}",
        queue="billing",
    )
    return subscription


@public_context()
def trial_end(*, subscription_id: int, now: datetime) -> bool:
    """Close a trial whose time is over and that nobody paid for. False when there is none."""
    over = Subscription.objects.filter(
        pk=subscription_id, state=State.TRIALING, gateway="", trial_ends_at__lte=now
    )
    return bool(over.update(state=State.EXPIRED, state_changed_at=now))
