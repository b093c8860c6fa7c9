"""What staff are told of invoices and of our own registration."""

from datetime import date
from typing import Any

from billing.services.staff_notices import letter_remind, staff_send
from marketing_platform.schedule.registry import work_handler


@work_handler("billing.tell_staff", public=True)
def tell_staff(_tenant: None, *, to_email: str, subject: str, text: str, **_unused: Any) -> None:
    staff_send(to_email=to_email, subject=subject, text=text)


@work_handler("billing.remind_letter", public=True)
def remind_letter(_tenant: None, *, supplier_id: int, until: str, **_unused: Any) -> None:
    letter_remind(supplier_id=supplier_id, until=date.fromisoformat(until))
