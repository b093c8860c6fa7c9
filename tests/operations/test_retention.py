"""What the daily run deletes, and what it keeps."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from marketing_platform.api.models import RememberedAnswer
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run, work_schedule
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import VerificationCode

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def run_upkeep() -> None:
    """As the worker does it: upkeep, then what upkeep queued."""
    assert work_run(work_schedule(task="platform.upkeep", key="upkeep:test").pk) is True
    retention = DueWork.objects.get(task="platform.retention")
    assert retention.key == f"retention:{clock.today():%Y-%m-%d}"
    assert work_run(retention.pk) is True
    retention.refresh_from_db()
    assert retention.done_at is not None


def test_answers_are_kept_for_a_day(local_tenant: Tenant) -> None:
    for key, age in (("old", 25 * HOUR), ("new", 23 * HOUR)):
        RememberedAnswer.objects.create(
            tenant=local_tenant, actor="a", key=key, created_at=clock.now() - age
        )
    run_upkeep()

    assert list(RememberedAnswer.objects.values_list("key", flat=True)) == ["new"]


def test_words_of_customers_are_kept_for_thirty_days_and_payments_for_good() -> None:
    now = clock.now()
    for provider, name, days, state in (
        ("whatsapp", "old", 31, "applied"),
        ("whatsapp", "new", 29, "applied"),
        ("whatsapp", "never settled", 31, "stored"),
        ("razorpay", "paid", 400, "applied"),
    ):
        at = now - timedelta(days=days)
        InboundEvent.objects.create(
            provider=provider,
            event_id=name,
            body_hash=name,
            payload={"words": "two boxes"},
            state=state,
            received_at=at,
            settled_at=None if state == "stored" else at,
        )
    run_upkeep()

    emptied = InboundEvent.objects.filter(payload={})
    assert list(emptied.values_list("event_id", "body_hash")) == [("old", "old")]
    assert InboundEvent.objects.count() == 4


def test_codes_are_kept_for_two_days_after_use_or_expiry() -> None:
    now = clock.now()
    for name, expires, used in (
        ("used", now + HOUR, now - 49 * HOUR),
        ("expired", now - 49 * HOUR, None),
        ("lately", now - 47 * HOUR, now - 47 * HOUR),
    ):
        VerificationCode.objects.create(
            destination=name,
            purpose="sign_in",
            code_hash="x",
            tries_left=3,
            created_at=now - 60 * HOUR,
            expires_at=expires,
            used_at=used,
        )
    run_upkeep()

    assert list(VerificationCode.objects.values_list("destination", flat=True)) == ["lately"]


def test_messages_are_kept_for_180_days() -> None:
    for kind, days in (("old", 181), ("new", 179)):
        OutgoingMessage.objects.create(
            to_phone="+919800000001",
            kind=kind,
            sender="console",
            sent_at=clock.now() - timedelta(days=days),
        )
    run_upkeep()

    assert list(OutgoingMessage.objects.values_list("kind", flat=True)) == ["new"]


def test_finished_work_is_kept_for_30_days_and_open_or_dead_work_for_good() -> None:
    now = clock.now()
    old = now - timedelta(days=31)
    for key, done, dead in (
        ("done", old, None),
        ("dead", None, old),
        ("open", None, None),
        ("lately", now - timedelta(days=29), None),
    ):
        later = now + timedelta(days=1) if key == "open" else old
        DueWork.objects.create(task="test.note", key=key, due_at=later, done_at=done, dead_at=dead)
    run_upkeep()

    kept = DueWork.objects.filter(task="test.note").values_list("key", flat=True)
    assert sorted(kept) == ["dead", "lately", "open"]


def test_sessions_that_are_over_are_deleted() -> None:
    for key, hours in (("over", -1), ("open", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=clock.now() + hours * HOUR
        )
    run_upkeep()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
