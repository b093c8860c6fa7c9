"""Telling whoever pays that their money arrived: once by message, once behind the bell."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, override

from billing.models import Payment
from billing.selectors.accounts import payer_facts
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.messaging.services import message_send
from marketing_platform.notifications.models import Notification
from marketing_platform.notifications.services import notify
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.selectors import owner_of

KIND = "payment_received"
TITLE = _("We received %(amount)s")
TEXT = _("Thank you. The payment is listed under Billing, with its tax invoice.")


def receipt_send(*, tenant: Tenant, payment_id: int, now: datetime) -> bool:
    """Inside the workspace. False when it was told before. Raises OutsideFailure: not told yet."""
    payment = Payment.objects.get(pk=payment_id)
    amount = Rupees(payment.amount_paise).format()
    key = f"receipt:{payment.pk}"
    with transaction.atomic():
        if _is_told(key):
            return False
        notify(
            title=TITLE,
            text=TEXT,
            params={"amount": amount},
            kind=KIND,
            url="/billing/",
            now=now,
            key=key,
        )
        _message(tenant, amount)
    return True


def _is_told(key: str) -> bool:
    return Notification.objects.filter(key=key).exists()


def _message(tenant: Tenant, amount: str) -> None:
    """To the first billing address, else to the owner; nobody to tell is no failure."""
    with public_context():
        facts, owner = payer_facts(tenant), owner_of(tenant)
    email = next(iter(facts.emails), "") or (owner.email if owner else "") or None
    phone = (owner.phone if owner else "") or None
    if not email and not phone:
        return
    with override(facts.language):
        message_send(
            subject=gettext(TITLE) % {"amount": amount},
            text=f"{gettext(TITLE) % {'amount': amount}}. {gettext(TEXT)}",
            kind=KIND,
            to_email=email,
            to_phone=None if email else phone,
            language=facts.language,
        )
