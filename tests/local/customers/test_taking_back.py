"""What a file, a number or a tap brought, and what stays of it when it is taken back."""

from datetime import timedelta

import pytest

from local.customers.errors import UndoneLater
from local.customers.models import ConsentEvent, Customer, ImportBatch, Visit
from local.customers.selectors import agreed_ids, may_message
from local.customers.selectors.consent import consent_of
from local.customers.services import (
    consent_record,
    consent_withdraw,
    customer_create,
    customer_edit,
    customers_merge,
    draft_create,
    import_run,
    import_start,
    import_undo,
    visit_record,
    visit_undo,
)

pytestmark = pytest.mark.django_db
HEAD = "Mobile,Name,Amount,Date,Consent,Consent date\n"
SAID = {"takes_consent": True, "how": "signed slips", "is_true": True}


def nothing(*_given, **_more):
    return None


def started(text, now, **said):
    name = f"{len(text)}.csv"
    draft = draft_create(content=text.encode(), file_name=name, actor_id=None, now=now)
    return import_start(draft=draft, actor_id=None, now=now, **({"takes_consent": False} | said))


def bring(text, now, **said):
    batch = started(text, now, **said)
    return import_run(batch_id=batch.pk, progress=nothing, now=now)


def edited(customer, now, **changes):
    given = {
        "phone": customer.phone, "name": customer.name, "language": "", "birthday": None,
        "note": "", "is_minor": False, "guardian_name": "",
    }  # fmt: skip
    return customer_edit(customer_id=customer.pk, now=now, **(given | changes))


def test_a_yes_of_a_file_taken_back_is_no_no_and_may_be_brought_again(shop, now):
    text = HEAD + "9999900001,A,100,05/11/2026,yes,04/11/2026\n"
    batch = bring(text, now, **SAID)
    visit_record(phone="9999900001", amount_paise=500, now=now)
    customer = Customer.objects.get()
    assert may_message(customer)

    import_undo(batch_id=batch.pk, now=now)
    assert (consent_of(customer.pk).state, may_message(customer)) == ("", False)
    bring(text, now, **SAID)
    assert may_message(customer)


def test_an_earlier_yes_outlives_a_file_taken_back(shop, now, tick):
    customer = customer_create(phone="9999900001", now=now)
    before = now - timedelta(days=60)
    consent_record(
        customer_id=customer.pk, given=tick(), source="counter", now=now, happened_at=before
    )
    batch = bring(HEAD + "9999900001,A,,,yes,04/11/2026\n", now, **SAID)
    import_undo(batch_id=batch.pk, now=now)
    assert consent_of(customer.pk).at == before


def test_a_bill_taken_back_leaves_an_earlier_yes(shop, now, tick):
    customer = customer_create(phone="9999900001", now=now)
    consent_record(
        customer_id=customer.pk, given=tick(), source="counter", now=now - timedelta(days=1)
    )
    saved = visit_record(phone="9999900001", amount_paise=100, consent=tick(), now=now)
    visit_undo(visit_id=saved.visit.pk, now=now)
    assert may_message(customer)


