"""Rows of nobody's that a workspace's rows refer to: people and prices.

Another database may know them under other keys. No password is kept: who lost theirs with the
database comes in again by a code or a reset link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from billing.models import Plan, PlanVersion
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.users.models import User


@dataclass(frozen=True)
class Reference:
    """`query` gives one JSON a row for the keys in %s; `place` finds or makes it here: its key."""

    query: str
    place: Callable[[dict[str, Any]], Any]


def _person(row: dict[str, Any]) -> Any:
    known = Q(pk=row["id"])
    for way in ("phone", "email"):
        if row[way]:
            known |= Q(**{way: row[way]})
    found = User.objects.filter(known)
    # Who has the same number or address is the same person, whatever the key.
    person = found.filter(pk=row["id"]).first() or found.first()
    if person is None:
        person = User.objects.create_user(**row)
    return str(person.pk)


def _price(row: dict[str, Any]) -> Any:
    version_id = row.pop("id")
    plan, _is_new = Plan.objects.get_or_create(tier=row.pop("tier"))
    version, _is_new = PlanVersion.objects.get_or_create(
        plan=plan, number=row.pop("number"), defaults=row
    )
    for amount in ("monthly_paise", "annual_paise"):
        if getattr(version, amount) != row[amount]:
            raise RestoreRefused(
                why=f"price {version_id} of the backup is not {version} of this database"
            )
    return version.pk


REFERENCES: dict[type[Model], Reference] = {
    User: Reference(
        "SELECT jsonb_build_object('id', id, 'phone', phone, 'email', email,"
        " 'full_name', full_name, 'language', language)"
        " FROM users_user WHERE id IN ({keys}) ORDER BY id",
        _person,
    ),
    PlanVersion: Reference(
        "SELECT jsonb_build_object('id', v.id, 'tier', p.tier, 'number', number,"
        " 'monthly_paise', monthly_paise, 'annual_paise', annual_paise,"
        " 'effective_from', effective_from)"
        " FROM billing_planversion v JOIN billing_plan p ON p.id = plan_id"
        " WHERE v.id IN ({keys}) ORDER BY v.id",
        _price,
    ),
}
