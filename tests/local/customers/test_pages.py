"""The pages: the list, the counter, a person, files."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from local.customers.models import ConsentEvent, Customer, Enquiry, ImportBatch, Visit
from local.customers.services import customer_create, visit_record
from marketing_platform.core import clock
from marketing_platform.jobs.running import job_run
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(local_tenant, asha, workspace_client):
    handlers_load()
    return workspace_client(local_tenant, asha)


@pytest.fixture
def staff(local_tenant, meera, workspace_client):
    membership_add(tenant=local_tenant, user=meera, role=Role.STAFF, now=clock.now())
    return workspace_client(local_tenant, meera)


@pytest.fixture
def kavita(local_tenant):
    with tenant_context(local_tenant):
        return visit_record(
            phone="9999900001", name="Kavita", amount_paise=45_000, now=clock.now()
        ).customer


def text(answer):
    return answer.content.decode()


def ticked(page):
    return re.findall(r'<input[^>]*type="checkbox"[^>]*\schecked', page)


def inside(tenant, ask):
    with tenant_context(tenant):
        return ask()


def test_an_empty_shop_is_led_to_the_counter(client):
    page = text(client.get("/customers/"))
    assert "Nobody here yet" in page and "/customers/counter/" in page


def test_the_list_is_searched_by_name_and_number(client, kavita):
    assert "Kavita" in text(client.get("/customers/?q=kav"))
    assert "Kavita" in text(client.get("/customers/?q=99999 000"))
    assert "Kavita" in text(client.get("/customers/?q=+91 99999 00001"))
    assert "Nobody found" in text(client.get("/customers/?q=zzz"))
    assert "Kavita" in text(client.get("/customers/?segment=new"))
    assert "Kavita" not in text(client.get("/customers/?segment=lost"))


@pytest.mark.parametrize("query", ["page=99999999999", "page=-1", "segment=x", "q=%25&page=x"])
def test_odd_questions_are_no_errors(client, kavita, query):
    assert client.get(f"/customers/?{query}").status_code == 200


def test_staff_see_masked_numbers_and_cannot_guess_them(staff, kavita):
    page = text(staff.get("/customers/"))
    assert "+91 •••••• 0001" in page and "99999 00001" not in page
    assert "Kavita" not in text(staff.get("/customers/?q=99999"))
    assert "Kavita" in text(staff.get("/customers/?q=0001"))
    person = text(staff.get(f"/customers/{kavita.pk}/"))
    assert "99999 00001" not in person and "9999900001" not in person
    assert staff.get("/customers/export/").status_code == 403
    assert staff.get("/customers/import/").status_code == 403
    assert staff.post(f"/customers/{kavita.pk}/erase/", {"word": "ERASE"}).status_code == 403


def test_staff_s_change_keeps_the_number(staff, kavita, local_tenant):
    staff.post(f"/customers/{kavita.pk}/edit/", {"name": "Kavita Rao", "phone": "9999900009"})
    found = inside(local_tenant, Customer.objects.get)
    assert (found.name, found.phone) == ("Kavita Rao", "+919999900001")


def counter(client, **given):
    given = {"amount": "450", "form_key": str(uuid.uuid4()), **given}
    return client.post("/customers/counter/", given)


def test_a_bill_at_the_counter_and_the_next(client, local_tenant):
    page = text(client.get("/customers/counter/"))
    assert 'inputmode="tel"' in page and not ticked(page)
    assert counter(client, phone="99999 00001", amount="1,04,500.50").status_code == 302
    page = text(client.get("/customers/counter/"))
    assert "₹1,04,500.50" in page and "99999 00001" in page
    visit = inside(local_tenant, Visit.objects.get)
    assert inside(local_tenant, ConsentEvent.objects.count) == 0
    assert client.post("/customers/counter/undo/", {"visit": visit.pk}).status_code == 302
    assert inside(local_tenant, Visit.objects.count) == 0
    answer = client.post("/customers/counter/undo/", {"visit": visit.pk})
    assert answer["Location"] == "/customers/counter/"  # a second tap


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": ""}, "Amount: write what the bill came to."),
        ({"amount": "-5"}, "Amount: it is less than nothing."),
        ({"amount": "x" * 30}, "Amount: write it in numbers"),
        ({"phone": "020 2612 3456"}, "this is a landline"),
        ({"phone": "9999900001, 9999900002"}, "two numbers stand in one place"),
        ({"consent": "on"}, "nobody can agree without one"),
        ({"phone": "9999900001\x00"}, "Null characters are not allowed."),
    ],
)
def test_a_bad_bill_keeps_what_was_typed_and_says_why(client, local_tenant, given, sentence):
    answer = counter(client, **{"phone": "", "items": "kaju katli", **given})
    assert answer.status_code == 422
    assert sentence in text(answer) and "kaju katli" in text(answer)
    assert inside(local_tenant, Visit.objects.count) == 0


def test_the_lookup_shows_who_it_is_and_never_ticks(client, kavita):
    found = text(client.post("/customers/counter/lookup/", {"phone": "+91 9999900001"}))
    assert "Kavita" in found and "last here" in found and not ticked(found)
    assert "Kavita" not in text(client.post("/customers/counter/lookup/", {"phone": "99999"}))


def test_consent_at_the_counter_and_asking_again(client, local_tenant):
    counter(client, phone="9999900001", consent="on")
    person = inside(local_tenant, Customer.objects.get)
    assert "Agreed to offers" in text(client.get(f"/customers/{person.pk}/"))
    client.post(f"/customers/{person.pk}/withdraw/")
    found = text(client.post("/customers/counter/lookup/", {"phone": "9999900001"}))
    assert "Said no more messages" in found and 'name="asked_again"' in found
    answer = counter(client, phone="9999900001", consent="on")
    assert answer.status_code == 422 and "asked for messages again" in text(answer)
    assert counter(client, phone="9999900001", consent="on", asked_again="on").status_code == 302
    assert inside(local_tenant, ConsentEvent.objects.count) == 4


def test_a_no_is_heard_while_the_workspace_may_only_read(
    client, kavita, local_tenant, settings, monkeypatch
):
    from marketing_platform.tiers.contracts import Entitlements
    from marketing_platform.users import middleware

    monkeypatch.setattr(middleware, "entitlements_of", lambda _tenant: Entitlements("read_only"))
    assert counter(client, phone="9999900001").status_code == 403
    assert client.post(f"/customers/{kavita.pk}/withdraw/").status_code == 302
    assert inside(local_tenant, ConsentEvent.objects.count) == 2


def test_a_person_is_changed_asked_and_erased(client, kavita, local_tenant):
    url = f"/customers/{kavita.pk}/"
    given = {"phone": "99999 00001", "name": "Kavita Rao", "birthday": "14/02", "language": "hi"}
    assert client.post(f"{url}edit/", given).status_code == 302
    bad = client.post(f"{url}edit/", {**given, "birthday": "31/02"})
    assert bad.status_code == 422 and "Birthday: write day and month" in text(bad)
    client.post(f"{url}enquiry/", {"text": "a cake for Sunday"})
    enquiry = inside(local_tenant, Enquiry.objects.get)
    client.post(f"{url}enquiry/{enquiry.pk}/answered/")
    page = text(client.get(url))
    assert "a cake for Sunday" in page and "answered" in page and "14/02" in page
    assert "STOP लिखकर" in page  # the wording in their language
    client.post(f"{url}erase/", {"word": "no"})
    assert inside(local_tenant, Customer.objects.count) == 1
    client.post(f"{url}erase/", {"word": "erase"})
    assert inside(local_tenant, Customer.objects.count) == 0
    assert client.get(url).status_code == 404


def test_a_slip_is_kept_as_proof(client, kavita, local_tenant):
    import io

    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(made, "JPEG")
    slip = SimpleUploadedFile("slip.jpg", made.getvalue(), content_type="image/jpeg")
    url = f"/customers/{kavita.pk}/"
    assert client.post(f"{url}consent/", {"proof": slip}).status_code == 422  # no tick
    slip.seek(0)
    assert client.post(f"{url}consent/", {"consent": "on", "proof": slip}).status_code == 302
    assert "/media/signed/" in text(client.get(url))
    broken = SimpleUploadedFile("slip.jpg", b"no picture")
    with tenant_context(local_tenant):
        other = customer_create(phone="9999900002", now=clock.now())
    given = {"consent": "on", "proof": broken}
    assert client.post(f"/customers/{other.pk}/consent/", given).status_code == 422


def test_joined_rows_lead_to_the_one_that_stayed(client, kavita, local_tenant):
    with tenant_context(local_tenant):
        other = customer_create(phone="9999900002", name="kavita", now=clock.now())
    assert "Is it the same person?" in text(client.get(f"/customers/{kavita.pk}/"))
    client.post(f"/customers/{kavita.pk}/join/", {"other": str(other.pk)})
    assert client.get(f"/customers/{other.pk}/")["Location"] == f"/customers/{kavita.pk}/"
    assert client.post(f"/customers/{kavita.pk}/join/", {"other": "x"}).status_code == 404


def test_a_file_from_upload_to_undo(client, local_tenant):
    content = b"Mobile,Name,Consent\n9999900001,Kavita,yes\n020 2612 3456,Land,yes\n"
    answer = client.post("/customers/import/", {"file": SimpleUploadedFile("c.csv", content)})
    url = answer["Location"]
    page = text(client.get(url))
    assert "1 new customer" in page and "this is a landline" in page and not ticked(page)
    assert client.post(f"{url}confirm/", {"takes_consent": "on"}).status_code == 422
    columns = {"column_0": "phone", "column_1": "name", "column_2": "ignore"}
    assert client.post(f"{url}columns/", columns).status_code == 302
    assert "No column says that people agreed" in text(client.get(url))
    started = client.post(f"{url}confirm/")
    batch = inside(local_tenant, ImportBatch.objects.get)
    assert started["Location"] == url
    assert f'hx-get="/jobs/{batch.job_id}/status/"' in text(client.get(url))
    inside(local_tenant, lambda: job_run(batch.job_id))
    assert "Rows left out" in text(client.get(url))
    assert "this is a landline" in text(client.get(f"{url}refused.csv"))
    again = client.post("/customers/import/", {"file": SimpleUploadedFile("c.csv", content)})
    assert again.status_code == 422 and url in text(again)
    assert client.post(f"{url}undo/").status_code == 302
    assert "Taken back on" in text(client.get(url))
    assert inside(local_tenant, Customer.objects.count) == 0


def test_a_cancelled_import_waits_for_a_yes_again(client, local_tenant):
    file = SimpleUploadedFile("c.csv", b"Mobile\n9999900001\n")
    url = client.post("/customers/import/", {"file": file})["Location"]
    client.post(f"{url}confirm/")
    batch = inside(local_tenant, ImportBatch.objects.get)
    client.post(f"/jobs/{batch.job_id}/cancel/")
    assert "Bring it in" in text(client.get(url))
    client.post(f"{url}discard/")
    assert client.get(url).status_code == 404


def test_the_list_and_its_segments_ask_as_much_for_many_as_for_few(client, local_tenant, kavita):
    def count():
        with CaptureQueriesContext(connection) as found:
            assert client.get("/customers/").status_code == 200
        return len(found)

    client.get("/customers/")
    few = count()
    now = clock.now()
    with tenant_context(local_tenant):
        for number in range(40):
            visit_record(
                phone=f"99999001{number:02d}", amount_paise=100 * number, now=now,
                happened_at=now - timedelta(days=number),
            )  # fmt: skip
    assert count() == few


def test_an_export_is_a_file(client, kavita):
    csv = client.get("/customers/export/?format=csv")
    assert "99999 00001" in csv.content.decode("utf-8-sig")
    assert client.get("/customers/export/?format=xlsx").content.startswith(b"PK")


def test_a_form_that_came_back_with_another_bill_is_asked_about(client, local_tenant):
    key = str(uuid.uuid4())
    given = {"phone": "9999900001", "amount": "450", "form_key": key}
    counter(client, **given)
    assert counter(client, **given).status_code == 302  # a second tap
    answer = counter(client, **given | {"amount": "70"})
    assert answer.status_code == 422 and "saved before, with ₹450" in text(answer)
    fresh = re.search(r'name="form_key" value="([^"]+)"', text(answer))[1]
    assert fresh != key and 'value="70"' in text(answer)
    assert counter(client, **given | {"amount": "70", "form_key": fresh}).status_code == 302
    amounts = inside(local_tenant, lambda: list(Visit.objects.values_list("amount_paise")))
    assert sorted(amounts) == [(7_000,), (45_000,)]


def test_a_second_tap_on_bring_it_in_shows_the_import(client, local_tenant):
    content = b"Mobile\n9999900001\n"
    url = client.post("/customers/import/", {"file": SimpleUploadedFile("c.csv", content)})[
        "Location"
    ]
    for _tap in (1, 2):
        assert client.post(f"{url}confirm/")["Location"] == url
    assert inside(local_tenant, ImportBatch.objects.count) == 1


def test_a_file_that_a_later_one_leans_on_is_not_taken_back(client, local_tenant):
    urls = []
    for content in (b"Mobile\n9999900001\n", b"Mobile,Name\n9999900001,Kavita\n"):
        upload = {"file": SimpleUploadedFile(f"{len(content)}.csv", content)}
        urls.append(client.post("/customers/import/", upload)["Location"])
        client.post(f"{urls[-1]}confirm/")
        inside(local_tenant, lambda: job_run(ImportBatch.objects.first().job_id))
    page = text(client.post(f"{urls[0]}undo/", follow=True))
    assert "A later file, 30.csv, has rows of this one too" in page


def test_joining_says_what_is_lost_before_it_is_done(client, kavita, local_tenant):
    with tenant_context(local_tenant):
        customer_create(phone="9999900002", name="kavita", now=clock.now())
    page = text(client.get(f"/customers/{kavita.pk}/"))
    assert "The other number and what was agreed for it go for good." in page
