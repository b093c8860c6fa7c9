"""A match undone: the access that it gave, the tax of a closed month, and forms sent again."""

from datetime import timedelta

import pytest

from billing.engine.transfers import Part
from billing.errors import TransferNotMatched, TransferNotOpen
from billing.models import JournalEntry, PeriodLock, Settlement, Subscription
from billing.selectors import entitlements_of
from billing.selectors.documents import open_paise
from billing.services.dunning import dunning_run
from billing.services.transfers import transfer_add, transfer_assign, undone_of
from billing.services.undoing import transfer_undo
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context
from tests.billing.test_dunning import due_day, invoice  # noqa: F401
from tests.billing.test_paper_transfers import (
    ACTOR,
    NOW,
    TODAY,
    arrive,
    owed,  # noqa: F401
)

pytestmark = pytest.mark.django_db
WHOLE = 2_950_000
PAID, TDS = 2_700_000, 250_000
BY = {"reason": "of another payer", "actor_id": ACTOR}


def may_write(tenant, now):
    return entitlements_of(tenant, now=now).may_write


def suspended(tenant):
    for number in (3, 12, 13, 15):
        dunning_run(tenant=tenant, now=due_day(number))
    assert not may_write(tenant, due_day(17))


def came(document, utr="HDFCN52026112200001", day=17):
    """A transfer that staff matched to this invoice by mistake."""
    now = due_day(day)
    facts = {"amount_paise": WHOLE, "received_on": clock.today(now), "now": now}
    transfer = transfer_add(utr=utr, payer_name="NOBODY", **facts)
    if transfer.state != "matched":
        parts = [Part(document.pk, WHOLE, 0)]
        transfer = transfer_assign(transfer_id=transfer.pk, parts=parts, now=now, **BY)
    return transfer


def test_what_a_wrong_match_opened_is_closed_again(enterprise_tenant, invoice):  # noqa: F811
    with public_context():
        suspended(enterprise_tenant)
        wrong = came(invoice)
        assert may_write(enterprise_tenant, due_day(18))
        transfer_undo(transfer_id=wrong.pk, now=due_day(18), **BY)
        assert open_paise(invoice) == WHOLE
        assert not may_write(enterprise_tenant, due_day(18))
        # Nobody is troubled with a second ladder, and nothing opens by itself.
        for number in (18, 25, 40, 59):
            assert dunning_run(tenant=enterprise_tenant, now=due_day(number)) == 0
        assert not may_write(enterprise_tenant, due_day(60))
        # The right money opens it, once more.
        came(invoice, utr="HDFCN52026112200002", day=61)
        assert may_write(enterprise_tenant, due_day(61))


def test_what_something_else_paid_for_stays_open(enterprise_tenant, invoice):  # noqa: F811
    with public_context():
        suspended(enterprise_tenant)
        wrong = came(invoice)
        # Meanwhile a credit note or cheque settles what the undone match leaves open.
        Settlement.objects.create(
            tenant=enterprise_tenant, document=invoice, amount_paise=WHOLE, by="credit_note",
            cause="note:1", settled_on=TODAY, created_at=due_day(18),
        )  # fmt: skip
        transfer_undo(transfer_id=wrong.pk, now=due_day(18), **BY)
        assert open_paise(invoice) == 0
        assert may_write(enterprise_tenant, due_day(18))


def test_who_was_not_suspended_is_not_cut_off(enterprise_tenant, invoice):  # noqa: F811
    with public_context():
        dunning_run(tenant=enterprise_tenant, now=due_day(1))
        wrong = came(invoice, day=2)
        transfer_undo(transfer_id=wrong.pk, now=due_day(30), **BY)
        assert may_write(enterprise_tenant, due_day(31))
        assert Subscription.objects.get(tenant=enterprise_tenant).state == "active"


@pytest.mark.parametrize("is_locked", [False, True])
def test_deducted_tax_is_taken_back_on_its_day_unless_the_month_is_closed(
    owed,  # noqa: F811
    local_tenant,
    is_locked,
):
    document = owed(local_tenant)
    transfer = arrive(PAID)
    later = NOW + timedelta(days=20)
    if is_locked:
        PeriodLock.objects.create(
            supplier=document.supplier, month="2026-11", actor_id=ACTOR, locked_at=later
        )
    transfer_undo(transfer_id=transfer.pk, now=later, **BY)
    day = clock.today(later) if is_locked else TODAY
    back = Settlement.objects.get(by="tds", amount_paise=-TDS)
    assert back.settled_on == day
    entry = JournalEntry.objects.get(cause=f"settlement:{back.pk}")
    assert (entry.posted_on, entry.reason) == (day, BY["reason"])


def test_a_form_of_before_undoes_no_later_match_and_makes_none(owed, local_tenant):  # noqa: F811
    document = owed(local_tenant)
    transfer = arrive(PAID)
    part = [Part(document.pk, PAID, TDS)]
    first = undone_of(transfer)
    transfer_undo(transfer_id=transfer.pk, turn=first, now=NOW, **BY)
    # The page with the first assignment is sent again: it was of before.
    with pytest.raises(TransferNotOpen):
        transfer_assign(transfer_id=transfer.pk, parts=part, turn=first, now=NOW, **BY)
    transfer_assign(transfer_id=transfer.pk, parts=part, turn=first + 1, now=NOW, **BY)
    with pytest.raises(TransferNotMatched):
        transfer_undo(transfer_id=transfer.pk, turn=first, now=NOW, **BY)
    assert open_paise(document) == 0
    transfer_undo(transfer_id=transfer.pk, turn=first + 1, now=NOW, **BY)
    assert open_paise(document) == WHOLE
