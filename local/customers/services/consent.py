"""What people agree to, and what they take back. Rows are only added."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from local.customers.engine.facts import ConsentState
from local.customers.engine.wordings import Wording, wording_of
from local.customers.errors import (
    ConsentNeedsAsking,
    ConsentOfMinor,
    InvalidConsent,
)
from local.customers.models import (
    ConsentAction,
    ConsentEvent,
    ConsentSource,
    Customer,
    Purpose,
)
from local.customers.selectors import consent_of, customer_of, customer_own
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import SubjectAct
from marketing_platform.tenants.restoring import subject_record

SUBJECT = "local.customer"


@dataclass(frozen=True)
class ConsentGiven:
    """A tick beside a wording. `asked_again`: they said no before and asked for it themselves."""

    wording: Wording
    asked_again: bool = False
    purpose: str = Purpose.WHATSAPP_MARKETING


def wording_here(purpose: str = Purpose.WHATSAPP_MARKETING, *, language: str) -> Wording:
    """What is shown in this workspace, with the shop's name."""
    tenant = current_tenant()
    return wording_of(purpose, shop=tenant.name if tenant else "", language=language)


def consent_record(
    *,
    customer_id: UUID,
    given: ConsentGiven,
    source: str,
    now: datetime,
    happened_at: datetime | None = None,
    actor_id: UUID | None = None,
    note: str = "",
    proof_id: UUID | None = None,
) -> ConsentEvent:
    """Write down that somebody agreed, in the words they were shown.

    Raises ConsentNeedsAsking after a withdrawal unless `given.asked_again`; ConsentOfMinor for a
    child without a parent's name; InvalidConsent for a moment that has not come, or bad names.
    """
    said_at = happened_at or now
    if said_at > now:
        raise InvalidConsent(_("Date of consent: this day has not come yet."), field="happened_at")
    _known(given.purpose, source)
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_own(customer_id).pk)
        if customer.is_minor and not customer.guardian_name:
            raise ConsentOfMinor(field="guardian_name")
        stands = consent_of(customer.pk, given.purpose)
        if stands.state is ConsentState.WITHDRAWN and not given.asked_again:
            raise ConsentNeedsAsking(field="consent")
        return ConsentEvent.objects.create(
            customer=customer,
            purpose=given.purpose,
            action=ConsentAction.GRANTED,
            wording=given.wording.text,
            wording_version=given.wording.version,
            wording_language=given.wording.language,
            source=source,
            note=clean_line(note)[:300],
            happened_at=said_at,
            recorded_at=now,
            actor_id=actor_id,
            proof_id=proof_id,
        )


def consent_withdraw(
    *,
    customer_id: UUID,
    purpose: str | None = Purpose.WHATSAPP_MARKETING,
    source: str,
    now: datetime,
    happened_at: datetime | None = None,
    actor_id: UUID | None = None,
    note: str = "",
) -> list[ConsentEvent]:
    """No more messages: of one purpose, or of all when `purpose` is None.

    Works while the workspace may only read, and again on one that had withdrawn before. Kept
    outside the backup too, so that a restored one does not bring the consent back. Raises
    CustomerMissing, InvalidConsent.
    """
    purposes = list(Purpose) if purpose is None else [Purpose(_known(purpose, source))]
    said_at = min(happened_at or now, now)
    customer = customer_of(customer_id)
    with transaction.atomic():
        rows = [
            ConsentEvent.objects.create(
                customer=customer,
                purpose=each,
                action=ConsentAction.WITHDRAWN,
                source=source,
                note=clean_line(note)[:300],
                happened_at=said_at,
                recorded_at=now,
                actor_id=actor_id,
            )
            for each in purposes
        ]
        for each in purposes:
            subjects_record(customer, SubjectAct.OPTED_OUT, now=now, purpose=each)
    return rows


def subjects_record(
    customer: Customer, act: SubjectAct, *, now: datetime, purpose: str = ""
) -> None:
    """For the customer and every duplicate joined into it: a backup may hold them apart."""
    joined = Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)
    for key in (customer.pk, *joined):
        subject = f"{key}:{purpose}" if purpose else str(key)
        subject_record(tenant=current_tenant(), kind=SUBJECT, subject=subject, act=act, now=now)


def subject_opted_out(subject: str, *, now: datetime) -> None:
    """Again, in a restored workspace; for somebody who is not there it does nothing."""
    key, _colon, purpose = subject.partition(":")
    if Customer.objects.filter(pk=UUID(key)).exists():
        ConsentEvent.objects.create(
            customer_id=UUID(key),
            purpose=purpose,
            action=ConsentAction.WITHDRAWN,
            source=ConsentSource.OWNER,
            happened_at=now,
            recorded_at=now,
        )


def _known(purpose: str, source: str) -> str:
    if purpose not in set(Purpose):
        raise InvalidConsent(_("Purpose: choose one of the list."), field="purpose")
    if source not in set(ConsentSource):
        raise InvalidConsent(_("Source: choose one of the list."), field="source")
    return purpose
