"""Us as a supplier, asha as a payer, and the rows that invoices are made of."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.models import BillingAccount, Payment, Refund, Subscription, Supplier, TaxDocument
from billing.services.accounts import account_of
from billing.services.invoicing import invoice_issue
from billing.services.suppliers import supplier_save

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
OURS = "29AAACU0001A1Z9"
HOME = {"legal_name": "Asha Sweets", "address": "7 MG Road", "city": "Mysuru",
        "pincode": "570001", "state_code": "29"}  # fmt: skip


def _supplier(**changes: Any) -> Supplier:
    fields = {
        "legal_name": "Ujala Platform Private Limited",
        "address": "12 Residency Road",
        "city": "Bengaluru",
        "pincode": "560025",
        "gstin": OURS,
        "email": "billing@ujala.example",
    }
    return supplier_save(**{**fields, **changes})


@pytest.fixture
def us(db: None) -> Supplier:
    return _supplier()


@pytest.fixture
def supplier(db: None) -> Callable[..., Supplier]:
    """supplier(gstin=…): the one that issues, entered or corrected."""
    return _supplier


@pytest.fixture
def payer(us: Supplier, local_tenant: Any) -> Callable[..., BillingAccount]:
    """payer(state_code="27", …): asha's account, in Karnataka as we are unless told otherwise."""

    def make(**changes: Any) -> BillingAccount:
        account = account_of(local_tenant, now=NOW)
        BillingAccount.objects.filter(pk=account.pk).update(**{**HOME, **changes})
        account.refresh_from_db()
        return account

    return make


@pytest.fixture
def subscription(local_tenant: Any) -> Subscription:
    return Subscription.objects.select_related("plan_version").get(tenant=local_tenant)


@pytest.fixture
def issue(
    payer: Callable[..., BillingAccount], local_tenant: Any, subscription: Subscription
) -> Callable[..., TaxDocument]:
    """issue(cause="c1", …): an invoice of ₹999 and GST for asha."""
    payer()

    def make(**changes: Any) -> TaxDocument:
        fields = {
            "tenant": local_tenant,
            "subscription": subscription,
            "base_paise": 99_900,
            "cause": "test:1",
            "now": NOW,
        }
        return invoice_issue(**{**fields, **changes})

    return make


@pytest.fixture
def pay(local_tenant: Any, subscription: Subscription) -> Callable[..., Payment]:
    def make(base: int = 99_900, tax: int = 17_982, remote_id: str = "pay_1") -> Payment:
        return Payment.objects.create(
            tenant=local_tenant,
            subscription=subscription,
            gateway="sandbox",
            remote_id=remote_id,
            base_paise=base,
            tax_paise=tax,
            amount_paise=base + tax,
            currency="INR",
            paid_at=NOW,
            created_at=NOW,
        )

    return make


@pytest.fixture
def give_back(local_tenant: Any) -> Callable[..., Refund]:
    def make(payment: Payment, amount: int) -> Refund:
        return Refund.objects.create(
            tenant=local_tenant,
            payment=payment,
            amount_paise=amount,
            state="processed",
            reason="unused time",
            created_at=NOW,
            settled_at=NOW,
        )

    return make
