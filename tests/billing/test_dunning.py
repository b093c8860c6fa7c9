"""Late money through the database: asked first, told once, taken away last, ended by payment."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest

from billing.engine.lifecycle import State
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    DunningStep,
    IncomingTransfer,
    Payment,
    Settlement,
    StaffTerms,
    Subscription,
    TaxDocument,
)
from billing.selectors import entitlements_of
from billing.selectors.dunning import banner_of
from billing.services import dunning as service
from billing.services.dunning import dunning_run, dunning_tick
from billing.services.dunning_messages import step_send
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants.context import public_context, tenant_context
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
DUE_ON = date(2026, 12, 10)


def day(number, hour=5):
    return datetime(2026, 11, 2, hour, 0, tzinfo=UTC) + timedelta(days=number)


def due_day(number):
    return datetime.combine(DUE_ON, time(10), clock.IST) + timedelta(days=number)


class Telling:
    """What the gateway answers in these tests; the port is the real one."""

    code = "sandbox"

    def __init__(self):
        self.state, self.next_attempt_at, self.asked = State.PAST_DUE, None, 0

    def fetch_subscription(self, remote_id):
        self.asked += 1
        snapshot = SimpleNamespace(
            state=self.state,
            next_attempt_at=self.next_attempt_at,
            charge=SimpleNamespace(amount_paise=117_882),
        )
        return SimpleNamespace(subscription=snapshot)


@pytest.fixture
def gateway(monkeypatch):
    told = Telling()
    monkeypatch.setattr(service, "gateway_of", lambda code: told)
    return told


@pytest.fixture
def late(local_tenant, gateway):
    row = Subscription.objects.get(tenant=local_tenant)
    row.state, row.past_due_since = "past_due", BEGAN
    row.gateway, row.gateway_subscription_id = "sandbox", "sub_1"
    row.save()
    return row


def steps(**found):
    return list(DunningStep.objects.filter(**found).values_list("step", flat=True))


def messages_send():
    due = DueWork.objects.filter(task="billing.tell_dunning", done_at=None)
    for pk in due.values_list("pk", flat=True):
        work_run(pk)


def test_a_month_unpaid_is_told_five_times_and_each_step_once(local_tenant, late):
    for number in range(30):
        for hour in (5, 6):
            dunning_run(tenant=local_tenant, now=day(number, hour))
    assert steps() == ["failed", "reminder_1", "reminder_2", "last_call", "suspended"]
    with tenant_context(local_tenant):
        assert Notification.objects.filter(kind="billing").count() == 5
    assert DueWork.objects.filter(task="billing.tell_dunning").count() == 5


def test_the_message_is_in_the_owners_language_and_names_amount_day_and_place(
    local_tenant, late, asha
):
    dunning_run(tenant=local_tenant, now=day(0))
    before = OutgoingMessage.objects.count()
    messages_send()
    messages_send()
    assert OutgoingMessage.objects.count() == before + 1
    message = OutgoingMessage.objects.latest("pk")
    assert (message.to_phone, message.language) == (asha.phone, asha.language)
    step = DunningStep.objects.get()
    assert (step.language, step.sent_to) == (asha.language, asha.phone)
    assert step_send(step_id=step.pk, amount_paise=1, ends_at=BEGAN.isoformat()) == 0


def test_a_payer_with_addresses_is_told_there_once_each(local_tenant, late):
    account = BillingAccount.objects.create(
        emails=["accounts@asha.example", "owner@asha.example"], language="hi"
    )
    AccountWorkspace.objects.create(tenant=local_tenant, account=account)
    dunning_run(tenant=local_tenant, now=day(0))
    messages_send()
    told = OutgoingMessage.objects.filter(kind="billing")
    assert {"accounts@asha.example", "owner@asha.example"} <= set(
        told.values_list("to_email", flat=True)
    )
    assert set(told.values_list("language", flat=True)) == {"hi"}


def test_nothing_is_said_while_the_gateway_tries_by_itself(local_tenant, late, gateway):
    gateway.next_attempt_at = day(9)
    for number in range(9):
        assert dunning_run(tenant=local_tenant, now=day(number)) == 0
    assert entitlements_of(local_tenant, now=day(8)).may_write
    assert banner_of(local_tenant, day(8))["text"].endswith("tries it again.")
    for number in range(9, 14):
        dunning_run(tenant=local_tenant, now=day(number))
    assert steps() == ["last_call", "suspended"]
    assert entitlements_of(local_tenant, now=day(11)).may_write
    assert not entitlements_of(local_tenant, now=day(12)).may_write


def test_who_has_paid_at_the_gateway_is_not_told(local_tenant, late, gateway, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "billing.services.subscriptions.subscription_refresh", lambda **facts: asked.append(facts)
    )
    gateway.state = State.ACTIVE
    assert dunning_run(tenant=local_tenant, now=day(0)) == 0
    assert asked == [{"subscription_id": late.pk, "now": day(0)}]
    assert steps() == []


def test_a_recovery_thanks_once_and_the_next_failure_is_told_anew(local_tenant, late):
    dunning_run(tenant=local_tenant, now=day(2))
    Subscription.objects.filter(pk=late.pk).update(state="active", past_due_since=None)
    for number in (3, 4):
        dunning_run(tenant=local_tenant, now=day(number))
    assert steps() == ["reminder_1", "recovered"]
    again = day(30)
    Subscription.objects.filter(pk=late.pk).update(state="past_due", past_due_since=again)
    dunning_run(tenant=local_tenant, now=day(30))
    assert steps(episode_at=again) == ["failed"]


def test_an_older_word_of_the_gateway_tells_nothing_twice(local_tenant, late):
    dunning_run(tenant=local_tenant, now=day(0))
    earlier = BEGAN - timedelta(hours=9)
    Subscription.objects.filter(pk=late.pk).update(past_due_since=earlier)
    assert dunning_run(tenant=local_tenant, now=day(0, 8)) == 0
    assert steps() == ["failed"]


def test_a_payment_between_two_failures_parts_the_episodes(local_tenant, late):
    dunning_run(tenant=local_tenant, now=day(0))
    Payment.objects.create(
        tenant=local_tenant,
        subscription=late,
        gateway="sandbox",
        remote_id="pay_between",
        base_paise=99_900,
        tax_paise=17_982,
        amount_paise=117_882,
        currency="INR",
        paid_at=day(1),
        created_at=day(1),
    )
    Subscription.objects.filter(pk=late.pk).update(past_due_since=day(31))
    dunning_run(tenant=local_tenant, now=day(31, 6))
    assert steps() == ["failed", "failed"]


def test_a_cancelled_subscription_ends_its_episode_without_a_word(local_tenant, late):
    dunning_run(tenant=local_tenant, now=day(0))
    Subscription.objects.filter(pk=late.pk).update(state="canceled")
    assert dunning_tick(day(1)) == 1
    assert steps() == ["failed", "ended"]
    assert DueWork.objects.filter(task="billing.tell_dunning").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The last payment did not go through. Please pay by"),
        ({"mandate": "needs_afa"}, "Your bank asks you to approve the next payment."),
        ({"state": "suspended"}, "This workspace is read-only: a payment is open."),
    ],
)
def test_the_line_on_top_says_what_is_open(local_tenant, late, changes, sentence):
    assert banner_of(local_tenant, day(0)) is not None
    Subscription.objects.filter(pk=late.pk).update(**changes)
    assert banner_of(local_tenant, day(1))["text"].startswith(sentence)
    Subscription.objects.filter(pk=late.pk).update(state="active")
    assert banner_of(local_tenant, day(1)) is None


# --- invoices


@pytest.fixture
def invoice(enterprise_tenant):
    with public_context():
        account = BillingAccount.objects.create(
            legal_name="Veda Appliances", pays_by="invoice", emails=["ap@veda.example"]
        )
        AccountWorkspace.objects.create(tenant=enterprise_tenant, account=account)
        Subscription.objects.filter(tenant=enterprise_tenant).delete()
        Subscription.objects.create(
            tenant=enterprise_tenant,
            plan_version=rows.plan_version(enterprise_tenant),
            interval="month",
            state="active",
            current_period_end=due_day(60),
        )
        facts = rows._document(enterprise_tenant) | {
            "number": "NS/26-27/000009",
            "cause": "test:invoice",
            "account_id": account.pk,
            "due_on": DUE_ON,
            "taxable_paise": 2_500_000,
            "cgst_paise": 0,
            "sgst_paise": 0,
            "igst_paise": 450_000,
            "total_paise": 2_950_000,
        }
        return TaxDocument.objects.create(tenant=enterprise_tenant, **facts)


def settle(invoice, paise):
    Settlement.objects.create(
        tenant=invoice.tenant,
        document=invoice,
        amount_paise=paise,
        by="transfer",
        cause=f"transfer:{paise}",
        settled_on=DUE_ON,
        created_at=due_day(0),
    )


def test_an_unpaid_invoice_is_told_six_times_and_then_the_workspace_can_be_read(
    enterprise_tenant, invoice
):
    with public_context():
        for number in range(-6, 40):
            dunning_run(tenant=enterprise_tenant, now=due_day(number))
        assert steps() == ["due_soon", "due", "overdue_1", "overdue_2", "last_call", "suspended"]
        subscription = Subscription.objects.get(tenant=enterprise_tenant)
        assert subscription.state == "suspended"
        assert not entitlements_of(enterprise_tenant, now=due_day(16)).may_write


def test_access_ends_on_the_day_that_was_promised_even_if_nobody_looks(enterprise_tenant, invoice):
    with public_context():
        for number in range(13):
            dunning_run(tenant=enterprise_tenant, now=due_day(number))
        last = due_day(15) - timedelta(hours=10)
        second = timedelta(seconds=1)
        assert entitlements_of(enterprise_tenant, now=last - second).may_write
        assert not entitlements_of(enterprise_tenant, now=last).may_write


def test_terms_accepted_before_the_suspension_do_not_open_it_but_later_ones_do(
    enterprise_tenant, invoice
):
    terms = {"tenant": enterprise_tenant, "actor_id": invoice.tenant_id, "until": due_day(300)}
    with public_context():
        StaffTerms.objects.create(reason="PO 1", accepted_at=due_day(-30), **terms)
        for number in range(16):
            dunning_run(tenant=enterprise_tenant, now=due_day(number))
        assert not entitlements_of(enterprise_tenant, now=due_day(16)).may_write
        StaffTerms.objects.create(reason="cheque seen", accepted_at=due_day(17), **terms)
        assert entitlements_of(enterprise_tenant, now=due_day(18)).may_write


def test_the_settled_invoice_opens_the_workspace_again_and_thanks_once(enterprise_tenant, invoice):
    with public_context():
        for number in range(16):
            dunning_run(tenant=enterprise_tenant, now=due_day(number))
        settle(invoice, 2_949_999)
        assert dunning_run(tenant=enterprise_tenant, now=due_day(17)) == 0
        settle(invoice, 1)
        for number in (18, 19):
            dunning_run(tenant=enterprise_tenant, now=due_day(number))
        subscription = Subscription.objects.get(tenant=enterprise_tenant)
        assert (subscription.state, subscription.past_due_since) == ("active", None)
        assert steps().count("recovered") == 1
        assert entitlements_of(enterprise_tenant, now=due_day(19)).may_write


def test_a_transfer_that_staff_must_match_keeps_the_customer_in_peace(enterprise_tenant, invoice):
    with public_context():
        IncomingTransfer.objects.create(
            utr="UTR1",
            amount_paise=2_700_000,
            received_on=DUE_ON,
            account=invoice.account,
            state="queued",
            created_at=due_day(0),
        )
        for number in range(20):
            assert dunning_run(tenant=enterprise_tenant, now=due_day(number)) == 0


def test_who_pays_by_mandate_is_not_reminded_of_invoices(enterprise_tenant, invoice):
    with public_context():
        BillingAccount.objects.filter(pk=invoice.account_id).update(pays_by="gateway")
        assert dunning_run(tenant=enterprise_tenant, now=due_day(5)) == 0


def test_what_comes_due_is_not_thanked_for(enterprise_tenant, invoice):
    with public_context():
        dunning_run(tenant=enterprise_tenant, now=due_day(-2))
        settle(invoice, 2_950_000)
        dunning_run(tenant=enterprise_tenant, now=due_day(-1))
        assert steps() == ["due_soon", "recovered"]
        assert DueWork.objects.filter(task="billing.tell_dunning").count() == 1
