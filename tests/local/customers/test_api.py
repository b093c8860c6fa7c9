import uuid

import pytest

from local.customers.models import ConsentEvent, Customer, Visit
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db
BASE = "/api/local"


@pytest.fixture
def call(local_tenant, client):
    _row, key = key_create(
        tenant=local_tenant, name="Till", scopes=("read", "write"), is_test=True,
        created_by_id=None, expires_at=None, now=clock.now(),
    )  # fmt: skip

    def ask(path, body=None, **headers):
        wanted = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}", **headers}
        if body is None:
            return client.get(BASE + path, **wanted)
        return client.post(BASE + path, data=body, content_type="application/json", **wanted)

    return ask


def test_customers_are_added_and_listed_in_pages(call):
    made = [call("/customers", {"phone": f"999990000{n}", "name": f"C{n}"}) for n in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    assert made[0].json()["consent"] == ""
    first = call("/customers?limit=2").json()
    second = call(f"/customers?limit=2&cursor={first['next_cursor']}").json()
    assert len(first["customers"]) == 2 and second["next_cursor"] == ""
    seen = {each["phone"] for each in first["customers"] + second["customers"]}
    assert seen == {f"+91999990000{n}" for n in range(3)}
    assert call(f"/customers/{made[1].json()['id']}").json()["name"] == "C1"


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/customers", {"phone": "1800 266 1234"}, 400, "phone"),
        ("/customers", {"name": "x"}, 400, "phone"),
        ("/customers", {"phone": "9999900001", "x": 1}, 400, "x"),
        ("/customers", {"phone": ["9999900001"]}, 400, "phone"),
        ("/customers?limit=0", None, 400, "limit"),
        ("/customers?limit=99999999999999999999", None, 400, "limit"),
        ("/customers?cursor=x", None, 400, "cursor"),
        ("/visits", {"amount_paise": -1}, 400, "amount_paise"),
        ("/visits", {"amount_paise": 10**30}, 400, "amount_paise"),
        ("/visits", {"amount_paise": 1, "happened_at": "2999-01-01T00:00:00Z"}, 400, "happened_at"),
        ("/visits", {"amount_paise": 1, "happened_at": "0001-01-01T00:00:00Z"}, 400, "happened_at"),
    ],
)
def test_bad_input_names_its_field(call, local_tenant, path, body, status, field):
    answer = call(path, body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    with tenant_context(local_tenant):
        assert (Customer.objects.count(), Visit.objects.count()) == (0, 0)


def test_nul_is_refused_before_anything_is_read(call, local_tenant):
    assert call("/customers", {"phone": "9999900001\0"}).status_code == 400
    with tenant_context(local_tenant):
        assert Customer.objects.count() == 0


def test_a_bill_is_recorded_once_per_key(call, local_tenant):
    given = {"phone": "9999900001", "amount_paise": 45_000}
    answers = [call("/visits", given, HTTP_IDEMPOTENCY_KEY="till-1-4711") for _n in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with tenant_context(local_tenant):
        assert (Visit.objects.count(), Visit.objects.get().source) == (1, "api")


def test_consent_needs_the_present_wording_and_can_be_taken_back(call, local_tenant):
    key = call("/customers", {"phone": "9999900001"}).json()["id"]
    shown = call(f"/customers/{key}/consent").json()
    assert shown["state"] == "" and "Asha Sweets" in shown["wording"]
    old = call(f"/customers/{key}/consent", {"version": "2020-01"})
    assert (old.status_code, old.json()["field"]) == (400, "version")
    given = call(f"/customers/{key}/consent", {"version": shown["version"]})
    assert (given.status_code, given.json()["state"]) == (201, "granted")
    assert call(f"/customers/{key}/consent/withdraw", {}).json()["state"] == "withdrawn"
    again = call(f"/customers/{key}/consent", {"version": shown["version"]})
    assert (again.status_code, again.json()["code"]) == (409, "consent_needs_asking")
    with tenant_context(local_tenant):
        assert ConsentEvent.objects.count() == 3


def test_a_no_is_heard_while_the_workspace_may_only_read(call, local_tenant, monkeypatch):
    from marketing_platform.api import access
    from marketing_platform.tiers.contracts import Entitlements

    key = call("/customers", {"phone": "9999900001"}).json()["id"]
    monkeypatch.setattr(access, "entitlements_of", lambda _tenant: Entitlements("read_only"))
    assert call("/visits", {"amount_paise": 1}).status_code == 403
    assert call(f"/customers/{key}/consent/withdraw", {}).status_code == 200
    monkeypatch.setattr(access, "entitlements_of", lambda _tenant: Entitlements("none"))
    assert call(f"/customers/{key}/consent/withdraw", {}).status_code == 403


def test_a_key_that_may_only_read_records_nothing(local_tenant, client):
    _row, key = key_create(
        tenant=local_tenant, name="Report", scopes=("read",), is_test=True,
        created_by_id=None, expires_at=None, now=clock.now(),
    )  # fmt: skip
    wanted = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}"}
    for path in ("customers", "visits", f"customers/{uuid.uuid4()}/consent/withdraw"):
        answer = client.post(f"{BASE}/{path}", {}, content_type="application/json", **wanted)
        assert answer.status_code == 403


def test_nobody_is_found_in_another_s_list(call):
    for path in ("", "/consent"):
        answer = call(f"/customers/{uuid.uuid4()}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
