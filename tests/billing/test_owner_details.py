"""Who pays, as the owner writes it down: name, address, country, State and GSTINs."""

import pytest

from billing.models import AccountWorkspace
from marketing_platform.tenants.context import public_context

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(workspace_client, local_tenant, asha, twin):
    return workspace_client(local_tenant, asha)


def page(client, path="/billing/"):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


DETAILS = {
    "legal_name": "Asha Sweets",
    "address": "12 Laxmi Road",
    "city": "Pune",
    "pincode": "411030",
    "country": "IN",
    "state_code": "27",
    "emails": "accounts@asha.example\nowner@asha.example",
    "language": "hi",
    "po_number": "",
    "cost_centre": "",
}
GSTIN = {
    "gstin": "27AAPFU0939F1ZV",
    "legal_name": "Asha Sweets LLP",
    "address": "12 Laxmi Road",
    "city": "Pune",
    "pincode": "411030",
}


def test_the_details_are_saved_and_shown_again(owner, local_tenant):
    assert owner.post("/billing/details/", DETAILS).status_code == 303
    with public_context():
        account = AccountWorkspace.objects.get(tenant=local_tenant).account
    assert (account.state_code, account.language) == ("27", "hi")
    assert account.emails == ["accounts@asha.example", "owner@asha.example"]
    shown = page(owner, "/billing/details/")
    assert "12 Laxmi Road" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"pincode": "011030"},
        {"pincode": "4110"},
        {"state_code": "99"},
        {"state_code": ""},
        {"country": "ZZ"},
        {"country": ""},
        {"po_number": "9" * 4000},
        {"emails": "a@b.example\n" * 11 + "\n".join(f"a{n}@b.example" for n in range(11))},
        {"emails": "not an address"},
        {"language": "fr"},
        {"legal_name": ""},
        {"legal_name": "x\0y"},
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_kept_as_typed(owner, changes):
    response = owner.post("/billing/details/", DETAILS | changes)
    assert response.status_code == 400
    shown = response.content.decode()
    assert "_error" in shown
    assert "12 Laxmi Road" in shown


def test_a_payer_abroad_needs_no_state_and_has_no_gstin(owner, local_tenant):
    abroad = DETAILS | {"country": "SG", "state_code": "", "pincode": "018956"}
    assert owner.post("/billing/details/", abroad).status_code == 303
    with public_context():
        account = AccountWorkspace.objects.get(tenant=local_tenant).account
    assert (account.country, account.state_code, account.pincode) == ("SG", "96", "")
    assert '<option value="SG" selected>' in page(owner, "/billing/details/")
    refused = owner.post("/billing/details/gstin/", GSTIN)
    assert refused.status_code == 400
    assert "Choose India as your country first" in refused.content.decode()
    # Back at home a State is asked for again; with a GSTIN it is not, and nobody moves with one.
    assert owner.post("/billing/details/", DETAILS | {"state_code": ""}).status_code == 400
    assert owner.post("/billing/details/", DETAILS).status_code == 303
    assert owner.post("/billing/details/gstin/", GSTIN).status_code == 303
    assert owner.post("/billing/details/", DETAILS | {"state_code": ""}).status_code == 303
    moved = owner.post("/billing/details/", abroad)
    assert moved.status_code == 400
    assert "Remove your GSTINs first" in moved.content.decode()


def test_a_gstin_is_added_and_removed_and_a_wrong_one_is_refused(owner, local_tenant):
    wrong = owner.post("/billing/details/gstin/", GSTIN | {"gstin": "27AAPFU0939F1ZW"})
    assert wrong.status_code == 400
    assert owner.post("/billing/details/gstin/", GSTIN).status_code == 303
    assert "27AAPFU0939F1ZV" in page(owner, "/billing/details/")
    with public_context():
        account = AccountWorkspace.objects.get(tenant=local_tenant).account
        number = account.registrations.get().pk
    assert owner.post(f"/billing/details/gstin/{number}/remove/").status_code == 303
    assert "27AAPFU0939F1ZV" not in page(owner, "/billing/details/")
    assert owner.post(f"/billing/details/gstin/{number}/remove/").status_code == 404


@pytest.mark.parametrize("path", ["details/gstin/{}/remove/", "invoices/{}/pay/"])
@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
def test_numbers_beyond_every_row_are_not_found(owner, path, number):
    assert owner.post(f"/billing/{path.format(number)}").status_code == 404
    assert owner.get(f"/billing/invoices/{number}/pdf/").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"gstin": "\u0662" * 15},
        {"gstin": "%ED%A0%80" * 5},
        {"gstin": "38AAPFU0939F1D1"},
        {"gstin": "97AAPFU0939F1CZ"},
        {"pincode": "५६००२५"},
        {"legal_name": "9" * 5000},
        {"address": "\0"},
        {"gstin": ""},
    ],
)
def test_what_no_registration_can_be_comes_back_with_the_reason(owner, changes):
    response = owner.post("/billing/details/gstin/", GSTIN | changes)
    assert response.status_code == 400
    assert "_error" in response.content.decode()


def test_half_of_a_sign_in_a_form_is_no_crash(owner):
    body = "legal_name=%ED%A0%80&language=en&country=IN&state_code=27&city=%FF%FE&emails=%00"
    kind = "application/x-www-form-urlencoded"
    assert owner.post("/billing/details/", body, content_type=kind).status_code in {303, 400}


def test_another_payers_gstin_is_as_absent_as_none(
    owner, workspace_client, enterprise_tenant, vikram
):
    other = workspace_client(enterprise_tenant, vikram)
    assert other.post("/billing/details/gstin/", GSTIN).status_code == 303
    with public_context():
        row = AccountWorkspace.objects.get(tenant=enterprise_tenant).account.registrations.get()
    assert owner.post(f"/billing/details/gstin/{row.pk}/remove/").status_code == 404
    row.refresh_from_db()
    assert row.removed_at is None
