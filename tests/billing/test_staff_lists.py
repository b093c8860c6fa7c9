# ruff: noqa: F811
"""Staff lists: what a caller names finds the customer, and a longer list asks no more."""

import random
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from billing.engine.figures import MONTHS_A_YEAR
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    Checkout,
    Coupon,
    CustomPrice,
    Dispute,
    DunningStep,
    GstRegistration,
    IncomingTransfer,
    JournalEntry,
    Payment,
    PlanChange,
    Quote,
    Refund,
    StaffTerms,
    Subscription,
    TaxDocument,
    TdsCertificate,
)
from billing.staff_selectors import money_overview, recurring_months, refunds_to_make, tenants_found
from marketing_platform.core import clock
from tests.billing.test_admin import boss, staff  # noqa: F401
from tests.billing.test_staff_acts import payment  # noqa: F401
from tests.billing.test_staff_figures import NOW, invoice
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
LISTS = (
    Checkout,
    Coupon,
    CustomPrice,
    Dispute,
    DunningStep,
    IncomingTransfer,
    JournalEntry,
    Payment,
    PlanChange,
    Quote,
    Refund,
    StaffTerms,
    Subscription,
    TaxDocument,
    TdsCertificate,
    # The others' payer is looked for by its name, so its copies come last.
    BillingAccount,
)


def more(model: Any, count: int, start: int) -> None:
    """Copies of the first row, told apart in what must be unique."""
    first = model.objects.order_by("pk").first()
    unique = {name for each in model._meta.constraints for name in getattr(each, "fields", ())} | {
        field.name for field in model._meta.concrete_fields if field.unique
    }
    for turn in range(start, start + count):
        row = model.objects.get(pk=first.pk)
        row._state.adding = True
        row.pk = uuid.uuid4() if isinstance(model._meta.pk, models.UUIDField) else None
        for field in model._meta.concrete_fields:
            is_free = not (field.primary_key or field.is_relation or field.choices)
            if field.name in unique and is_free:
                setattr(row, field.attname, _other(field, getattr(row, field.attname), turn))
        if model in {Subscription, Checkout}:
            row.state = "ended" if model is Subscription else "paid"
        row.save(force_insert=True)
        if model is JournalEntry:
            for code, paise in (("customers", 118), ("revenue", -118)):
                row.lines.create(tenant=row.tenant, account=code, amount_paise=paise)


def _other(field: Any, value: Any, turn: int) -> Any:
    if isinstance(field, models.DateTimeField):
        return value + timedelta(days=turn)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.CharField):
        if field.name == "financial_year":
            return f"{2000 + turn}-{(turn + 1) % 100:02d}"
        return f"{turn}{value}"[: field.max_length]
    return value


QUICK = (Payment, TaxDocument)


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param(QUICK, id="two"),
        pytest.param(LISTS, id="all", marks=pytest.mark.slow),
    ],
)
def test_a_longer_list_asks_no_more(staff, local_tenant, lists):
    rows.fill_public(local_tenant)
    wrong = {}
    for model in lists:
        path = f"/billing/{model._meta.model_name}/"
        if not model.objects.exists():
            single(model, local_tenant)
        more(model, 3 - min(3, model.objects.count()), 1)
        few = asked(staff, path)
        more(model, 27, 40)
        many = asked(staff, path)
        if many > few:
            wrong[model.__name__] = (few, many)
    assert wrong == {}


def single(model: Any, tenant: Any) -> None:
    payer = {"account": rows.account(tenant), "created_at": rows.NOON}
    plan = {"tenant": tenant, "plan_version": rows.plan_version(tenant), "interval": "month"}
    noon = {"created_at": rows.NOON, "expires_at": rows.NOON}
    agreed = {"tenant": tenant, "reason": "agreed", "actor_id": uuid.UUID(int=7)}
    facts = {
        IncomingTransfer: {
            "utr": "SBIN0000012345",
            "amount_paise": 100,
            "received_on": rows.TODAY,
            **payer,
        },
        TdsCertificate: {
            "financial_year": "2026-27",
            "quarter": 1,
            "booked_paise": 1,
            **payer,
        },
        Checkout: {"gateway": "sandbox", **plan, **noon, **rows.MONEY},
        StaffTerms: {"until": rows.NOON + timedelta(days=9), "accepted_at": rows.NOON, **agreed},
    }
    model.objects.create(**facts[model])


