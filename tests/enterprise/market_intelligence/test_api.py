"""POST /api/enterprise/intelligence, as a program calls it."""

import json
from datetime import date, timedelta

import pytest

from enterprise.market_intelligence.models import InsightRun
from marketing_platform.tenants.context import tenant_context

URL = "/api/enterprise/intelligence"
POINTS = [
    [(date(2024, 1, 1) + timedelta(weeks=week)).isoformat(), 100 + week % 5 + 40 * (week > 60)]
    for week in range(104)
]
GOOD = {"series": [{"name": "Leads", "unit": "leads", "grain": "week", "points": POINTS}]}


@pytest.fixture
def call(workspace_client, enterprise_tenant, vikram):
    client = workspace_client(enterprise_tenant, vikram)

    def post(body, **extra):
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(URL, text, content_type="application/json", **extra)

    return post


def test_the_answer_has_exactly_the_promised_shape(call, enterprise_tenant):
    answer = call(GOOD)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert set(body) == {"insights", "not_enough"}
    assert set(body["insights"][0]) == {
        "series", "kind", "value", "low", "high", "level", "n", "method", "sentence",
    }  # fmt: skip
    shift = next(row for row in body["insights"] if row["kind"] == "level_shift")
    assert shift["low"] <= 40 <= shift["high"]
    assert "in the week of 3 March 2025" in shift["sentence"]
    with tenant_context(enterprise_tenant):
        assert InsightRun.objects.count() == 1


def test_too_little_is_an_answer(call):
    body = call({"series": [{**GOOD["series"][0], "points": POINTS[:5]}]}).json()
    assert body["insights"] == []
    assert body["not_enough"][0] == {
        "series": "Leads", "needs": "For a trend: at least 12 weeks; you gave 5.",
    }  # fmt: skip


def test_the_same_request_gives_the_same_answer_and_one_run(call, enterprise_tenant):
    assert call(GOOD).json() == call(GOOD).json()
    with tenant_context(enterprise_tenant):
        assert InsightRun.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "series"),
        ({"series": None}, "series"),
        ({"series": []}, "series"),
        ({"series": "x"}, "series"),
        ({"series": [{**GOOD["series"][0], "points": []}]}, "series[0].points"),
        ({"series": [{**GOOD["series"][0], "points": [["2026-13-01", 1]]}]}, "series[0].points[0]"),
        ({"series": [{**GOOD["series"][0], "points": [["2026-01-05", "NaN"]]}]},
         "series[0].points[0]"),
        ({"series": [{**GOOD["series"][0], "points": [["2026-01-05", 1e300]]}]},
         "series[0].points[0]"),
        ({"series": [{**GOOD["series"][0], "points": [*POINTS, POINTS[3]]}]},
         "series[0].points[104]"),
        ({"series": [{**GOOD["series"][0], "points": POINTS * 50}]}, "series[0].points"),
        ({**GOOD, "colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_a_bad_request_names_the_place(call, body, field, enterprise_tenant):
    answer = call(body)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["field"] == field
    with tenant_context(enterprise_tenant):
        assert InsightRun.objects.count() == 0


@pytest.mark.parametrize("text", ["{", '{"series": [NaN]}', "[]", '"x"'])
def test_wrong_json_is_refused(call, text):
    assert call(text).status_code == 400


def test_another_content_type_is_refused(call, workspace_client, enterprise_tenant, vikram):
    client = workspace_client(enterprise_tenant, vikram)
    assert client.post(URL, "a=1", content_type="text/plain").status_code == 415


def test_meera_and_nobody_are_refused(workspace_client, enterprise_tenant, meera):
    body = json.dumps(GOOD)
    nobody = workspace_client(enterprise_tenant)
    assert nobody.post(URL, body, content_type="application/json").status_code == 401
    stranger = workspace_client(enterprise_tenant, meera)
    assert stranger.post(URL, body, content_type="application/json").status_code in {401, 403}
    with tenant_context(enterprise_tenant):
        assert InsightRun.objects.count() == 0


def test_ten_series_of_three_years_are_answered(call):
    series = [
        {
            "name": f"Series {number}",
            "unit": "",
            "grain": "week",
            "points": [
                [
                    (date(2023, 1, 2) + timedelta(weeks=week)).isoformat(),
                    100 + (week * 37 + number * 11) % 23 + 20 * (week > 80),
                ]
                for week in range(156)
            ],
        }
        for number in range(10)
    ]
    answer = call({"series": series})
    assert answer.status_code == 200
    assert {row["series"] for row in answer.json()["insights"]} == {each["name"] for each in series}