def test_what_a_later_file_left_out_is_not_lost_with_the_first(shop, now):
    first = bring(HEAD + "9999900001,A,100,05/11/2026,,\n", now)
    second = bring(
        HEAD + "9999900001,A,100,05/11/2026,,\n9999900002,B,70,06/11/2026,,\n",
        now + timedelta(hours=1),
    )
    with pytest.raises(UndoneLater) as caught:
        import_undo(batch_id=first.pk, now=now)
    assert caught.value.params == {"file": second.file_name}
    assert sorted(Visit.objects.values_list("amount_paise", flat=True)) == [7_000, 10_000]

    import_undo(batch_id=second.pk, now=now)
    import_undo(batch_id=first.pk, now=now)
    assert (Visit.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_contact_in_two_files_is_not_lost_with_the_first(shop, now):
    first = bring("Mobile\n9999900001\n", now)
    bring("Mobile,Name\n9999900001,Kavita\n", now + timedelta(hours=1))
    with pytest.raises(UndoneLater):
        import_undo(batch_id=first.pk, now=now)
    assert Customer.objects.get().name == "Kavita"


def test_a_later_file_with_bills_of_its_own_holds_nothing_up(shop, now):
    first = bring(HEAD + "9999900001,A,100,05/11/2026,,\n", now)
    bring(HEAD + "9999900001,A,70,06/11/2026,,\n", now + timedelta(hours=1))
    import_undo(batch_id=first.pk, now=now)
    assert Visit.objects.get().amount_paise == 7_000
    assert Customer.objects.get().phone == "+919999900001"


@pytest.mark.parametrize("said", ["no", "STOP", "said no", "नहीं"])
def test_a_no_in_a_file_ends_what_was_agreed(shop, now, tick, said):
    agreed = customer_create(phone="9999900001", now=now)
    consent_record(customer_id=agreed.pk, given=tick(), source="counter", now=now)
    later = now + timedelta(minutes=1)
    batch = bring(f"Mobile,Consent\n9999900001,{said}\n9999900002,{said}\n", later)
    assert batch.counts["withdrawn"] == 1
    assert not may_message(agreed)
    asked_never = Customer.objects.get(phone="+919999900002")
    assert consent_of(asked_never.pk).state == ""
    import_undo(batch_id=batch.pk, now=later)
    assert not may_message(agreed)


@pytest.mark.parametrize("lines", [("yes", "no"), ("no", "yes")])
def test_of_a_yes_and_a_no_in_one_file_the_no_counts(shop, now, lines):
    text = "Mobile,Consent,Consent date\n" + "".join(
        f"9999900001,{word},04/11/2026\n" for word in lines
    )
    assert bring(text, now, **SAID).counts["consents"] == 0
    assert agreed_ids() == set()


def test_a_changed_number_has_agreed_to_nothing(shop, now, tick):
    saved = visit_record(phone="9999900001", amount_paise=100, consent=tick(), now=now)
    later = now + timedelta(days=1)
    customer = edited(saved.customer, later, name="Kavita")
    assert may_message(customer)  # another name changes nothing
    customer = edited(customer, later, phone="9999900002")
    assert (consent_of(customer.pk).state, may_message(customer)) == ("", False)
    assert ConsentEvent.objects.count() == 1

    consent_record(customer_id=customer.pk, given=tick(), source="counter", now=later)
    assert may_message(customer)
    consent_withdraw(customer_id=customer.pk, source="owner", now=later)
    customer = edited(customer, later + timedelta(days=1), phone="9999900003")
    assert consent_of(customer.pk).state == "withdrawn"  # the person said it


def test_a_list_s_older_yes_is_not_for_the_new_number(shop, now):
    customer = customer_create(phone="9999900001", now=now)
    edited(customer, now, phone="9999900002")
    batch = bring("Mobile,Consent,Consent date\n9999900002,yes,04/11/2026\n", now, **SAID)
    assert (batch.counts["consent_for_old_number"], agreed_ids()) == (1, set())


def test_a_joined_number_keeps_since_when_it_is_theirs(shop, now, tick):
    nameless = customer_create(phone="", bsuid="IN.1", now=now)
    saved = visit_record(phone="9999900001", amount_paise=100, consent=tick(), now=now)
    later = now + timedelta(days=1)
    other = edited(saved.customer, later, phone="9999900002")
    kept = customers_merge(kept_id=nameless.pk, other_id=other.pk, now=later)
    assert (kept.phone, kept.number_since_at, may_message(kept)) == ("+919999900002", later, False)


def test_a_run_that_was_overtaken_writes_nothing(shop, now):
    batch = started(HEAD + "9999900001,A,100,05/11/2026,,\n", now)

    def overtaken(done, *_given, **_more):
        if done == 0.3 and ImportBatch.objects.get().state == "running":
            import_run(batch_id=batch.pk, progress=nothing, now=now)

    import_run(batch_id=batch.pk, progress=overtaken, now=now)
    kept = ImportBatch.objects.get()
    assert (kept.counts["made"], kept.counts["visits"]) == (1, 1)
    assert Visit.objects.count() == 1
