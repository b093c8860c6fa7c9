"""Files of customers: read, looked at, brought in, taken back."""

import io
import time
import zipfile
from datetime import timedelta

import pytest
from openpyxl import Workbook

from local.customers.errors import (
    ColumnsMissing,
    DeclarationMissing,
    FileImportedBefore,
    ImportChanged,
    NothingToImport,
    TooManyCustomers,
)
from local.customers.models import ConsentEvent, Customer, ImportBatch, Visit
from local.customers.selectors import may_message, visits_between
from local.customers.selectors.consent import consent_of
from local.customers.services import (
    consent_withdraw,
    customer_create,
    customers_export,
    draft_create,
    draft_map,
    draft_preview,
    import_run,
    import_start,
    import_undo,
    refused_csv,
    visit_record,
)
from marketing_platform.core import clock
from marketing_platform.core.tables import TableUnreadable, csv_write, table_read
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.running import job_run
from marketing_platform.tiers import quotas
from marketing_platform.tiers.contracts import Entitlements

pytestmark = pytest.mark.django_db
HEAD = "Mobile No.,Customer Name,Bill Amount,Bill Date,Consent,Consent Date\n"
SAID = {"takes_consent": True, "how": "signed slips", "is_true": True}


def nothing(*_given, **_more):
    return None


