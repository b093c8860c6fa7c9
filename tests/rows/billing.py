"""Billing's tables in the tests that walk over everything: one row in each, for each workspace."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from tests.isolation.kinds import OWN, STAFF, Kind, Row

NOON = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 1)
MONEY = {"base_paise": 100, "tax_paise": 18, "amount_paise": 118, "currency": "INR"}


def _mark(tenant: Any) -> str:
    """Short, and of one workspace only."""
    return tenant.pk.hex[:10]


def _number(tenant: Any) -> int:
    """Long enough to be told from other numbers of an answer."""
    return 100_000 + int(tenant.pk.hex[-6:], 16)


def account(tenant: Any) -> Any:
    from billing.models import BillingAccount

    return BillingAccount.objects.get_or_create(legal_name=f"Payer {_mark(tenant)}")[0]


def supplier() -> Any:
    from billing.models import Supplier

    found = Supplier.objects.filter(is_on=True).first()
    return found or Supplier.objects.create(
        legal_name="Nukkad Software Private Limited",
        address="4th floor, Deccan Corner",
        city="Pune",
        pincode="411004",
        gstin="27AAPFU0939F1ZV",
        pan="AAPFU0939F",
    )


def plan_version(tenant: Any) -> Any:
    from billing.models import PlanVersion

    return PlanVersion.objects.filter(plan__tier=tenant.tier).latest("number")


def subscription(tenant: Any) -> Any:
    from billing.models import Subscription

    found = Subscription.objects.filter(tenant=tenant).first()
    return found or Subscription.objects.create(
        tenant=tenant, plan_version=plan_version(tenant), interval="month", state="ended"
    )


def payment(tenant: Any) -> Any:
    from billing.models import Payment

    found = Payment.objects.filter(tenant=tenant).first()
    return found or Payment.objects.create(
        tenant=tenant,
        **MONEY,
        gateway="sandbox",
        remote_id=f"pay-{_mark(tenant)}",
        paid_at=NOON,
        created_at=NOON,
    )


def document(tenant: Any) -> Any:
    from billing.models import TaxDocument

    found = TaxDocument.objects.filter(tenant=tenant).first()
    return found or TaxDocument.objects.create(
        tenant=tenant, id=_number(tenant), **_document(tenant)
    )


def _document(tenant: Any) -> dict[str, Any]:
    return {
        "kind": "invoice",
        "supplier_id": supplier().pk,
        "account_id": account(tenant).pk,
        "number": _mark(tenant),
        "financial_year": "2026-27",
        "issued_on": TODAY,
        "seller": {"name": "Seller", "state_code": "27", "gstin": "27AAACV0001A1ZC"},
        "buyer": {"name": f"Buyer {_mark(tenant)}", "state_code": "27"},
        "lines": [
            {
                "description": f"Plan of {_mark(tenant)}",
                "sac": "997331",
                "taxable_paise": 100,
                "rate_basis_points": 1800,
            }
        ],
        "place_of_supply": "27",
        "taxable_paise": 100,
        "cgst_paise": 9,
        "sgst_paise": 9,
        "total_paise": 118,
        "cause": f"rows:{tenant.pk}",
        "created_at": NOON,
    }


def journal(tenant: Any) -> None:
    """An entry balances when it is committed, so both come at once."""
    from billing.models import JournalEntry, JournalLine

    if JournalEntry.objects.filter(tenant=tenant).exists():
        return
    with transaction.atomic():
        entry = JournalEntry.objects.create(
            tenant=tenant,
            kind="invoice",
            cause=f"rows:{tenant.pk}",
            narration=f"Entry {_mark(tenant)}",
            posted_on=TODAY,
            created_at=NOON,
        )
        for code, amount in (("receivable", 118), ("revenue", -118)):
            JournalLine.objects.create(
                tenant=tenant, entry=entry, account=code, amount_paise=amount
            )


def coupon(tenant: Any) -> Any:
    from billing.models import Coupon

    return Coupon.objects.get_or_create(
        code=f"C{_mark(tenant)}", defaults={"amount_paise": 100, "valid_from": NOON}
    )[0]


def referral_code(tenant: Any) -> Any:
    from billing.models import ReferralCode

    return ReferralCode.objects.get_or_create(
        tenant=tenant, defaults={"code": _mark(tenant), "created_at": NOON}
    )[0]


def _account_workspace(tenant: Any) -> dict[str, Any]:
    # The first label of all: what must be there together is made with it.
    journal(tenant)
    return {"account_id": account(tenant).pk, "po_number": f"PO {_mark(tenant)}"}


def _plan_change(tenant: Any) -> dict[str, Any]:
    return {
        "subscription_id": subscription(tenant).pk,
        "plan_version_id": plan_version(tenant).pk,
        "interval": "year",
        "state": "abandoned",
        "price_paise": 100,
        "due_paise": 100,
        "due_with_tax_paise": 118,
        "currency": "INR",
        "computed_at": NOON,
        "effective_at": NOON,
    }


def _quoted(tenant: Any) -> dict[str, Any]:
    """What the page and the PDF of a quote read."""
    said = _document(tenant)
    ours = {"address": "Deccan Corner", "city": "Pune", "pincode": "411004", "pan": "AAACV0001A"}
    ours |= {"email": "", "bank_details": "", "lut_number": ""}
    return {
        "issued_on": TODAY.isoformat(),
        "seller": {**ours, **said["seller"]},
        "buyer": {
            "address": "",
            "city": "",
            "pincode": "",
            "gstin": "",
            "country": "IN",
            **said["buyer"],
        },
        "description": f"Plan of {_mark(tenant)}",
        "sac": "997331",
        "place": "27",
        "supply": "regular",
        "cgst": 9,
        "sgst": 9,
        "igst": 0,
        "cost_centre": "",
        "net_days": 30,
        "language": "en",
    }


def _quote(tenant: Any) -> dict[str, Any]:
    return {
        "number": f"Q{_mark(tenant)}",
        "account_id": account(tenant).pk,
        "plan_version_id": plan_version(tenant).pk,
        "interval": "month",
        "facts": _quoted(tenant),
        "taxable_paise": 100,
        "total_paise": 118,
        "state": "declined",
        "valid_until": TODAY + timedelta(days=30),
        "created_at": NOON,
    }


OWNED = {
    "billing.AccountWorkspace": _account_workspace,
    "billing.CouponUse": lambda tenant: {
        "coupon_id": coupon(tenant).pk,
        "used_at": NOON,
        "ended_at": NOON,
    },
    "billing.CustomPrice": lambda tenant: {
        "monthly_paise": 100,
        "annual_paise": 1_000,
        "effective_from": NOON,
        "effective_until": NOON + timedelta(days=1),
    },
    "billing.Dispute": lambda tenant: {
        "payment_id": payment(tenant).pk,
        "amount_paise": 118,
        "state": "lost",
    },
    "billing.DunningStep": lambda tenant: {
        "subscription_id": subscription(tenant).pk,
        "step": "failed",
        "episode_at": NOON,
    },
    "billing.PlanChange": _plan_change,
    "billing.Quote": _quote,
    "billing.Referral": lambda tenant: {
        "code_id": referral_code(tenant).pk,
        "created_at": NOON,
        "reward_paise": 0,
    },
    "billing.ReferralCode": lambda tenant: {"code": _mark(tenant), "created_at": NOON},
    "billing.Refund": lambda tenant: {
        "payment_id": payment(tenant).pk,
        "amount_paise": 118,
        "state": "failed",
    },
    "billing.RevenueSlice": lambda tenant: {
        "document_id": document(tenant).pk,
        "month": "2026-11",
        "amount_paise": 100,
    },
    "billing.Settlement": lambda tenant: {
        "document_id": document(tenant).pk,
        "amount_paise": 118,
        "by": "write_off",
    },
    "billing.TaxDocument": lambda tenant: {"id": _number(tenant), **_document(tenant)},
}


def fill_public(tenant: Any) -> None:
    """A row of this workspace in each table of billing that has none yet."""
    from django.apps import apps

    from tests.isolation.world import EQUAL_KEYS

    journal(tenant)
    for label, values in sorted(OWNED.items()):
        model = apps.get_model(label)
        if model.objects.filter(tenant=tenant).exists():
            continue
        facts = {"tenant": tenant, **values(tenant)}
        for field in model._meta.concrete_fields:
            is_said = field.attname in facts or field.name in facts or field.primary_key
            if not is_said and not field.null and not field.has_default():
                facts[field.attname] = _plain(field, EQUAL_KEYS[0])
        model.objects.create(**facts)


def _plain(field: Any, key: int) -> Any:
    from tests.isolation.world import _value

    return (
        uuid.UUID(int=key) if field.get_internal_type() == "UUIDField" else _value(field, key, "A")
    )


# --- routes of the owner's pages

DOCUMENT = Row(Kind.ROW, {"document_id": "@document"})
PUBLIC = {"webhooks/billing/<slug:gateway>": Row(Kind.BARE, {"gateway": "sandbox"})}
WORKSPACE = {
    "billing/repair/": OWN,
    "billing/change/": OWN,
    "billing/change/start/": Row(
        Kind.OWN, form={"period": "annual", "at": "2026-11-22T06:30:00+00:00", "seen": "1"}
    ),
    "billing/change/abandon/": OWN,
    "billing/cancel/": OWN,
    "billing/cancel/ask/": Row(Kind.OWN, form={"when": "end"}),
    "billing/keep/": OWN,
    "billing/pause/": OWN,
    "billing/resume/": OWN,
    "billing/invoices/": OWN,
    "billing/invoices/<int:document_id>/pdf/": DOCUMENT,
    "billing/invoices/<int:document_id>/pay/": DOCUMENT,
    "billing/details/": Row(
        Kind.OWN,
        form={"legal_name": "X", "language": "en", "country": "IN", "state_code": "29"},
    ),
    "billing/details/gstin/": Row(Kind.OWN, form={"gstin": "junk"}),
    "billing/details/gstin/<int:registration_id>/remove/": Row(
        Kind.ROW, {"registration_id": "@row"}
    ),
    # Buying on paper
    "billing/paper/": OWN,
    "billing/paper/terms/": Row(Kind.OWN, form={"po_number": "PO 1"}),
    "billing/quotes/make/": Row(Kind.OWN, form={"period": "junk"}),
    "billing/quotes/<int:quote_id>/pdf/": Row(Kind.ROW, {"quote_id": "@row"}),
    "billing/quotes/<int:quote_id>/accept/": Row(Kind.ROW, {"quote_id": "@row"}),
    "billing/quotes/<int:quote_id>/decline/": Row(Kind.ROW, {"quote_id": "@row"}),
    "billing/certificates/": OWN,
    "billing/certificates/<int:certificate_id>/upload/": Row(Kind.ROW, {"certificate_id": "@row"}),
    "billing/vendor-pack/": OWN,
    "billing/statement/": OWN,
    "billing/coupon/": Row(Kind.OWN, form={"coupon": "NOTHING"}),
    "billing/referral/": Row(Kind.OWN, form={"referral": "NOTHING"}),
    "api/billing/summary": OWN,
    "api/billing/invoices": OWN,
    "api/billing/invoices/<int:document_id>/pay": DOCUMENT,
}
ADMIN = {
    "billing/payout/settlements/": STAFF,
    "billing/payout/settlements/<slug:table>.csv": Row(Kind.STAFF, {"table": "month"}),
    "billing/payout/settlements/statement/": STAFF,
    "billing/coupon/bring-in/": STAFF,
    "billing/coupon/bring-in/example.csv": STAFF,
    "billing/payout/settlements/import/": STAFF,
    "billing/subscription/figures/": STAFF,
    "billing/subscription/figures/<slug:table>.csv": Row(Kind.STAFF, {"table": "months"}),
    "billing/subscription/figures/events/<int:event_id>/again/": Row(Kind.STAFF, {"event_id": "1"}),
}
