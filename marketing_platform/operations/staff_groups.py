"""What staff may do, by group: Support, Finance and Admin, written at every migration.

The lists here decide; nobody edits a group's permissions in the admin.
"""

from typing import Any

from django.apps import apps as installed
from django.db import router, transaction
from django.db.models import Q

from marketing_platform.core.errors import Refused
from marketing_platform.core.text import mark as _
from marketing_platform.users.models import User

SUPPORT, FINANCE, ADMIN = GROUPS = ("Support", "Finance", "Admin")
PROFILES = ("local_business.view_localbusiness", "enterprise_clients.view_enterpriseclient")
OF_SUPPORT = (
    *PROFILES,
    "tenants.view_tenant",
    "tenants.visit_tenant",
    "tenants.send_sign_in_link",
    "users.view_user",
    "support.view_helprequest",
    "support.change_helprequest",
    "support.view_errorreport",
    "support.view_topicanswer",
    "support.view_supportvisit",
    "people.view_lostnumber",
    "people.change_lostnumber",
)
OF_FINANCE = (*PROFILES, "tenants.view_tenant", "tenants.export_lists")


class NotStaff(Refused):
    code = "not_staff"
    sentence = _("This person is not staff. Only staff are in a group.")


class MayDoEverything(Refused):
    code = "may_do_everything"
    sentence = _("This person may do everything already, as a superuser. No group changes that.")


def groups_after_migrate(
    sender: Any, using: str = "default", apps: Any = installed, **_unused: Any
) -> None:
    """Called once per migration of a schema; workspaces' schemas have no groups."""
    try:
        group, permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    except LookupError:
        return
    if router.allow_migrate_model(using, group):
        groups_write(group.objects.using(using), permission.objects.using(using))


def groups_write(groups: Any, permissions: Any) -> None:
    """Again, it changes nothing. A permission of a tier that is not deployed is left out."""
    money = Q(content_type__app_label="billing") & ~Q(codename__startswith="delete_")
    wanted = {SUPPORT: _named(OF_SUPPORT), FINANCE: _named(OF_FINANCE) | money, ADMIN: Q()}
    for name, which in wanted.items():
        group, _is_new = groups.get_or_create(name=name)
        group.permissions.set(permissions.filter(which))


def staff_group_set(*, person: User, name: str) -> bool:
    """Into this group and no other of ours; "" for none. Says whether anything changed.

    Raises NotStaff, and MayDoEverything for a superuser.
    """
    from django.contrib.auth.models import Group

    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not row.is_staff:
            raise NotStaff
        if row.is_superuser:
            raise MayDoEverything
        before = set(row.groups.values_list("name", flat=True)) & set(GROUPS)
        row.groups.remove(*Group.objects.filter(name__in=before - {name}))
        if name:
            row.groups.add(Group.objects.get(name=name))
    return before != ({name} if name else set())


def _named(names: tuple[str, ...]) -> Q:
    found = Q(pk__in=[])
    for app, codename in (name.split(".") for name in names):
        found |= Q(content_type__app_label=app, codename=codename)
    return found
