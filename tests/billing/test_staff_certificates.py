# ruff: noqa: F811
"""Certificates that say another amount than was declared: staff see it, decide, and it is told."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from billing.errors import CertificateDiffers, CertificateNotWaiting
from billing.models import DunningStep, JournalLine, Settlement, TdsCertificate
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of
from billing.selectors.paper import certificates_of
from billing.services.dunning import dunning_run
from billing.services.settling import settle
from billing.services.tds import booked, certificate_accept, certificate_upload
from marketing_platform.core.errors import InvalidInput
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_admin import boss, staff  # noqa: F401
from tests.billing.test_paper import ACTOR, NOW, PDF, buyer, confirmed, ist  # noqa: F401

pytestmark = pytest.mark.django_db
LATER = ist(2027, 2, 16)
LIST = "/billing/tdscertificate/"


@pytest.fixture
def invoice(buyer: Any) -> Any:
    """Paid by transfer less 10 %: ₹2,500 of ₹29,500."""
    from billing.engine import ledger
    from billing.services.ledger import journal_post

    document = confirmed(buyer)
    on = date(2026, 11, 25)
    facts = {"document": document, "on": on, "now": NOW}
    settle(amount_paise=2_700_000, by="transfer", cause="transfer:1", **facts)
    journal_post(
        kind="transfer", cause="transfer:1:in", narration="in", on=on, now=NOW, tenant=buyer,
        postings=ledger.transfer_received(2_700_000),
    )  # fmt: skip
    settle(amount_paise=250_000, by="tds", cause="tds:1", **facts)
    assert (open_paise(document), balance_of(buyer)) == (0, 0)
    return document


def given(tenant: Any, paise: int, content: bytes = PDF) -> TdsCertificate:
    row, _new = TdsCertificate.objects.get_or_create(
        account=tenant_account(tenant), financial_year="2026-27", quarter=3,
        defaults={"booked_paise": 250_000, "created_at": NOW},
    )  # fmt: skip
    return certificate_upload(
        tenant=tenant, certificate_id=row.pk, certificate_number="ABC123", certified_paise=paise,
        file_name="q3.pdf", content=content, now=LATER,
    )  # fmt: skip


def tenant_account(tenant: Any) -> Any:
    from billing.selectors.accounts import link_of

    return link_of(tenant).account


def sent(action: str, row: TdsCertificate, **form: Any) -> dict[str, Any]:
    return {
        "action": action, "_selected_action": str(row.pk), "act_id": str(uuid.uuid4()),
        "reason": "seen with the customer", **form,
    }  # fmt: skip


def test_a_difference_is_a_notice_to_staff_and_stands_in_the_list(
    buyer: Any,
    invoice: Any,
    staff: Any,
) -> None:
    row = given(buyer, 200_000)
    told = DueWork.objects.get(task="billing.tell_staff", key__contains="certificate")
    for words in ("₹2,500", "₹2,000", "₹500", "ABC123", "Veda Appliances"):
        assert words in told.arguments["text"], words
    page = staff.get(f"{LIST}?waits=differs").content.decode()
    for words in ("₹2,500", "₹2,000", "₹500 less", "Accept it or reject it"):
        assert words in page, words
    page = staff.get(f"{LIST}{row.pk}/change/").content.decode()
    assert f"{invoice.number}: ₹2,500" in page
    (shown,) = certificates_of(buyer)
    assert "a difference of ₹500" in shown.remark
    response = staff.post(LIST, {"action": "download", "_selected_action": str(row.pk)})
    assert response.content == PDF


def test_the_lower_is_accepted_and_the_rest_is_owed_once(
    buyer: Any,
    invoice: Any,
    staff: Any,
) -> None:
    row = given(buyer, 200_000)
    asked = staff.post(LIST, {"action": "accept", "_selected_action": str(row.pk)})
    for words in ("₹500 less", "Veda Appliances", invoice.number, "the customer owes"):
        assert words in asked.content.decode(), words
    form = sent("accept", row, certified="2000.00")
    for _turn in range(2):
        staff.post(LIST, form)
    staff.post(LIST, sent("accept", row, certified="2000.00"))
    row.refresh_from_db()
    assert (row.state, row.booked_paise) == ("matched", 200_000)
    assert (open_paise(invoice), balance_of(buyer)) == (50_000, 50_000)
    assert Settlement.objects.filter(by="tds", amount_paise=-50_000).count() == 1
    assert booked(row.account_id, "2026-27", 3)[0] == 200_000
    assert sum(JournalLine.objects.values_list("amount_paise", flat=True)) == 0
    event = TenantEvent.objects.get(kind="tds_certificate_accepted")
    assert (event.reason, event.tenant) == (f"{row.pk}: seen with the customer", buyer)
    entry = LogEntry.objects.order_by("pk").first()
    assert entry.change_message.startswith(
        "Accept what the certificate says: accepted. "
        f"{invoice.number}: ₹500 open again. Reason: seen with the customer. (form "
    )
    (shown,) = certificates_of(buyer)
    assert f"{invoice.number}, ₹500" in shown.remark
    with tenant_context(buyer):
        told = Notification.objects.get(key__contains="certificate-said")
    assert told.params["rest"] == "₹500"


def test_nobody_is_cut_off_for_tax_that_counted_as_paid(buyer: Any, invoice: Any) -> None:
    """The invoice was due months ago; what opened again is due in a week."""
    row = given(buyer, 200_000)
    accepted(row, 200_000)
    seen = []
    for day in (0, 1, 3, 4, 6, 7):
        dunning_run(tenant=buyer, now=LATER + timedelta(days=day))
        seen.append(list(DunningStep.objects.order_by("pk").values_list("step", flat=True)))
    soon, due = ["due_soon"], ["due_soon", "due"]
    assert seen == [[], [], [], soon, soon, due]


def accepted(row: TdsCertificate, paise: int, now: datetime = LATER) -> Any:
    return certificate_accept(
        certificate_id=row.pk, certified_paise=paise, reason="seen", actor_id=ACTOR, now=now
    )


def test_several_invoices_open_from_the_latest_deduction_on(buyer: Any, invoice: Any) -> None:
    from billing.services.invoicing import invoice_issue

    second = invoice_issue(
        tenant=buyer, subscription=None, base_paise=300_000, cause="test:2", now=NOW
    )
    settle(
        document=second, amount_paise=30_000, by="tds", cause="tds:2", on=date(2026, 12, 20),
        now=NOW,
    )  # fmt: skip
    _row, opened = accepted(given(buyer, 200_000), 200_000)
    assert [(each.pk, paise) for each, paise in opened] == [
        (second.pk, 30_000), (invoice.pk, 50_000)
    ]  # fmt: skip


def test_a_certificate_over_more_owes_nothing(buyer: Any, invoice: Any) -> None:
    row, opened = accepted(given(buyer, 300_000), 300_000)
    assert (row.state, opened, open_paise(invoice)) == ("matched", [], 0)
    (shown,) = certificates_of(buyer)
    assert shown.remark == "The certificate says more than we counted. Nothing is open."


def test_another_amount_than_the_file_says_changes_nothing(buyer: Any, invoice: Any) -> None:
    row = given(buyer, 200_000)
    with pytest.raises(CertificateDiffers):
        accepted(row, 150_000)
    with pytest.raises(InvalidInput):
        certificate_accept(
            certificate_id=row.pk, certified_paise=200_000, reason=" ", actor_id=ACTOR, now=LATER
        )
    assert open_paise(invoice) == 0
    accepted(row, 200_000)
    with pytest.raises(CertificateNotWaiting):
        accepted(row, 200_000)


def test_a_rejected_one_is_awaited_again_and_the_payer_reads_why(
    buyer: Any,
    invoice: Any,
    staff: Any,
) -> None:
    row = given(buyer, 200_000)
    staff.post(LIST, sent("reject", row, reason=""))
    row.refresh_from_db()
    assert row.state == "received"
    staff.post(LIST, sent("reject", row, reason="It is of another quarter."))
    row.refresh_from_db()
    assert (row.state, open_paise(invoice)) == ("open", 0)
    (shown,) = certificates_of(buyer)
    assert shown.remark == (
        "We could not take this certificate: It is of another quarter. Please upload another one."
    )
    assert "Veda" in staff.get(f"{LIST}?waits=rejected").content.decode()
    assert "It is of another quarter" in LogEntry.objects.latest("pk").change_message
    assert given(buyer, 250_000, PDF + b"2").state == "matched"
    assert certificates_of(buyer)[0].remark == ""


def test_what_is_missing_after_the_reminder_has_a_filter(buyer: Any, staff: Any) -> None:
    facts = {"account": tenant_account(buyer), "booked_paise": 1, "created_at": NOW}
    for quarter, asked in ((1, NOW), (2, None)):
        TdsCertificate.objects.create(
            financial_year="2026-27", quarter=quarter, reminded_at=asked, **facts
        )
    for name, here, away in (("missing", "Q1", "Q2"), ("not_asked", "Q2", "Q1")):
        page = staff.get(f"{LIST}?waits={name}").content.decode()
        assert f"2026-27 {here}" in page
        assert f"2026-27 {away}" not in page
