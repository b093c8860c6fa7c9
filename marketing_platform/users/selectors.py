"""People and where they belong."""

from functools import cache
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import Membership, User

# What may have changed since this process looked up the host.
FRESH = ("state", "name", "slug", "schema_name")
USER_COLUMNS, MEMBERSHIP_COLUMNS = (
    tuple(field.attname for field in model._meta.concrete_fields) for model in (User, Membership)
)


def user_in_workspace(user_id: UUID, tenant: Tenant) -> User | None:
    """The person, their membership as `acting` and the workspace's FRESH columns as `fresh`.

    One statement for what every page asks. None when there is no such person; `acting` is None
    for a stranger, `fresh` when there is no such workspace.
    """
    with connection.cursor() as cursor:
        cursor.execute(_user_statement(), [tenant.pk, tenant.pk, user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    ends = len(USER_COLUMNS), len(USER_COLUMNS) + len(MEMBERSHIP_COLUMNS)
    of_user, of_membership, of_tenant = row[: ends[0]], row[ends[0] : ends[1]], row[ends[1] :]
    user = User.from_db(connection.alias, USER_COLUMNS, of_user)
    user.fresh = None if of_tenant[0] is None else dict(zip(FRESH, of_tenant, strict=True))
    user.acting = None
    if of_membership[0] is not None:
        user.acting = Membership.from_db(connection.alias, MEMBERSHIP_COLUMNS, of_membership)
        user.acting.user = user
    return user


@cache
def _user_statement() -> str:
    """Written once: composing it from Django's parts took longer than asking."""
    quote = connection.ops.quote_name

    def listed(table: str, model: type[Model], names: tuple[str, ...]) -> list[str]:
        columns = [model._meta.get_field(name).column for name in names]
        return [f"{table}.{quote(column)}" for column in columns]

    columns = [
        *listed("person", User, USER_COLUMNS),
        *listed("acting", Membership, MEMBERSHIP_COLUMNS),
        *listed("workspace", Tenant, FRESH),
    ]
    tables = [quote(model._meta.db_table) for model in (User, Membership, Tenant)]
    return (  # names of our own tables and columns alone
        f"SELECT {', '.join(columns)} FROM {tables[0]} person"  # noqa: S608
        f" LEFT JOIN {tables[1]} acting ON acting.user_id = person.id AND acting.tenant_id = %s"
        f" LEFT JOIN {tables[2]} workspace ON workspace.id = %s"
        " WHERE person.id = %s"
    )


def acting_membership(user: User, tenant: Tenant) -> Membership | None:
    """The signed-in person's membership, as it was loaded with them."""
    acting = getattr(user, "acting", None)
    is_of_here = acting is not None and acting.tenant_id == tenant.pk
    if is_of_here or (hasattr(user, "acting") and acting is None):
        return acting
    return membership_of(user, tenant)  # signed in by this very request


def membership_of(user: User, tenant: Tenant) -> Membership | None:
    return Membership.objects.filter(user_id=user.pk, tenant_id=tenant.pk).first()


def membership_by_user_id(user_id: UUID | None, tenant: Tenant) -> Membership | None:
    rows = Membership.objects.select_related("user").filter(tenant_id=tenant.pk)
    return rows.filter(user_id=user_id, user__is_active=True).first() if user_id else None


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
