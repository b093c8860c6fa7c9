"""Sending rows, and reading sources, imports and the quality report, as a program does."""

import json
import time

import pytest

from enterprise.data_sources.models import Deal, ImportBatch, SpendRow
from marketing_platform.tenants.context import tenant_context

DAY = {"date": "2026-01-05", "channel": "Radio", "campaign": "A", "cost": 100.5}


@pytest.fixture
def client(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


@pytest.fixture
def send(client):
    def post(kind, body, **extra):
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(
            f"/api/enterprise/data/{kind}", text, content_type="application/json", **extra
        )

    return post


@pytest.fixture
def stored(enterprise_tenant):
    def count(model):
        with tenant_context(enterprise_tenant):
            return model.objects.count()

    return count


def test_rows_of_spend_are_stored_in_paise(send, enterprise_tenant):
    answer = send("spend", {"rows": [DAY], "source": "Media plan"})
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "import_id": answer.json()["import_id"], "repeated": False, "imported": 1, "replaced": 0,
        "refused": 0, "errors": [],
    }  # fmt: skip
    with tenant_context(enterprise_tenant):
        row = SpendRow.objects.get()
        assert (row.cost, row.channel, row.source.name) == (10_050, "Radio", "Media plan")


def test_the_same_rows_again_change_nothing(send, stored):
    first = send("spend", {"rows": [DAY]}).json()
    again = send("spend", {"rows": [DAY]}).json()
    assert (again["repeated"], again["import_id"]) == (True, first["import_id"])
    assert (stored(SpendRow), stored(ImportBatch)) == (1, 1)


def test_only_rows_of_the_same_key_are_replaced(send, client, enterprise_tenant):
    send("spend", {"rows": [DAY, DAY | {"campaign": "B"}]})
    answer = send("spend", {"rows": [DAY | {"cost": 7}]}).json()
    assert (answer["imported"], answer["replaced"]) == (1, 1)
    with tenant_context(enterprise_tenant):
        live = SpendRow.objects.filter(replaced_by__isnull=True)
        assert sorted(live.values_list("campaign", "cost")) == [("A", 700), ("B", 10_050)]
    client.post(f"/data/imports/{answer['import_id']}/undo/")
    with tenant_context(enterprise_tenant):
        live = SpendRow.objects.filter(replaced_by__isnull=True)
        assert sorted(live.values_list("campaign", "cost")) == [("A", 10_050), ("B", 10_050)]


def test_a_bad_row_stops_all_unless_said_otherwise(send, stored):
    rows = [DAY, DAY | {"cost": "-3"}, DAY | {"date": "soon"}]
    answer = send("spend", {"rows": rows})
    assert answer.status_code == 422
    assert (answer.json()["import_id"], answer.json()["refused"]) == (None, 2)
    assert answer.json()["errors"][0] == {
        "row": 1, "field": "cost", "value": "-3", "problem": "This must not be negative.",
        "fix": "Write a plain number such as 1250.50.",
    }  # fmt: skip
    assert stored(SpendRow) == 0
    answer = send("spend", {"rows": rows, "good_rows_only": True}).json()
    assert (answer["imported"], answer["refused"]) == (1, 2)
    assert stored(SpendRow) == 1


def test_deals_are_updated_by_their_id(send, enterprise_tenant):
    deal = {"id": "D1", "created": "2026-01-05", "amount": 10, "stage": "New", "account": "Beta"}
    send("deals", {"rows": [deal]})
    won = deal | {"stage": "Won", "won": True, "closed": "2026-02-01", "amount": "12.50"}
    answer = send("deals", {"rows": [won]}).json()
    assert answer["replaced"] == 1
    with tenant_context(enterprise_tenant):
        stored = Deal.objects.get()
        assert (stored.amount, stored.is_won, stored.stage) == (1_250, True, "Won")


