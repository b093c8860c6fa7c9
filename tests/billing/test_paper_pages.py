"""The owner's pages of buying on paper, and payers as they are entered."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from billing.errors import InvalidGstin, PayerInUse, UnknownRegistration
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    Quote,
    TdsCertificate,
    VendorFile,
)
from billing.selectors.accounts import payer_facts
from billing.services.accounts import (
    account_link,
    account_of,
    account_terms,
    account_update,
    registration_add,
    registration_remove,
    workspace_details,
)
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.tenants.context import public_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.billing.documents.conftest import NOW
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
ACTOR = "00000000-0000-4000-8000-000000000007"
OURS, THEIRS = "29AAGCB7383J1Z4", "27AAPFU0939F1ZV"
PLACE = {"legal_name": "Asha Sweets LLP", "address": "7 MG Road", "pincode": "570001"}


@pytest.fixture
def owner(workspace_client: Any, local_tenant: Any, asha: Any, supplier: Any) -> Any:
    account_update(tenant=local_tenant, now=clock.now(), state_code="29")
    return workspace_client(local_tenant, asha)


# --- payers


def test_a_payer_is_made_once_from_workspace_and_owner(local_tenant: Any, asha: Any) -> None:
    before = payer_facts(local_tenant)
    account = account_of(local_tenant, now=NOW)
    assert account_of(local_tenant, now=NOW).pk == account.pk
    assert (before.legal_name, account.legal_name) == (local_tenant.name, local_tenant.name)
    assert account.emails == ([asha.email] if asha.email else [])
    assert (payer_facts(local_tenant).pays_by, payer_facts(local_tenant).gstin) == ("gateway", "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state_code": "99"}, "state_code"),
        ({"state_code": "2"}, "state_code"),
        ({"pincode": "012345"}, "pincode"),
        ({"pincode": "57000"}, "pincode"),
        ({"pincode": "५७०००१"}, "pincode"),
        ({"emails": ["no address"]}, "emails"),
        ({"emails": "a@b.example"}, "emails"),
        ({"emails": [f"a{each}@b.example" for each in range(11)]}, "emails"),
        ({"legal_name": "x" * 201}, "legal_name"),
        ({"legal_name": "\ud800"}, "legal_name"),
        ({"country": "1N"}, "country"),
        ({"language": "fr"}, "language"),
        ({"tds_section": "194J"}, "tds_rate"),
        ({"tds_basis_points": 1000}, "tds_section"),
        ({"tds_section": "194J", "tds_basis_points": 2001}, "tds_rate"),
        ({"tds_section": "rubbish", "tds_basis_points": 1000}, "tds_section"),
    ],
)
def test_what_is_refused_names_its_field(
    local_tenant: Any, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        account_update(tenant=local_tenant, now=NOW, **changes)
    assert caught.value.field == field


def test_emails_are_kept_once_in_their_order(local_tenant: Any) -> None:
    told = ["B@x.example", " a@x.example", "b@X.example", ""]
    account = account_update(tenant=local_tenant, now=NOW, emails=told)
    assert account.emails == ["b@x.example", "a@x.example"]


def test_the_chosen_gstin_counts_then_the_default_then_none(local_tenant: Any) -> None:
    first = registration_add(tenant=local_tenant, gstin=OURS, now=NOW, **PLACE)
    second = registration_add(tenant=local_tenant, gstin=THEIRS, now=NOW, **PLACE)
    assert (first.is_default, second.is_default) == (True, False)
    assert payer_facts(local_tenant).state_code == "29"
    workspace_details(tenant=local_tenant, registration_id=second.pk, now=NOW)
    assert (payer_facts(local_tenant).gstin, payer_facts(local_tenant).state_code) == (THEIRS, "27")
    registration_remove(tenant=local_tenant, registration_id=second.pk, now=NOW)
    assert payer_facts(local_tenant).gstin == OURS
    registration_remove(tenant=local_tenant, registration_id=first.pk, now=NOW)
    assert payer_facts(local_tenant).gstin == ""
    assert registration_add(tenant=local_tenant, gstin=OURS, now=NOW, **PLACE).pk != first.pk


def test_a_removed_default_has_an_heir_and_a_gstin_is_there_once(local_tenant: Any) -> None:
    first = registration_add(tenant=local_tenant, gstin=OURS, now=NOW, **PLACE)
    second = registration_add(tenant=local_tenant, gstin=THEIRS, now=NOW, **PLACE)
    again = registration_add(tenant=local_tenant, gstin=THEIRS, is_default=True, now=NOW, **PLACE)
    assert (again.pk, GstRegistration.objects.filter(is_default=True).get().pk) == (
        second.pk,
        second.pk,
    )
    registration_remove(tenant=local_tenant, registration_id=second.pk, now=NOW)
    first.refresh_from_db()
    assert first.is_default


@pytest.mark.parametrize("gstin", ["", "29AAGCB7383J1ZX", "x" * 15])
def test_a_wrong_gstin_is_refused(local_tenant: Any, gstin: str) -> None:
    with pytest.raises(InvalidGstin):
        registration_add(tenant=local_tenant, gstin=gstin, now=NOW, **PLACE)


def test_anothers_gstin_is_as_absent_as_none(local_tenant: Any, enterprise_tenant: Any) -> None:
    row = registration_add(tenant=local_tenant, gstin=OURS, now=NOW, **PLACE)
    with pytest.raises(UnknownRegistration):
        registration_remove(tenant=enterprise_tenant, registration_id=row.pk, now=NOW)
    with pytest.raises(UnknownRegistration):
        workspace_details(tenant=enterprise_tenant, registration_id=row.pk, now=NOW)


def test_one_payer_of_two_workspaces(
    local_tenant: Any, enterprise_tenant: Any, supplier: Any
) -> None:
    account = account_of(local_tenant, now=NOW)
    by = {"account": account, "actor_id": ACTOR, "reason": "one group", "now": NOW}
    account_link(tenant=enterprise_tenant, **by)
    assert AccountWorkspace.objects.filter(account=account).count() == 2
    assert payer_facts(enterprise_tenant).legal_name == local_tenant.name
    rows.document(local_tenant)
    other = BillingAccount.objects.create(legal_name="Other")
    with pytest.raises(PayerInUse):
        account_link(tenant=local_tenant, **{**by, "account": other})


@pytest.mark.parametrize(("days", "is_taken"), [(0, True), (45, True), (46, False), (-1, False)])
def test_net_days_of_staff(local_tenant: Any, days: int, is_taken: bool) -> None:
    facts = {"pays_by": "invoice", "net_days": days, "reason": "x", "actor_id": ACTOR, "now": NOW}
    if not is_taken:
        with pytest.raises(InvalidInput):
            account_terms(tenant=local_tenant, **facts)
        return
    assert account_terms(tenant=local_tenant, **facts).net_days == days


def test_the_database_too_takes_45_days_at_most(local_tenant: Any) -> None:
    account = account_of(local_tenant, now=NOW)
    with pytest.raises(IntegrityError):
        BillingAccount.objects.filter(pk=account.pk).update(net_days=46)


# --- pages


def test_a_quote_is_made_downloaded_and_ordered(owner: Any, local_tenant: Any) -> None:
    assert owner.get("/billing/paper/").status_code == 200
    assert owner.post("/billing/quotes/make/", {"period": "annual"}).status_code == 303
    quote = Quote.objects.get(tenant=local_tenant)
    page = owner.get("/billing/paper/").content.decode()
    assert quote.number in page
    paper = owner.get(f"/billing/quotes/{quote.pk}/pdf/")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    answer = owner.post(f"/billing/quotes/{quote.pk}/accept/", {"po_number": "PO 9"})
    assert answer.status_code == 303
    quote.refresh_from_db()
    assert (quote.state, quote.po_number) == ("accepted", "PO 9")


@pytest.mark.parametrize("period", ["", "weekly", "\x00"])
def test_a_quote_of_no_period_is_a_sentence(owner: Any, period: str) -> None:
    answer = owner.post("/billing/quotes/make/", {"period": period})
    assert answer.status_code == 400
    assert "Choose monthly or yearly." in answer.content.decode()


def test_terms_are_kept_and_come_back(owner: Any, local_tenant: Any) -> None:
    sent = {"po_number": "PO 9", "cost_centre": "CC", "tds_section": "393(1) 1027",
            "tds_rate": "10", "po_required": "on", "po_valid_until": "2027-03-31"}  # fmt: skip
    assert owner.post("/billing/paper/terms/", sent).status_code == 303
    facts = payer_facts(local_tenant)
    assert (facts.po_number, facts.tds_basis_points, facts.po_required) == ("PO 9", 1000, True)
    page = owner.get("/billing/paper/").content.decode()
    assert "₹27,000" in page
    assert 'value="393(1) 1027"' in page


@pytest.mark.parametrize(
    "sent",
    [
        {"tds_section": "194J"},
        {"tds_rate": "21", "tds_section": "194J"},
        {"tds_rate": "NaN"},
        {"po_number": "x" * 41},
        {"po_valid_until": "soon"},
        {"registration_id": "999999"},
        {"registration_id": "\x00"},
    ],
)
def test_wrong_terms_come_back_as_typed(
    owner: Any, local_tenant: Any, sent: dict[str, str]
) -> None:
    assert owner.post("/billing/paper/terms/", sent).status_code == 400
    assert payer_facts(local_tenant).tds_basis_points == 0


def test_a_certificate_is_uploaded(owner: Any, local_tenant: Any) -> None:
    with public_context():
        account = account_of(local_tenant, now=clock.now())
        row = TdsCertificate.objects.create(
            account=account, financial_year="2026-27", quarter=1, booked_paise=250_000,
            created_at=clock.now(),
        )  # fmt: skip
    assert "Form 131" in owner.get("/billing/certificates/").content.decode()
    address = f"/billing/certificates/{row.pk}/upload/"
    bad = {"certificate_number": "A", "amount": "2500", "file": SimpleUploadedFile("a.pdf", b"PK")}
    assert owner.post(address, bad).status_code == 400
    good = {**bad, "file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}
    assert owner.post(address, good).status_code == 303
    row.refresh_from_db()
    # Nothing was booked in that quarter, so staff look at it.
    assert (row.state, row.certified_paise, row.booked_paise) == ("received", 250_000, 0)


def test_the_vendor_pack_is_a_download_once_there_is_one(owner: Any) -> None:
    assert owner.get("/billing/vendor-pack/").status_code == 404
    with public_context():
        VendorFile.objects.create(
            title="PAN", file_name="pan.pdf", content_type="application/pdf", content=b"%PDF-",
            actor_id=ACTOR, uploaded_at=clock.now(),
        )  # fmt: skip
    answer = owner.get("/billing/vendor-pack/")
    assert (answer["Content-Type"], answer.content[:2]) == ("application/zip", b"PK")


def test_others_papers_are_absent(owner: Any, enterprise_tenant: Any) -> None:
    with public_context():
        quote = Quote.objects.create(tenant=enterprise_tenant, **rows._quote(enterprise_tenant))
        row = TdsCertificate.objects.create(
            account=rows.account(enterprise_tenant), financial_year="2026-27", quarter=1,
            booked_paise=1, created_at=clock.now(),
        )  # fmt: skip
    for number in (quote.pk, 999_999):
        assert owner.get(f"/billing/quotes/{number}/pdf/").status_code == 404
        assert owner.post(f"/billing/quotes/{number}/accept/").status_code == 404
        assert owner.post(f"/billing/quotes/{number}/decline/").status_code == 404
    sent = {"certificate_number": "A", "amount": "1", "file": SimpleUploadedFile("a", b"%PDF-")}
    assert owner.post(f"/billing/certificates/{row.pk}/upload/", sent).status_code == 404
    assert owner.post(f"/billing/certificates/{row.pk}/upload/", {}).status_code == 404


def test_only_who_may_see_billing(workspace_client: Any, local_tenant: Any, meera: Any) -> None:
    membership_add(tenant=local_tenant, user=meera, role=Role.STAFF, now=clock.now())
    client = workspace_client(local_tenant, meera)
    for address in ("/billing/paper/", "/billing/certificates/", "/billing/vendor-pack/"):
        assert client.get(address).status_code == 403
