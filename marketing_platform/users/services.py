"""Making people and giving them a place in a workspace."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.quotas import quota_check
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role


def user_create_verified(
    *,
    full_name: str,
    language: str,
    phone: str | None = None,
    email: str | None = None,
    password_hash: str | None = None,
) -> User:
    """The person behind a verified number or address; an existing one is returned unchanged."""
    found = User.objects.filter(phone=phone) if phone else User.objects.filter(email=email)
    existing = found.first()
    if existing:
        return existing
    try:
        with transaction.atomic():
            user = User(full_name=full_name, language=language, phone=phone, email=email or None)
            if password_hash:
                user.password = password_hash
            else:
                user.set_unusable_password()
            user.save(force_insert=True)
            if email:
                EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
            return user
    except IntegrityError:
        return found.get()


def membership_add(*, tenant: Tenant, user: User, role: Role, now: datetime) -> Membership:
    """A place in the workspace; who has one keeps it as it is. The first person always has room,
    everybody else as many as the plan says: raises QuotaReached."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        people = Membership.objects.filter(tenant=tenant)
        found = people.filter(user=user).first()
        if found is not None:
            return found
        if people.exists():
            quota_check(tenant, "people", used=people.count)
        return Membership.objects.create(tenant=tenant, user=user, role=role, created_at=now)