def test_a_foreign_currency_needs_its_rate(send):
    rows = [DAY | {"currency": "USD"}]
    assert send("spend", {"rows": rows}).status_code == 422
    answer = send("spend", {"rows": rows, "rates": {"USD": "83.25"}})
    assert answer.json()["imported"] == 1


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("spend", "{", 400),
        ("spend", "[]", 400),
        ("spend", {}, 400),
        ("spend", {"rows": []}, 400),
        ("spend", {"rows": "x"}, 400),
        ("spend", {"rows": [5]}, 400),
        ("spend", {"rows": [None]}, 400),
        ("spend", {"rows": [DAY | {"cost": [1]}]}, 400),
        ("spend", {"rows": [DAY | {"cost": {"a": 1}}]}, 400),
        ("spend", {"rows": [DAY | {"price": 1}]}, 400),
        ("spend", {"rows": [DAY | {"campaign": "x" * 501}]}, 400),
        ("spend", {"rows": [DAY] * 5001}, 400),
        ("spend", {"rows": [DAY], "rates": {"usd": 3}}, 400),
        ("spend", {"rows": [DAY], "rates": {"USD": -3}}, 400),
        ("spend", {"rows": [DAY], "grain": "hour"}, 400),
        ("spend", {"rows": [DAY], "source": "x" * 81}, 400),
        ("spend", {"rows": [DAY], "colour": "red"}, 400),
        ("spend", {"rows": [DAY | {"cost": 10**300}]}, 422),
        ("spend", {"rows": [DAY | {"cost": True}]}, 422),
        ("spend", {"rows": [DAY | {"cost": None}]}, 422),
        ("spend", {"rows": [DAY | {"date": "2026-02-30"}]}, 422),
        ("outcomes", {"rows": [{"date": "2026-01-05"}]}, 422),
        ("deals", {"rows": [{"id": "D1"}]}, 422),
        ("leads", {"rows": [{"created": "2026-01-05"}]}, 422),
        ("contacts", {"rows": [DAY]}, 404),
    ],
)
def test_what_is_wrong_is_said_and_stores_nothing(send, stored, kind, body, status):
    answer = send(kind, body)
    assert answer.status_code == status, answer.content
    assert (stored(SpendRow), stored(Deal), stored(ImportBatch)) == (0, 0, 0)


@pytest.mark.parametrize("text", ["NUL \\u0000 here", "lone \\ud800", "\\u202eevil", "हिन्दी"])
def test_strange_text_is_cleaned_or_refused(send, text):
    body = '{"rows": [{"date": "2026-01-05", "channel": "%s", "cost": 1}], "source": "%s"}'
    assert send("spend", body % (text, text)).status_code in {200, 400}


def test_sources_imports_and_quality_can_be_read(send, client):
    rows = [DAY | {"date": f"2026-01-{day:02d}", "channel": name} for day in range(1, 29)
            for name in ("Radio", "radio ")]  # fmt: skip
    send("spend", {"rows": rows, "source": "Media plan"})
    (source,) = client.get("/api/enterprise/data/sources").json()["sources"]
    assert (source["name"], source["imports"], source["last_on"]) == ("Media plan", 1, "2026-01-28")
    page = client.get(f"/api/enterprise/data/imports?source={source['id']}").json()
    assert (page["imports"][0]["rows_imported"], page["next"]) == (56, None)
    assert page["imports"][0]["from_api"] is True
    report = client.get("/api/enterprise/data-quality").json()
    assert {grade["engine"]: grade["state"] for grade in report["grades"]} == {
        "insights": "not_yet", "forecast": "not_yet", "budget": "not_yet", "funnel": "not_yet",
        "segments": "not_yet",
    }  # fmt: skip
    assert len(report["rows_hash"]) == 64
    assert client.get("/api/enterprise/data/imports?before=x").status_code == 400


def test_imports_come_in_pages(send, client):
    for cost in range(52):
        send("spend", {"rows": [DAY | {"cost": cost}]})
    first = client.get("/api/enterprise/data/imports").json()
    assert len(first["imports"]) == 50
    rest = client.get(f"/api/enterprise/data/imports?before={first['next']}").json()
    assert (len(rest["imports"]), rest["next"]) == (2, None)


# Only how long many take.
@pytest.mark.slow
def test_five_thousand_rows_take_seconds(send):
    rows = [DAY | {"campaign": f"C{place}"} for place in range(5_000)]
    started = time.process_time()
    assert send("spend", {"rows": rows}).json()["imported"] == 5_000
    assert time.process_time() - started < 15