def draft(text, now, name="list.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return draft_create(content=content, file_name=name, actor_id=None, now=now)


def bring(text, now, **said):
    said = {"takes_consent": False, **said}
    batch = import_start(draft=draft(text, now), actor_id=None, now=now, **said)
    return import_run(batch_id=batch.pk, progress=nothing, now=now)


def reasons(batch):
    return [(row["line"], row["reason"] % row["params"]) for row in batch.refused]


def sheet(rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_list_becomes_customers_and_bills(shop, now):
    batch = bring(
        HEAD
        + '99999 00001,Kavita,"₹1,04,500.50",05/11/2026,,\n'
        + "9999900001,Someone,250,06/11/2026 18:45,,\n"
        + "9999900002,राहुल,१००,07/11/2026,,\n"
        + ",,80,07/11/2026,,\n",
        now,
    )

    assert (batch.state, batch.content, batch.refused) == ("imported", None, [])
    assert batch.counts == {
        "made": 2, "visits": 4, "consents": 0, "refused": 0, "rows": 4, "without_number": 1,
    }  # fmt: skip
    names = dict(Customer.objects.values_list("phone", "name"))
    assert names == {"+919999900001": "Kavita", "+919999900002": "राहुल"}
    facts = visits_between(now - timedelta(days=365), now)
    assert [(each.amount_paise, each.has_time) for each in facts] == [
        (10_450_050, False), (25_000, True), (10_000, False), (8_000, False),
    ]  # fmt: skip


def test_every_bad_row_says_its_line_and_reason(shop, now):
    batch = bring(
        HEAD
        + "9999900001,One,100,05/11/2026,,\n"
        + "9999900002 / 9999900003,Two,100,05/11/2026,,\n"
        + "1800 266 1234,Free,100,05/11/2026,,\n"
        + "020 2612 3456,Land,100,05/11/2026,,\n"
        + "9999900004,Back,-100,05/11/2026,,\n"
        + "9999900005,Future,100,05/11/2036,,\n"
        + "9999900006,No day,100,,,\n"
        + ",Nobody,,,,\n"
        + "9999900007,Words,many,05/11/2026,,\n",
        now,
    )

    assert reasons(batch) == [
        (3, "Number: two numbers stand in one place. Keep one of them."),
        (4, "Number: this is a toll-free or service number, not a person's mobile."),
        (5, "Number: this is a landline. WhatsApp needs a mobile number."),
        (6, "Amount: it is less than nothing. Leave returned goods out."),
        (7, "Date: this day has not come yet. Dates are read as day/month/year."),
        (8, "Date: a bill needs its day."),
        (9, "This row has neither a mobile number nor an amount with a date."),
        (10, "Amount: write it in numbers, for example 450 or 1,250.50."),
    ]
    assert (Customer.objects.count(), Visit.objects.count()) == (1, 1)
    text = refused_csv(batch=batch, say=str, head=["Line", "Column", "Written", "Reason"]).decode()
    assert "3,Mobile No.,9999900002 / 9999900003,Number: two numbers" in text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_and_hindi_headers(shop, now, encoding):
    bring("मोबाइल नंबर;नाम;रकम;तारीख\n९९९९९००००१;कविता;४५०;०५/११/२०२६\n".encode(encoding), now)
    assert Customer.objects.get().name == "कविता"
    assert Visit.objects.get().amount_paise == 45_000


def test_a_list_without_headers_is_recognised_by_its_numbers(shop, now):
    bring("9999900001\tKavita\n9999900002\tRahul\n", now)
    assert Customer.objects.count() == 2


def test_a_spreadsheet_is_read_with_its_numbers_and_days(shop, now):
    rows = [
        ["Phone", "Name", "Amount", "Date"],
        [9999900001, "Kavita", 450.5, now.replace(tzinfo=None)],
        ["=1+1", "Formula", 1, None],
    ]
    batch = bring(sheet(rows), now)
    assert Visit.objects.get().amount_paise == 45_050
    assert [line for line, _why in reasons(batch)] == [3]


def test_files_that_are_no_list_are_refused_with_a_way_out(shop, now):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 130_000_000)
    broken = sheet([["Phone"], ["9999900001"]])[:-200]
    for content in (b"", b"  \n", b"%PDF-1.4", b"\x89PNG", b"\xd0\xcf\x11\xe0", bomb.getvalue(),
                    broken, b"\xff\xfe\x00"):  # fmt: skip
        with pytest.raises(TableUnreadable):
            draft(content, now)
    with pytest.raises(TableUnreadable) as caught:
        draft("Phone\n" + "9999900001\n" * 10_001, now)
    assert caught.value.english == "This file has more than 10000 rows. Split it in two."
    assert ImportBatch.objects.count() == 0


def test_wrong_columns_are_asked_for_and_chosen(shop, now):
    made = draft("Colour,Size\nred,12345x\nblue,2\n", now)
    assert draft_preview(draft=made, today=clock.today(now)).missing.code == "columns_missing"
    with pytest.raises(ColumnsMissing):
        import_start(draft=made, takes_consent=False, actor_id=None, now=now)
    from local.customers.engine.columns import Role

    with pytest.raises(ColumnsMissing):
        draft_map(draft=made, roles=[Role.PHONE, Role.PHONE])
    draft_map(draft=made, roles=[Role.NAME, Role.PHONE])
    with pytest.raises(NothingToImport):
        import_start(draft=made, takes_consent=False, actor_id=None, now=now)
    assert made.state == "draft"


def test_the_same_file_twice_is_noticed(shop, now):
    first = bring("Phone\n9999900001\n", now)
    with pytest.raises(FileImportedBefore) as caught:
        draft("Phone\n9999900001\n", now)
    assert caught.value.batch_id == first.pk


def test_two_drafts_of_one_file_are_imported_once(shop, now):
    one, two = draft("Phone\n9999900001\n", now), draft("Phone\n9999900001\n", now)
    import_start(draft=one, takes_consent=False, actor_id=None, now=now)
    with pytest.raises(FileImportedBefore):
        import_start(draft=two, takes_consent=False, actor_id=None, now=now)
    assert Job.objects.count() == 1


def test_overlapping_lists_bring_each_bill_once(shop, now):
    rows = "9999900001,A,100,05/11/2026,,\n9999900001,A,100,05/11/2026,,\n"
    bring(HEAD + rows, now)
    assert Visit.objects.count() == 2  # twice in one file is two bills
    batch = bring(HEAD + rows + "9999900001,A,100,06/11/2026,,\n", now)
    assert (batch.counts["there_already"], batch.counts["visits"]) == (2, 1)


# --- consent


def test_a_yes_needs_the_owner_s_word(shop, now):
    text = HEAD + "9999900001,A,,,yes,01/10/2026\n9999900002,B,,,no,\n9999900003,C,,,,\n"
    made = draft(text, now)
    for said in ({"how": "slips"}, {"is_true": True}):
        with pytest.raises(DeclarationMissing):
            import_start(draft=made, takes_consent=True, actor_id=None, now=now, **said)
    assert ConsentEvent.objects.count() == 0
    batch = import_start(draft=made, actor_id=None, now=now, **SAID)
    import_run(batch_id=batch.pk, progress=nothing, now=now)
    event = ConsentEvent.objects.get()
    assert (event.customer.phone, event.source, event.note) == (
        "+919999900001", "import", "signed slips",
    )  # fmt: skip
    assert (event.wording_version, clock.today(event.happened_at).isoformat()) == (
        "2026-11-declared", "2026-10-01",
    )  # fmt: skip
    assert event.wording.startswith("Each of these people told Asha Sweets")


def test_without_a_tick_nobody_has_agreed(shop, now):
    bring(HEAD + "9999900001,A,,,yes,01/10/2026\n", now)
    assert ConsentEvent.objects.count() == 0


def test_an_undated_yes_needs_a_day_before_which_it_was_said(shop, now):
    made = draft("Phone,Consent\n9999900001,yes\n", now)
    with pytest.raises(DeclarationMissing) as caught:
        import_start(draft=made, actor_id=None, now=now, **SAID)
    assert caught.value.field == "collected_on"
    late = clock.today(now) + timedelta(days=1)
    with pytest.raises(DeclarationMissing):
        import_start(draft=made, actor_id=None, now=now, collected_on=late, **SAID)


def test_a_list_never_turns_a_no(shop, now):
    """However late its dates are: after a no only the person's own words count."""
    customer = customer_create(phone="9999900001", now=now - timedelta(days=90))
    consent_withdraw(customer_id=customer.pk, source="owner", now=now - timedelta(days=60))
    today = clock.today(now).strftime("%d/%m/%Y")
    batch = bring(HEAD + f"9999900001,A,,,yes,{today}\n", now, **SAID)
    assert (batch.counts["consents"], batch.counts["consent_not_taken"]) == (0, 1)
    assert not may_message(customer)


# --- limits, undoing, writing


def limited(monkeypatch, contacts):
    answer = Entitlements("full", {"contacts": contacts})
    monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: answer)


