"""A credit note by staff and a refund at the gateway for the same charge: one lowering, once."""

import uuid

import pytest

from billing.models import JournalLine, Payment, Settlement, TaxDocument
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of
from billing.services.refunds import refund_plan, refunds_for_staff
from billing.services.staff_acts import document_credit
from billing.tasks.gateways import credit_refund
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_admin import signed_in
from tests.billing.test_refunds import payment  # noqa: F401

pytestmark = pytest.mark.django_db
ACTOR = uuid.UUID(int=7)
NOT_CREDITED = {"kind": "refund_not_credited"}


@pytest.fixture
def invoice(payment):  # noqa: F811
    return TaxDocument.objects.get(kind="invoice")


@pytest.fixture
def credit(invoice):
    def make(taxable_paise):
        return document_credit(
            document=invoice,
            taxable_paise=taxable_paise,
            reason="wrong plan",
            act_id=uuid.uuid4(),
            actor_id=ACTOR,
            now=clock.now(),
        )

    return make


@pytest.fixture
def give_back(work_off):
    def make(paise):
        facts = {"payment": Payment.objects.get(), "reason": "wrong plan", "actor_id": ACTOR}
        refund = refund_plan(amount_paise=paise, now=clock.now(), **facts)
        while work_off():
            pass
        refund.refresh_from_db()
        assert refund.state == "processed"
        return refund

    return make


def nothing_waits():
    return not DueWork.objects.filter(task="billing.credit_refund", done_at=None).exists()


def books():
    return sum(JournalLine.objects.values_list("amount_paise", flat=True))


@pytest.mark.parametrize(("taxable", "paise"), [(99_900, 117_882), (50_000, 59_000)])
def test_the_refund_finds_the_note_that_was_made_for_it(
    invoice, credit, give_back, local_tenant, taxable, paise
):
    note = credit(taxable)
    assert (note.total_paise, balance_of(local_tenant)) == (paise, -paise)
    refund = give_back(paise)
    assert TaxDocument.objects.filter(kind="credit_note").count() == 1
    assert (balance_of(local_tenant), open_paise(invoice), books()) == (0, 0, 0)
    before = Settlement.objects.count()
    credit_refund(None, refund_id=str(refund.pk))
    assert (Settlement.objects.count(), nothing_waits()) == (before, True)
    assert not refunds_for_staff().exists()


def test_two_refunds_of_one_note_use_it_up_and_no_more(invoice, credit, give_back, local_tenant):
    credit(99_900)
    for paise in (100_000, 17_882):
        give_back(paise)
    assert TaxDocument.objects.filter(kind="credit_note").count() == 1
    assert (balance_of(local_tenant), open_paise(invoice), books()) == (0, 0, 0)


def test_another_refund_has_a_note_of_its_own(invoice, credit, give_back, local_tenant):
    credit(50_000)
    refund = give_back(5_900)
    assert refund.documents.get().taxable_paise == 5_000
    assert balance_of(local_tenant) == -59_000


def test_what_no_note_fits_is_for_staff_once_with_the_reason(
    invoice, credit, give_back, local_tenant, admin_user_of_staff
):
    credit(50_000)
    refund = give_back(100_000)
    assert list(refunds_for_staff()) == [refund]
    event = TenantEvent.objects.get(**NOT_CREDITED)
    assert invoice.number in event.reason
    assert "without a credit note" in event.reason
    credit_refund(None, refund_id=str(refund.pk))
    assert TenantEvent.objects.filter(**NOT_CREDITED).count() == 1
    assert nothing_waits()
    assert (open_paise(invoice), books()) == (0, 0)
    # 59 000 credited, 100 000 gone back: the books tell what is still to be settled.
    assert balance_of(local_tenant) == 41_000
    page = admin_user_of_staff.get("/billing/refund/?credit=missing").content.decode()
    assert "wrong plan" in page
    assert "wrong plan" in admin_user_of_staff.get("/billing/refund/").content.decode()


@pytest.fixture
def admin_user_of_staff(db):
    from marketing_platform.users.models import User

    boss = User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")
    return signed_in(boss)
