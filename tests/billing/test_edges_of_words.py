"""Words and certificates that come twice, late, or about nothing of ours."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing.errors import EventRefused, RemoteNotFound
from billing.gateways.registry import gateway_of
from billing.models import Payment, Subscription, TdsCertificate
from billing.services.accounts import account_of
from billing.services.applying import SnapshotNeeded, event_apply, observation_apply
from billing.services.invoicing import invoice_issue
from billing.services.settling import settle
from billing.services.tds import certificate_tell, certificate_upload, certificates_open
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.messaging.models import OutgoingMessage

pytestmark = pytest.mark.django_db
FEBRUARY = datetime(2027, 2, 16, 6, 30, tzinfo=UTC)
PDF = b"%PDF-1.7\n%%EOF"


def test_an_event_is_applied_once_and_an_unknown_one_refused(
    start: Any, twin: Any, event_of: Any, deliver: Any, work_off: Any, monkeypatch: Any
) -> None:
    checkout = start()
    twin.act(checkout, "pay")
    state = twin.state(checkout)
    gateway = type(gateway_of("sandbox"))

    def unknown(*_args: Any) -> None:
        raise RemoteNotFound

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "fetch_subscription", unknown)
        patch.setattr(gateway, "fetch_checkout", unknown)
        unpaid = state | {"payments": [], "checkout": state["checkout"] | {"status": "open"}}
        deliver(event_of("checkout.paid", unpaid, "evt_1"))
        work_off()
    refused = InboundEvent.objects.get()
    assert refused.state == "failed"
    assert refused.outcome == "The event was refused: the gateway itself does not know it."
    assert Payment.objects.count() == 0
    deliver(event_of("checkout.paid", state, "evt_2"))
    work_off()
    applied = InboundEvent.objects.get(event_id="evt_2")
    assert applied.state == "applied"
    settled_at, paid = applied.settled_at, list(Payment.objects.values_list())
    event_apply(event_id=applied.pk, now=clock.now())
    applied.refresh_from_db()
    assert (applied.settled_at, list(Payment.objects.values_list())) == (settled_at, paid)


def test_paid_without_a_subscription_is_asked_for_and_then_refused(
    start: Any, twin: Any, local_tenant: Any
) -> None:
    checkout = start()
    twin.act(checkout, "pay")
    seen = gateway_of("sandbox").fetch_checkout(checkout.remote_id)
    alone = replace(seen, subscription=None, payments=())
    unpaid = replace(seen, payments=())
    for word in (alone, unpaid):
        told = {"gateway_code": "sandbox", "now": clock.now()}
        with pytest.raises(SnapshotNeeded):
            observation_apply(observation=replace(word, is_authoritative=False), **told)
        with pytest.raises(EventRefused):
            observation_apply(observation=replace(word, is_authoritative=True), **told)
    assert Subscription.objects.get(tenant=local_tenant).state == "trialing"
    assert Payment.objects.count() == 0


def test_certificates_of_a_payer(supplier: Any, local_tenant: Any) -> None:
    assert certificates_open(tenant=local_tenant, now=FEBRUARY) == []
    november = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    account_of(local_tenant, now=november)
    document = invoice_issue(
        tenant=local_tenant, subscription=None, base_paise=99_900, cause="edge:1", now=november
    )

    def deducted(paise: int, cause: str) -> None:
        on = date(2026, 11, 25)
        settle(document=document, amount_paise=paise, by="tds", cause=cause, on=on, now=november)

    def given(paise: int) -> TdsCertificate:
        return certificate_upload(
            tenant=local_tenant,
            certificate_id=row.pk,
            certificate_number="Q3-1",
            certified_paise=paise,
            file_name="q3.pdf",
            content=PDF,
            now=FEBRUARY,
        )

    deducted(1_998, "tds:1")
    (row,) = certificates_open(tenant=local_tenant, now=FEBRUARY)
    assert row.booked_paise == 1_998
    # What is booked later is in it, as long as nothing has been matched.
    deducted(100, "tds:2")
    (row,) = certificates_open(tenant=local_tenant, now=FEBRUARY)
    assert TdsCertificate.objects.get().booked_paise == 2_098
    with pytest.raises(InvalidInput) as refused:
        given(0)
    assert refused.value.field == "amount"
    assert given(1_897).state == "received"
    assert given(1_898).state == "matched"
    # A matched one is neither replaced nor asked for nor read anew.
    assert given(1).certified_paise == 1_898
    deducted(-100, "tds:3")
    certificates_open(tenant=local_tenant, now=FEBRUARY)
    assert TdsCertificate.objects.get().booked_paise == 2_098
    before = OutgoingMessage.objects.count()
    assert certificate_tell(tenant_id=local_tenant.pk, certificate_id=row.pk) == 0
    assert OutgoingMessage.objects.count() == before
