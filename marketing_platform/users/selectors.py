"""People and where they belong."""

from django.db.models import QuerySet

from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import Membership, User


def membership_of(user: User, tenant: Tenant) -> Membership | None:
    return Membership.objects.filter(user_id=user.pk, tenant_id=tenant.pk).first()


def memberships_of(user: User) -> QuerySet[Membership]:
    """The workspaces of a person, newest first, without erased ones."""
    rows = Membership.objects.select_related("tenant").filter(user=user)
    return rows.exclude(tenant__state=State.ERASED).order_by("-created_at")


def owner_of(tenant: Tenant) -> User | None:
    row = Membership.objects.select_related("user").filter(tenant=tenant, role="owner").first()
    return row.user if row else None


def user_by_phone(phone: str) -> User | None:
    return User.objects.filter(phone=phone, is_active=True).first()


def user_by_email(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()
