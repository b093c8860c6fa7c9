from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.customers.errors import CustomerMissing
from local.customers.forms import ConsentForm, CustomerForm, EnquiryForm
from local.customers.models import ConsentSource, Customer, Enquiry
from local.customers.selectors import consent_history, consent_of, customer_of, visits_of
from local.customers.selectors.consent import does_count
from local.customers.selectors.customers import same_name
from local.customers.services import (
    ConsentGiven,
    consent_record,
    consent_withdraw,
    customer_edit,
    customer_erase,
    customers_merge,
    enquiry_answer,
    enquiry_record,
)
from local.customers.views.common import (
    first_error,
    may_work,
    sees_numbers,
    shown_phone,
    wording_shown,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.media.selectors import signed_url
from marketing_platform.media.services import image_store
from marketing_platform.users.permissions import Permission, requires

# Typed to erase somebody; in either language of the interface.
ERASE_WORDS = {"erase", "मिटाओ", "मिटाएँ"}


@never_cache
@require_safe
@requires(Permission.READ)
def person(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    found = customer_of(customer_id)
    if found.pk != customer_id:
        return redirect("local-customer", found.pk)
    return _page(request, found)


@never_cache
@require_POST
@requires(Permission.WORK)
def edit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    found, form = customer_of(customer_id), CustomerForm(request.POST)
    if form.is_valid():
        given = dict(form.cleaned_data)
        if not sees_numbers(request):
            given["phone"] = found.phone or ""
        try:
            customer_edit(customer_id=found.pk, now=clock.now(), **given)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("local-customer", found.pk)
    return _page(request, found, form=form, status=422)


@never_cache
@require_POST
@requires(Permission.WORK)
def consent(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    found, form = customer_of(customer_id), ConsentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            _agree(request, found, form.cleaned_data)
        except PlatformError as error:
            form.add_error(_on(form, error), sentence_of(error))
        else:
            messages.success(request, gettext("Written down, with the words they read."))
            return redirect("local-customer", found.pk)
    return _page(request, found, consent_form=form, status=422)


@require_POST
@requires(Permission.WORK, when_read_only=True)
def withdraw(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Open while the workspace is read-only: whoever says no is heard."""
    found = customer_of(customer_id)
    consent_withdraw(
        customer_id=found.pk,
        purpose=None,
        source=ConsentSource.OWNER,
        now=clock.now(),
        actor_id=request.user.pk,
    )
    messages.success(request, gettext("No more messages go to this customer."))
    return redirect("local-customer", found.pk)


@require_POST
@requires(Permission.WORK)
def enquiry_add(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    found, form = customer_of(customer_id), EnquiryForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
    else:
        try:
            enquiry_record(
                customer_id=found.pk, now=clock.now(), actor_id=request.user.pk, **form.cleaned_data
            )
            messages.success(request, gettext("Written down."))
        except PlatformError as error:
            messages.error(request, sentence_of(error))
    return redirect("local-customer", found.pk)


@require_POST
@requires(Permission.WORK)
def enquiry_answered(request: HttpRequest, customer_id: UUID, enquiry_id: int) -> HttpResponse:
    found = customer_of(customer_id)
    enquiry_answer(enquiry_id=min(enquiry_id, 2**62), customer_id=found.pk, now=clock.now())
    return redirect("local-customer", found.pk)


@require_POST
@requires(Permission.WORK)
def join(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    found = customer_of(customer_id)
    try:
        other = UUID(request.POST.get("other", ""))
    except ValueError:
        raise CustomerMissing from None
    try:
        customers_merge(kept_id=found.pk, other_id=other, now=clock.now(), actor_id=request.user.pk)
        messages.success(request, gettext("Joined. Their visits stand together now."))
    except CustomerMissing:
        raise
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-customer", found.pk)


@require_POST
@requires(Permission.CUSTOMER_NUMBERS, when_read_only=True)
def erase(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Somebody's right, so it works while the workspace is read-only too."""
    found = customer_of(customer_id)
    if request.POST.get("word", "").strip().lower() not in ERASE_WORDS:
        messages.error(request, gettext("Type the word to erase this customer."))
        return redirect("local-customer", found.pk)
    customer_erase(customer_id=found.pk, now=clock.now(), actor_id=request.user.pk)
    messages.success(request, gettext("Erased. Their bills stay in your sums without a name."))
    return redirect("local-customers")


def _agree(request: HttpRequest, found: Customer, given: dict[str, Any]) -> None:
    proof = given["proof"]
    kept = None
    if proof is not None:
        kept = image_store(
            upload=proof, purpose="consent_proof", actor_id=request.user.pk, field="proof"
        )
    consent_record(
        customer_id=found.pk,
        given=ConsentGiven(wording_shown(found.language), asked_again=given["asked_again"]),
        source=ConsentSource.OWNER if kept else ConsentSource.COUNTER,
        now=clock.now(),
        actor_id=request.user.pk,
        proof_id=kept.pk if kept else None,
    )


def _on(form: Any, error: PlatformError) -> str | None:
    return error.field if error.field in form.fields else None


def _page(
    request: HttpRequest,
    found: Customer,
    *,
    form: CustomerForm | None = None,
    consent_form: ConsentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    visits = visits_of(found.pk)
    phone = shown_phone(request, found.phone)
    birthday = f"{found.birth_day:02d}/{found.birth_month:02d}" if found.birth_day else ""
    initial = {
        "phone": phone,
        "name": found.name,
        "language": found.language,
        "birthday": birthday,
        "note": found.note,
        "is_minor": found.is_minor,
        "guardian_name": found.guardian_name,
    }
    form = form or CustomerForm(initial=initial)
    if not sees_numbers(request):
        del form.fields["phone"]
    is_sample = found.batch is not None and found.batch.is_sample
    may_change = may_work(request) and not is_sample
    context = {
        "customer": found,
        "phone": phone if found.name else "",
        "called": found.name or phone or gettext("Customer without a name"),
        "birthday": birthday,
        "visits": [{"visit": each, "amount": _amount(each.amount_paise)} for each in visits],
        "consent": consent_of(found.pk),
        "history": [_said(request, each) for each in consent_history(found.pk)],
        "enquiries": list(Enquiry.objects.filter(customer=found)[:20]),
        "wording": wording_shown(found.language),
        "form": form,
        "consent_form": consent_form or ConsentForm(),
        "is_sample": is_sample,
        "same": same_name(found) if may_change else [],
        "may_change": may_change,
        "may_erase": sees_numbers(request) and not is_sample,
        "opens_form": form.is_bound,
    }
    return render(request, "local/customers/person.html", context, status=status)


def _amount(paise: int | None) -> str:
    return "" if paise is None else Rupees(paise).format()


def _said(request: HttpRequest, event: Any) -> dict[str, Any]:
    url = ""
    if event.proof is not None and sees_numbers(request):
        base = f"{request.scheme}://{request.get_host()}"
        url = signed_url(event.proof, base_url=base, now=clock.now()).url
    return {"event": event, "proof_url": url, "counts": does_count(event)}