def asked(staff: Any, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert staff.get(path).status_code == 200
    return len(queries)


def test_a_customer_is_found_by_whatever_a_caller_names(
    staff, local_tenant, enterprise_tenant, asha, payment
):
    account = rows.account(local_tenant)
    BillingAccount.objects.filter(pk=account.pk).update(legal_name="Kulkarni Foods LLP")
    AccountWorkspace.objects.get_or_create(tenant=local_tenant, defaults={"account": account})
    GstRegistration.objects.create(
        account=account,
        gstin="27AAPFU0939F1ZV",
        legal_name="Kulkarni",
        address="1",
        pincode="411004",
    )
    document = rows.document(local_tenant)
    IncomingTransfer.objects.create(
        utr="HDFCN52026112300", amount_paise=1, received_on=rows.TODAY, account=account,
        created_at=rows.NOON,
    )  # fmt: skip
    national = asha.phone.removeprefix("+91")
    named = (
        local_tenant.name, local_tenant.slug, "kulkarni", "27aapfu0939f1zv", document.number,
        "hdfcn52026112300", asha.phone, national, f"{national[:5]} {national[5:]}", "pay_1",
    )  # fmt: skip
    for words in named:
        assert list(tenants_found(words)) == [local_tenant], words
    for words in ("", "a", "%", "\x00abc", "nobody here", "0000000"):
        assert list(tenants_found(words)) == [], words
    assert "pay_1" in staff.get("/billing/payment/?q=27AAPFU0939F1ZV").content.decode()
    assert "pay_1" not in staff.get("/billing/payment/?q=24AAACV0001A1ZC").content.decode()
    for model in ("taxdocument", "billingaccount", "subscription"):
        page = staff.get(f"/billing/{model}/?q=HDFCN52026112300").content.decode()
        assert "Kulkarni" in page or local_tenant.name in page, model


def test_a_row_leads_to_everything_of_its_customer_in_words(staff, local_tenant, payment):
    page = staff.get(f"/billing/payment/{payment.pk}/change/").content.decode()
    for model in ("subscription", "taxdocument", "refund", "dunningstep", "journalentry"):
        assert f"/billing/{model}/?tenant__id__exact={local_tenant.pk}" in page, model
        address = f"/billing/{model}/?tenant__id__exact={local_tenant.pk}"
        assert staff.get(address).status_code == 200
    for words in ("₹999", "₹179.82", "₹1,178.82", "Sandbox"):
        assert words in page, words
    assert "117882" not in page
    assert "1,17,882" not in page


def test_money_that_went_back_is_not_to_be_given_back_again(payment, local_tenant):
    Payment.objects.filter(pk=payment.pk).update(needs_refund=True)
    assert list(refunds_to_make()) == [payment]
    assert money_overview(now=clock.now())["refunds_due"] == 1
    facts = {"amount_paise": payment.amount_paise, "created_at": clock.now(), "reason": "twice"}
    refund = Refund.objects.create(tenant=local_tenant, payment=payment, **facts)
    assert not refunds_to_make().exists()
    Refund.objects.filter(pk=refund.pk).update(state="failed")
    assert list(refunds_to_make()) == [payment]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_those_of_the_rows(local_tenant, enterprise_tenant, seed):
    """Against a count by hand, day by day, over random invoices and credit notes."""
    dice, kept = random.Random(seed), []
    for turn in range(30):
        tenant = dice.choice([local_tenant, enterprise_tenant])
        start = date(2025, 10, 1) + timedelta(days=dice.randrange(400))
        is_year = dice.random() < 0.3
        end = start + timedelta(days=365 if is_year else 30)
        paise = dice.randrange(100, 3_000_000)
        row = invoice(tenant, f"A{turn}", str(start), str(end), paise)
        left = paise
        if dice.random() < 0.4:
            part = dice.randrange(1, paise + 1)
            left -= part
            invoice(
                tenant, f"C{turn}", str(start), str(end), part, kind="credit_note", original=row
            )
        kept.append((tenant, start, end, left // MONTHS_A_YEAR if is_year else left))

    def book(day):
        sums: dict[Any, int] = {}
        for tenant, start, end, paise in kept:
            if start <= day < end:
                sums[tenant] = sums.get(tenant, 0) + paise
        return {tenant: paise for tenant, paise in sums.items() if paise > 0}

    days = [date(2026, month, 1) - timedelta(days=1) for month in range(1, 12)]
    days.append(date(2026, 11, 22))
    shown = recurring_months(now=NOW, count=11)
    for before, day, month in zip(days, days[1:], shown, strict=False):
        was, now = book(before), book(day)
        lost = len(set(was) - set(now))
        assert month.recurring_paise == sum(now.values())
        assert (month.customers, month.new, month.lost) == (
            len(now),
            len(set(now) - set(was)),
            lost,
        )
        assert month.churn_basis_points == (lost * 10_000 // len(was) if was else None)
        assert month.average_paise == (sum(now.values()) // len(now) if now else None)


def test_the_csv_says_what_the_page_says(staff, local_tenant):
    today = clock.today(clock.now())
    invoice(local_tenant, "A1", str(today.replace(day=1)), "2099-12-01", 120_000 * 12)
    table = staff.get("/billing/subscription/figures/months.csv").content.decode("utf-8-sig")
    head, *_months, last = table.strip().splitlines()
    assert head == "month,recurring_rupees,customers,new,lost,churn_percent,average"
    assert last == f"{today:%Y-%m},1200.00,1,1,0,,1200.00"
    page = staff.get("/billing/subscription/figures/").content.decode()
    assert f">{today:%b}</text>" in page
    assert ">₹1.2 k</text>" in page
    assert "₹1,200" in page