def test_a_file_that_the_plan_does_not_hold_changes_nothing(shop, now, monkeypatch):
    customer_create(phone="9999900001", now=now)
    made = draft("Phone\n9999900001\n9999900002\n9999900003\n9999900002\n", now)
    limited(monkeypatch, 2)
    assert draft_preview(draft=made, today=clock.today(now)).too_many == 1
    with pytest.raises(TooManyCustomers) as refused:
        import_start(draft=made, takes_consent=False, actor_id=None, now=now)
    assert refused.value.params == {"limit": "2", "used": "1", "more": "2"}
    assert ImportBatch.objects.get().state == "draft"
    limited(monkeypatch, 3)
    batch = import_start(draft=made, takes_consent=False, actor_id=None, now=now)
    # The list fills up after the yes and before the job.
    limited(monkeypatch, 2)
    with pytest.raises(TooManyCustomers):
        import_run(batch_id=batch.pk, progress=nothing, now=now)
    assert Customer.objects.count() == 1
    limited(monkeypatch, 3)
    import_run(batch_id=batch.pk, progress=nothing, now=now)
    assert Customer.objects.count() == 3


def test_undo_takes_out_what_was_not_used_since(shop, now):
    text = HEAD + "9999900001,A,100,05/11/2026,yes,\n9999900002,B,100,05/11/2026,yes,\n"
    batch = bring(text, now, collected_on=clock.today(now) - timedelta(days=1), **SAID)
    later = now + timedelta(minutes=1)
    visit_record(phone="9999900002", amount_paise=500, now=later)

    undone = import_undo(batch_id=batch.pk, now=later + timedelta(minutes=1))

    kept = Customer.objects.get()
    assert (kept.phone, consent_of(kept.pk).state) == ("+919999900002", "")
    assert [visit.amount_paise for visit in Visit.objects.all()] == [500]
    assert undone.counts["undone_customers"] == undone.counts["kept_customers"] == 1
    with pytest.raises(ImportChanged):
        import_undo(batch_id=batch.pk, now=now)
    assert draft(text, now).state == "draft"  # what was taken back may be brought in again


def test_a_run_that_is_stopped_changes_nothing(shop, now):
    made = draft("Phone\n9999900001\n", now)
    batch = import_start(draft=made, takes_consent=False, actor_id=None, now=now)

    def stop(done, *_given, **_more):
        if done > 0.5:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        import_run(batch_id=batch.pk, progress=stop, now=now)
    assert Customer.objects.count() == 0
    assert ImportBatch.objects.get().state == "running"
    job_run(batch.job_id)  # the worker comes again
    assert (Customer.objects.count(), ImportBatch.objects.get().state) == (1, "imported")
    job = Job.objects.get()
    assert (job.state, job.result["url"]) == ("done", f"/customers/import/{batch.pk}/")
    import_run(batch_id=batch.pk, progress=nothing, now=now)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", 'Kavita, "K"'])
def test_no_cell_of_an_export_is_a_formula_and_it_comes_back(shop, asha, now, name, file_format):
    customer_create(phone="9999900001", name=name, now=now)
    content = customers_export(
        file_format=file_format, sees_numbers=True, say=str, now=now, actor_id=asha.pk
    )
    table = table_read(content, most_rows=10)
    assert table.rows[1].cells[:2] == (name, "99999 00001")
    if file_format == "csv":
        cell = content.decode("utf-8-sig").splitlines()[1].lstrip('"')
        assert not cell.startswith(("=", "+", "-", "@"))
    Customer.objects.all().delete()
    bring(content, now)
    assert list(Customer.objects.values_list("phone", "name")) == [("+919999900001", name)]


def test_tabs_and_returns_are_no_formula_either():
    assert csv_write([["\tx", "\rx"]]).decode("utf-8-sig").startswith("'\tx")


def test_nul_and_surrogates_are_no_server_error(shop, now):
    batch = bring(b"Phone,Name\n9999900001,Ka\x00vita\xed\xa0\x80\n", now)
    assert batch.counts["made"] == 1
    assert Customer.objects.get().name.startswith("Kavita")


@pytest.mark.slow
def test_ten_years_and_ten_thousand_rows_in_time(shop, now, monkeypatch):
    limited(monkeypatch, 100_000)
    first = clock.today(now) - timedelta(days=3_650)
    rows = [
        f"9{800_000_000 + number % 4_000},Customer {number % 4_000},{100 + number % 900},"
        f"{(first + timedelta(days=number * 3_650 // 10_000)):%d/%m/%Y},yes,"
        for number in range(10_000)
    ]
    began = time.perf_counter()
    day = clock.today(now)
    batch = bring(HEAD + "\n".join(rows), now, collected_on=day, **SAID)
    took = time.perf_counter() - began
    assert (batch.counts["made"], batch.counts["visits"]) == (4_000, 10_000)
    assert batch.counts["refused"] == 0
    print(f"10,000 rows in {took:.1f} s")
    assert took < 60
