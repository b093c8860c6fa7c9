"""Bills, consent, erasure and joining."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, models, transaction

from local.customers.errors import (
    CannotMerge,
    ConsentNeedsAsking,
    ConsentOfMinor,
    CustomerMissing,
    InvalidConsent,
    InvalidVisit,
    NumberTaken,
    NumberUnusable,
    TooManyCustomers,
    UndoTooLate,
)
from local.customers.models import ConsentEvent, Customer, Enquiry, Visit
from local.customers.selectors import (
    bills_facts,
    consent_of,
    customer_by_phone,
    customer_of,
    may_message,
    may_message_ids,
    segment_members,
    visits_between,
)
from local.customers.services import (
    consent_record,
    consent_withdraw,
    customer_create,
    customer_edit,
    customer_erase,
    customers_merge,
    enquiry_record,
    visit_record,
    visit_undo,
)
from local.customers.tasks import customer_left
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import SubjectRequest

pytestmark = pytest.mark.django_db


def bill(now, phone="99999 00001", **more):
    return visit_record(phone=phone, amount_paise=45_000, now=now, **more)


def subjects():
    with public_context():
        return [(row.kind, row.act) for row in SubjectRequest.objects.order_by("id")]


def test_a_bill_makes_the_customer_once_and_no_consent(shop, now):
    first, second = bill(now, name="Kavita"), bill(now, phone="+91-99999-00001", name="Another")

    assert (first.is_new_customer, second.is_new_customer) == (True, False)
    assert second.customer.pk == first.customer.pk
    assert Customer.objects.get().name == "Kavita"
    assert ConsentEvent.objects.count() == 0
    assert not may_message(first.customer)
    assert segment_members("all_agreed", now) == ()


def test_a_bill_without_a_number_counts_and_names_nobody(shop, now):
    visit_record(amount_paise=10_000, now=now)

    assert Customer.objects.count() == 0
    (fact,) = visits_between(now - timedelta(days=1), now + timedelta(days=1))
    assert (fact.customer_id, fact.amount_paise, fact.has_time) == (None, 10_000, True)
    assert [each.amount_paise for each in bills_facts()] == [10_000]


def test_nobody_can_agree_without_a_number(shop, now, tick):
    with pytest.raises(InvalidVisit) as caught:
        visit_record(amount_paise=10_000, consent=tick(), now=now)
    assert caught.value.field == "phone"
    assert Visit.objects.count() == 0


def test_one_form_sent_twice_is_one_bill(shop, now):
    key = uuid.uuid4()
    first, second = bill(now, form_key=key), bill(now, form_key=key)

    assert (second.visit.pk, second.is_repeat) == (first.visit.pk, True)
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"phone": "1800 266 1234"}, NumberUnusable),
        ({"amount_paise": -1}, InvalidVisit),
        ({"amount_paise": 10**15}, InvalidVisit),
        ({"items": "x" * 301}, InvalidVisit),
        ({"happened_at": "tomorrow"}, InvalidVisit),
        ({"happened_at": "1980"}, InvalidVisit),
    ],
)
def test_a_bad_bill_leaves_nothing(shop, now, given, error):
    moments = {"tomorrow": now + timedelta(days=1), "1980": now - timedelta(days=366 * 46)}
    given = {name: moments.get(value, value) for name, value in given.items()}
    with pytest.raises(error):
        visit_record(**{"phone": "9999900001", "amount_paise": 100, **given}, now=now)
    assert (Customer.objects.count(), Visit.objects.count()) == (0, 0)


def test_a_tick_is_kept_with_its_words(shop, now, tick):
    saved = bill(now, consent=tick())

    event = ConsentEvent.objects.get()
    assert shop.name in event.wording and "STOP" in event.wording
    assert (event.wording_version, event.wording_language) == ("2026-11", "en")
    assert (event.action, event.source, event.purpose) == (
        "granted", "counter", "whatsapp_marketing",
    )  # fmt: skip
    assert may_message(saved.customer)
    assert not may_message(saved.customer, "whatsapp_service")
    assert segment_members("all_agreed", now) == (saved.customer.pk,)


def test_a_no_is_never_turned_by_a_bill(shop, now, tick):
    saved = bill(now, consent=tick())
    consent_withdraw(customer_id=saved.customer.pk, source="whatsapp_reply", now=now)

    later = now + timedelta(minutes=5)
    with pytest.raises(ConsentNeedsAsking):
        bill(later, consent=tick())
    assert Visit.objects.count() == 1
    assert not may_message(saved.customer)
    bill(later, consent=tick(asked_again=True))
    assert may_message(saved.customer)


@pytest.mark.parametrize("is_grant_first", [True, False])
def test_what_was_said_last_counts_whatever_arrived_last(shop, now, tick, is_grant_first):
    customer = customer_create(phone="9999900001", now=now)
    acts = [
        lambda: consent_record(
            customer_id=customer.pk, given=tick(asked_again=True), source="owner", now=now,
            happened_at=now - timedelta(days=5),
        ),
        lambda: consent_withdraw(
            customer_id=customer.pk, source="whatsapp_reply", now=now,
            happened_at=now - timedelta(days=2),
        ),
    ]  # fmt: skip
    for act in acts if is_grant_first else reversed(acts):
        act()

    assert consent_of(customer.pk).state == "withdrawn"
    assert not may_message(customer)
    assert may_message_ids([customer.pk]) == set()


@pytest.mark.parametrize("is_grant_first", [True, False])
def test_of_both_at_one_moment_the_no_counts(shop, now, tick, is_grant_first):
    customer = customer_create(phone="9999900001", now=now)
    acts = [
        lambda: consent_record(
            customer_id=customer.pk, given=tick(asked_again=True), source="owner", now=now
        ),
        lambda: consent_withdraw(customer_id=customer.pk, source="owner", now=now),
    ]
    for act in acts if is_grant_first else reversed(acts):
        act()
    assert consent_of(customer.pk).state == "withdrawn"


def test_a_withdrawal_of_all_covers_every_purpose(shop, now, tick):
    customer = customer_create(phone="9999900001", now=now)
    consent_record(
        customer_id=customer.pk, given=tick(purpose="whatsapp_service"), source="owner", now=now
    )
    assert may_message(customer, "whatsapp_service")
    consent_withdraw(customer_id=customer.pk, purpose=None, source="owner", now=now)
    assert not may_message(customer, "whatsapp_service")
    assert subjects() == [("local.customer", "opted_out")] * 2


def test_bad_consents_are_refused(shop, now, tick):
    customer = customer_create(phone="9999900001", now=now)
    common = {"customer_id": customer.pk, "now": now}
    with pytest.raises(InvalidConsent):
        consent_record(**common, given=tick(purpose="sms"), source="owner")
    with pytest.raises(InvalidConsent):
        consent_record(**common, given=tick(), source="guess")
    with pytest.raises(InvalidConsent):
        consent_record(
            **common, given=tick(), source="owner", happened_at=now + timedelta(seconds=1)
        )
    with pytest.raises(CustomerMissing):
        consent_record(customer_id=uuid.uuid4(), given=tick(), source="owner", now=now)
    assert ConsentEvent.objects.count() == 0


def test_the_database_does_not_rewrite_what_was_said(shop, now, tick):
    bill(now, consent=tick())
    refused = pytest.raises((InternalError, IntegrityError), match="are only added")
    with refused, transaction.atomic():
        ConsentEvent.objects.update(action="withdrawn")
    ConsentEvent.objects.update(proof=None)  # a lost photo changes no word
    assert ConsentEvent.objects.get().action == "granted"


def test_for_a_child_the_parent_agrees_and_no_visit_names_it(shop, now, tick):
    child = customer_create(phone="9999900001", name="Aarav", is_minor=True, now=now)
    with pytest.raises(ConsentOfMinor):
        consent_record(customer_id=child.pk, given=tick(), source="owner", now=now)
    visit_record(customer_id=child.pk, amount_paise=100, now=now)
    (fact,) = visits_between(now - timedelta(days=1), now + timedelta(days=1))
    assert fact.customer_id is None
    edited = {"phone": "9999900001", "name": "Aarav", "language": "", "birthday": None}
    customer_edit(
        customer_id=child.pk, **edited, note="", is_minor=True, guardian_name="Neha", now=now
    )
    consent_record(customer_id=child.pk, given=tick(), source="owner", now=now)
    assert may_message(child)


def test_an_erased_person_leaves_bills_without_a_name(shop, now, tick):
    saved = bill(now, consent=tick(), name="Kavita")
    enquiry_record(customer_id=saved.customer.pk, text="a cake", now=now)

    customer_erase(customer_id=saved.customer.pk, now=now)

    assert [Customer.objects.count(), ConsentEvent.objects.count(), Enquiry.objects.count()] == [
        0, 0, 0,
    ]  # fmt: skip
    assert [(row.customer_id, row.amount_paise) for row in Visit.objects.all()] == [(None, 45_000)]
    assert subjects() == [("local.customer", "erased")]
    with pytest.raises(CustomerMissing):
        customer_erase(customer_id=saved.customer.pk, now=now)


def test_a_restored_backup_brings_neither_a_person_nor_a_consent_back(shop, now, tick):
    gone, silent = bill(now, consent=tick()), bill(now, phone="9999900002", consent=tick())
    customer_left(shop, str(gone.customer.pk), "erased")
    customer_left(shop, f"{silent.customer.pk}:whatsapp_marketing", "opted_out")
    assert list(Customer.objects.values_list("phone", flat=True)) == ["+919999900002"]
    assert not may_message(silent.customer)
    # Again, and for somebody who is not there.
    customer_left(shop, str(gone.customer.pk), "erased")
    customer_left(shop, f"{uuid.uuid4()}:whatsapp_marketing", "opted_out")


def test_what_points_at_a_customer_never_stops_an_erasure():
    stopping = [
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in Customer._meta.related_objects
        if relation.on_delete in (models.PROTECT, models.RESTRICT, models.DO_NOTHING)
    ]
    assert stopping == []


def test_two_rows_of_one_person_are_joined(shop, now, tick):
    kept, other = bill(now, name="Kavita"), bill(now, phone="9999900002", name="Kavita")
    consent_record(customer_id=other.customer.pk, given=tick(), source="owner", now=now)

    joined = customers_merge(kept_id=kept.customer.pk, other_id=other.customer.pk, now=now)

    assert (joined.phone, Visit.objects.filter(customer=joined).count()) == ("+919999900001", 2)
    assert not may_message(joined)  # that yes was for the other number
    assert customer_of(other.customer.pk).pk == joined.pk
    assert customer_by_phone("9999900002") is None
    with pytest.raises(CannotMerge):
        customers_merge(kept_id=joined.pk, other_id=other.customer.pk, now=now)
    customer_erase(customer_id=joined.pk, now=now)
    assert (Customer.objects.count(), len(subjects())) == (0, 2)


def test_a_no_of_either_holds_for_both(shop, now, tick):
    kept, other = bill(now, consent=tick()), bill(now, phone="9999900002")
    consent_withdraw(customer_id=other.customer.pk, source="owner", now=now)
    customers_merge(kept_id=kept.customer.pk, other_id=other.customer.pk, now=now)
    assert not may_message(kept.customer)


def test_a_yes_moves_with_its_number(shop, now, tick):
    nameless = Customer.objects.create(name="Kavita", created_at=now)
    other = bill(now, consent=tick())
    customers_merge(kept_id=nameless.pk, other_id=other.customer.pk, now=now)
    assert may_message(nameless)
    assert not may_message(other.customer.pk)


def test_a_bill_is_taken_back_with_what_came_with_it(shop, now, tick):
    saved = bill(now, consent=tick())
    visit_undo(visit_id=saved.visit.pk, now=now)
    assert (Customer.objects.count(), Visit.objects.count()) == (0, 0)

    known = customer_create(phone="9999900001", now=now - timedelta(days=1))
    again = bill(now, consent=tick())
    visit_undo(visit_id=again.visit.pk, now=now + timedelta(minutes=1))
    assert Customer.objects.filter(pk=known.pk).exists()
    assert consent_of(known.pk).state == "withdrawn"


def test_an_old_bill_stays(shop, now):
    saved = bill(now - timedelta(hours=25))
    with pytest.raises(UndoTooLate):
        visit_undo(visit_id=saved.visit.pk, now=now)
    assert Visit.objects.count() == 1


def test_the_plan_s_limit_is_said(shop, now, monkeypatch):
    from marketing_platform.tiers import quotas
    from marketing_platform.tiers.contracts import Entitlements

    monkeypatch.setattr(
        quotas, "entitlements_of", lambda _tenant: Entitlements("full", {"contacts": 1})
    )
    bill(now)
    bill(now)  # the same number needs no room
    with pytest.raises(TooManyCustomers) as caught:
        bill(now, phone="9999900002")
    assert caught.value.english.startswith("Your plan holds 1 customers; your list has 1 and 1 w")
    assert (Customer.objects.count(), Visit.objects.count()) == (1, 2)


def test_a_number_belongs_to_one_customer(shop, now):
    one = customer_create(phone="9999900001", name="=cmd", now=now)
    two = customer_create(phone="9999900002", now=now)
    with pytest.raises(NumberTaken):
        customer_create(phone="099999 00001", now=now)
    plain = {"language": "", "birthday": None, "note": "", "is_minor": False, "guardian_name": ""}
    with pytest.raises(NumberTaken):
        customer_edit(customer_id=two.pk, phone="9999900001", name="", **plain, now=now)
    customer_edit(customer_id=one.pk, phone="9999900001", name="Kavita", **plain, now=now)
    assert Customer.objects.get(pk=one.pk).name == "Kavita"
