"""Rows of nobody's that a workspace's rows refer to: people, prices, payers, who issues invoices.

Another database may know them under other keys. No password is kept: who lost theirs with the
database comes in again by a code or a reset link.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, Q

from billing.models import (
    BillingAccount,
    Coupon,
    GstRegistration,
    Plan,
    PlanVersion,
    Supplier,
)
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.users.models import User


@dataclass(frozen=True)
class Reference:
    """`query` gives one JSON a row for the keys in %s; `find` the key of that row here, None when
    it is not here, RestoreRefused when that cannot be told; `make` makes it: its key."""

    query: str
    find: Callable[[dict[str, Any]], Any]
    make: Callable[[dict[str, Any]], Any]


def _person(row: dict[str, Any]) -> Any:
    if User.objects.filter(pk=row["id"]).exists():
        return row["id"]
    known = Q(pk=row["id"])
    for way in ("phone", "email"):
        if row[way]:
            known |= Q(**{way: row[way]})
    # Who has the same number or address is the same person, whatever the key.
    found = list(User.objects.filter(known)[:2])
    if len(found) > 1:
        raise RestoreRefused(
            why=f"the number and the e-mail of the person {row['id']} are two people's here"
        )
    return str(found[0].pk) if found else None


def _person_make(row: dict[str, Any]) -> Any:
    return str(User.objects.create_user(**row).pk)


def _price(row: dict[str, Any]) -> Any:
    version = PlanVersion.objects.filter(plan__tier=row["tier"], number=row["number"]).first()
    if version is None:
        return None
    for amount in ("monthly_paise", "annual_paise"):
        if getattr(version, amount) != row[amount]:
            raise RestoreRefused(
                why=f"price {row['id']} of the backup is not {version} of this database"
            )
    return version.pk


def _price_make(row: dict[str, Any]) -> Any:
    plan, _is_new = Plan.objects.get_or_create(tier=row["tier"])
    facts = {name: value for name, value in row.items() if name not in ("id", "tier")}
    return PlanVersion.objects.create(plan=plan, **facts).pk


def _by(model: type[Model], name: str) -> Reference:
    """Rows that this column tells apart in every database."""

    def find(row: dict[str, Any]) -> Any:
        return model.objects.filter(**{name: row[name]}).values_list("pk", flat=True).first()  # type: ignore[attr-defined]

    def make(row: dict[str, Any]) -> Any:
        facts = {key: value for key, value in row.items() if key != "id"}
        return model.objects.create(**facts).pk  # type: ignore[attr-defined]

    table = model._meta.db_table
    query = f"SELECT to_jsonb(r) FROM {table} r WHERE r.id IN ({{keys}}) ORDER BY r.id"  # noqa: S608 - our own names
    return Reference(query, find, make)


def _supplier_make(row: dict[str, Any]) -> Any:
    # Whoever issues here now goes on doing so.
    facts = {key: value for key, value in row.items() if key not in ("id", "is_on")}
    return Supplier.objects.create(**facts, is_on=False).pk


def _registration(row: dict[str, Any]) -> Any:
    rows = GstRegistration.objects.filter(account__reference=row["payer"]["reference"])
    found = rows.filter(gstin=row["gstin"]).order_by("removed_at").values_list("pk", flat=True)
    return found.first()


def _registration_make(row: dict[str, Any]) -> Any:
    payers = REFERENCES[BillingAccount]
    account_id = payers.find(row["payer"]) or payers.make(row["payer"])
    left = ("id", "payer", "account_id")
    facts = {key: value for key, value in row.items() if key not in left}
    return GstRegistration.objects.create(account_id=account_id, **facts).pk


REFERENCES: dict[type[Model], Reference] = {
    BillingAccount: _by(BillingAccount, "reference"),
    Coupon: _by(Coupon, "code"),
    Supplier: replace(_by(Supplier, "gstin"), make=_supplier_make),
    GstRegistration: Reference(
        "SELECT to_jsonb(r) || jsonb_build_object('payer', to_jsonb(a))"
        " FROM billing_gstregistration r JOIN billing_billingaccount a ON a.id = r.account_id"
        " WHERE r.id IN ({keys}) ORDER BY r.id",
        _registration,
        _registration_make,
    ),
    User: Reference(
        "SELECT jsonb_build_object('id', id, 'phone', phone, 'email', email,"
        " 'full_name', full_name, 'language', language)"
        " FROM users_user WHERE id IN ({keys}) ORDER BY id",
        _person,
        _person_make,
    ),
    PlanVersion: Reference(
        "SELECT jsonb_build_object('id', v.id, 'tier', p.tier, 'number', number,"
        " 'monthly_paise', monthly_paise, 'annual_paise', annual_paise,"
        " 'effective_from', effective_from)"
        " FROM billing_planversion v JOIN billing_plan p ON p.id = plan_id"
        " WHERE v.id IN ({keys}) ORDER BY v.id",
        _price,
        _price_make,
    ),
}
