"""Fifty copies of one payment event over the door, and real workers behind it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from billing.models import Payment, TaxDocument
from marketing_platform.celery import app
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.operations.processes import Child
from marketing_platform.schedule.models import DueWork
from tests.billing.conftest import (  # noqa: F401 (fixtures)
    deliver,
    event_of,
    start,
    supplier,
    twin,
    twin_process,
)
from tests.celery.conftest import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
COPIES = 50


def test_one_payment_one_invoice_one_message(
    start: Callable[..., Any],  # noqa: F811
    twin: Any,  # noqa: F811
    deliver: Callable[..., Any],  # noqa: F811
    event_of: Callable[..., Any],  # noqa: F811
    supplier: Any,  # noqa: F811
    worker_start: Callable[..., Child],
) -> None:
    worker_start("billing", "--concurrency", "2")
    checkout = start()
    twin.act(checkout, "pay")
    event = event_of("checkout.paid", twin.state(checkout), "evt_fifty_copies")

    def send(_number: int) -> int:
        try:
            return deliver(event).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(COPIES) as pool:
        assert list(pool.map(send, range(COPIES))) == [200] * COPIES
    stored = InboundEvent.objects.get(event_id=event["id"])
    work = DueWork.objects.get(key=f"billing-event:{stored.pk}")
    # And every copy of the word to a worker: each may run it.
    for _copy in range(COPIES):
        app.send_task("schedule.run", args=[work.pk], queue="billing", retry=False)
    wait_for(lambda: Payment.objects.exists(), "payment")
    receipt = DueWork.objects.get(key=f"billing-receipt:{Payment.objects.get().pk}")
    for _copy in range(COPIES):
        app.send_task("schedule.run", args=[receipt.pk], queue="billing", retry=False)
    wait_for(lambda: DueWork.objects.get(pk=receipt.pk).done_at is not None, "receipt")
    assert InboundEvent.objects.get(pk=stored.pk).state == "applied"
    assert Payment.objects.count() == 1
    assert TaxDocument.objects.filter(kind="invoice").count() == 1
    assert OutgoingMessage.objects.filter(kind="payment_received").count() == 1
