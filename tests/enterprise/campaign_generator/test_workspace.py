"""Campaigns in a workspace: made, changed, approved, taken away; pages, API and the brief."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from enterprise.campaign_generator.engine.contracts import Slot
from enterprise.campaign_generator.errors import (
    CampaignBlocked,
    CampaignChanged,
    DetailRefused,
    NothingToExport,
    StepNotPossible,
)
from enterprise.campaign_generator.forms import CampaignForm, EditForm
from enterprise.campaign_generator.front_door import CampaignGenerator
from enterprise.campaign_generator.models import Campaign, CampaignVersion
from enterprise.campaign_generator.selectors import StoredCampaign, campaigns_for_brief
from enterprise.campaign_generator.services.asking import CampaignRequest
from enterprise.campaign_generator.services.campaigns import CampaignChanges
from enterprise.optimization_engine.models import AllocationRun, OptimizationRun
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from tests.rows.optimization_engine import allocation_json, draws_json, fit_json, request_json

pytestmark = pytest.mark.django_db
NOW = clock.now()
SOON = clock.today(NOW) + timedelta(days=7)
GOAL = CampaignRequest(
    name="Winter launch",
    goal="Sell geysers",
    product="Geyser 15 L",
    benefits=("Five-year warranty", "Fitted within two days"),
    first_on=SOON,
    weeks=4,
    landing_url="https://veda.example/geyser",
    metric="orders",
    target=900.0,
    channels=(("google_ads", 2), ("meta_ads", 1)),
    budget_paise=10_000_001,
)
FORM = {
    "name": "Winter launch", "goal": "Sell geysers", "product": "Geyser 15 L",
    "benefits": "Five-year warranty\nFitted within two days", "action": "learn_more",
    "landing_url": "https://veda.example/geyser", "language": "en", "first_on": str(SOON),
    "weeks": "4", "channels": ["google_ads", "email"], "budget": "1,00,000.01",
    "metric": "orders", "target": "900", "consent": "Ticked at checkout",
}  # fmt: skip


@pytest.fixture
def company(enterprise_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(enterprise_tenant):
        yield enterprise_tenant


def make(company: Tenant, request: CampaignRequest = GOAL) -> StoredCampaign:
    return CampaignGenerator().generate_campaign(request, tenant=company, actor_id=None, now=NOW)


def stored_in(company: Tenant) -> Campaign:
    """After a request, which leaves no workspace acting."""
    with tenant_context(company):
        return Campaign.objects.get()


def approve(made: StoredCampaign, content_hash: str = "") -> StoredCampaign:
    return CampaignGenerator().approve(
        made.id, content_hash or made.content_hash, actor_id=uuid4(), now=NOW
    )


def edit(made: StoredCampaign, changes: CampaignChanges, content_hash: str = "") -> StoredCampaign:
    return CampaignGenerator().edit(
        made.id, content_hash or made.content_hash, changes, actor_id=uuid4(), now=NOW
    )


def proposal() -> AllocationRun:
    run = OptimizationRun.objects.create(
        run_hash="r", outcome_name="Revenue", result=fit_json("google_ads"),
        draws=draws_json("google_ads"), created_at=NOW,
    )  # fmt: skip
    return AllocationRun.objects.create(
        run=run, run_hash="a", name="", request=request_json(),
        result=allocation_json("google_ads"), created_at=NOW,
    )  # fmt: skip


def test_a_goal_alone_makes_a_campaign_in_an_empty_workspace(company: Tenant) -> None:
    made = make(company)
    assert made.document.grid.by_channel == (6_666_667, 3_333_334)
    assert made.document.target.low is None
    assert made.state == "draft"
    assert CampaignVersion.objects.get(campaign_id=made.id).content_hash == made.content_hash


def test_a_budget_proposal_gives_channels_budget_and_range(company: Tenant) -> None:
    found = proposal()
    made = make(company, replace(GOAL, allocation_id=found.pk, target=None, channels=()))
    grid, target = made.document.grid, made.document.target
    assert grid.paise == ((100, 100, 100, 100),)
    assert (target.low, target.value, target.high) == (2.0, 4.0, 6.0)
    assert made.document.allocation_id == str(found.pk)
    outside = edit(made, CampaignChanges(target=6.5))
    with pytest.raises(CampaignBlocked):
        approve(outside)
    assert approve(edit(outside, CampaignChanges(target=6.0))).state == "approved"


def test_only_what_was_read_can_be_approved_and_a_change_voids_it(company: Tenant) -> None:
    made = make(company)
    changed = edit(made, CampaignChanges(name="Other name"))
    with pytest.raises(CampaignChanged):
        approve(made)
    approved = approve(changed)
    assert approved.state == "approved"
    assert AuditEntry.objects.filter(action="campaign.approved", subject=str(made.id)).count() == 1
    assert approve(changed).approved_at == approved.approved_at
    again = edit(approved, CampaignChanges(texts={"meta_ads": (Slot("headline", "New"),)}))
    assert (again.state, again.approved_at, again.number) == ("draft", None, 3)
    assert Campaign.objects.get(pk=made.id).approved_hash == ""


def test_an_edit_that_changes_nothing_is_no_version(company: Tenant) -> None:
    approved = approve(make(company))
    same = edit(approved, CampaignChanges(name=approved.name))
    assert (same.state, same.number) == ("approved", 1)


def test_a_blocked_campaign_is_not_approved_nor_a_draft_exported(company: Tenant) -> None:
    made = make(company, replace(GOAL, landing_url=""))
    with pytest.raises(CampaignBlocked):
        approve(made)
    with pytest.raises(StepNotPossible):
        CampaignGenerator().export(made.id, "media-plan", actor_id=None, now=NOW)
    assert Campaign.objects.get(pk=made.id).state == "draft"


def test_the_steps_by_hand(company: Tenant) -> None:
    door, made = CampaignGenerator(), make(company)
    with pytest.raises(StepNotPossible):
        door.move(made.id, made.content_hash, "running", actor_id=None, now=NOW)
    door.move(made.id, made.content_hash, "in_review", actor_id=None, now=NOW)
    approve(made)
    door.export(made.id, "media-plan", actor_id=None, now=NOW)
    assert Campaign.objects.get(pk=made.id).state == "exported"
    running = door.move(made.id, made.content_hash, "running", actor_id=None, now=NOW)
    with pytest.raises(StepNotPossible):
        edit(running, CampaignChanges(name="Late"))
    with pytest.raises(StepNotPossible):
        door.move(made.id, made.content_hash, "approved", actor_id=None, now=NOW)
    assert door.move(made.id, made.content_hash, "ended", actor_id=None, now=NOW).state == "ended"
    assert campaigns_for_brief() == ()


def test_one_channel_without_google_has_a_plan_and_no_editor_file(company: Tenant) -> None:
    made = make(company, replace(GOAL, channels=(("meta_ads", 0),)))
    approve(made)
    with pytest.raises(NothingToExport):
        CampaignGenerator().export(made.id, "google-ads", actor_id=None, now=NOW)
    plan = CampaignGenerator().export(made.id, "media-plan", actor_id=None, now=NOW)
    assert load_workbook(io.BytesIO(plan))["Budget"]["A2"].value == "meta_ads"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": "\x00 "}),
        ("name", {"name": "\ud800"}),
        ("benefits", {"benefits": ()}),
        ("weeks", {"weeks": 0}),
        ("first_on", {"first_on": date(9999, 12, 31)}),
        ("channels", {"channels": ()}),
        ("channels", {"channels": (("email", 1), ("email", 1))}),
        ("budget_paise", {"budget_paise": 10**15}),
        ("visit_paise", {"visit_paise": 0}),
        ("target", {"target": float("nan")}),
        ("lift", {"base_rate": 0.6, "lift": 0.9}),
        ("action", {"action": "steal"}),
    ],
)
def test_a_wrong_value_names_its_field(company: Tenant, field: str, wrong: dict) -> None:
    with pytest.raises(DetailRefused) as refused:
        make(company, replace(GOAL, **wrong))
    assert refused.value.field == field
    assert not Campaign.objects.exists()


def test_the_brief_reads_the_open_campaigns(company: Tenant) -> None:
    made = make(company, replace(GOAL, base_rate=0.05, lift=0.2, visit_paise=1_500))
    (told,) = campaigns_for_brief()
    assert (told.id, told.name, told.state) == (str(made.id), "Winter launch", "Draft")
    assert (told.budget_paise, told.content_hash) == (10_000_001, made.content_hash)
    assert told.test_weeks == made.document.test.weeks_needed
    assert told.test_weeks > 4


def test_the_pages_from_form_to_file(company: Tenant, vikram: User, session_for: Any) -> None:
    browser = session_for(vikram, company)
    assert "No campaign yet" in browser.get("/campaigns/").content.decode()
    assert browser.get("/campaigns/new/").status_code == 200
    answer = browser.post("/campaigns/new/", FORM)
    assert answer.status_code == 302, answer.content.decode()
    made = stored_in(company)
    page = browser.get(answer["Location"]).content.decode()
    assert "₹50,000.01" in page
    assert "Geyser 15 L" in page
    assert "Winter launch" in browser.get("/campaigns/").content.decode()
    edit_page = browser.get(f"/campaigns/{made.pk}/edit/")
    form = edit_page.context["form"]
    told = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    told["cell_0_0"] = "50000"
    saved = browser.post(f"/campaigns/{made.pk}/edit/", told)
    assert saved.status_code == 302, saved.content.decode()
    over = browser.get(f"/campaigns/{made.pk}/").content.decode()
    assert "more than the budget" in over
    stale = browser.post(f"/campaigns/{made.pk}/edit/", told)
    assert stale.status_code == 409
    told |= {"cell_0_0": "12500", "content_hash": stored_in(company).content_hash}
    assert browser.post(f"/campaigns/{made.pk}/edit/", told).status_code == 302
    approval = {"content_hash": stored_in(company).content_hash}
    browser.post(f"/campaigns/{made.pk}/approve/", approval)
    file = browser.get(f"/campaigns/{made.pk}/files/google-ads/")
    assert file.status_code == 200
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 3
    assert stored_in(company).state == "exported"


def test_the_form_marks_the_field_by_its_own_name(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    browser = session_for(vikram, company)
    answer = browser.post("/campaigns/new/", FORM | {"visit_price": "0"})
    assert answer.context["form"].errors.keys() == {"visit_price"}


@pytest.mark.parametrize("address", ["http://[veda", "https://ve\u2100da.example/", "veda"])
def test_an_address_that_is_none_is_named_not_fallen_over(company: Tenant, address: str) -> None:
    made = make(company, replace(GOAL, landing_url=address))
    codes = {one.code for one in CampaignGenerator().checks(made, NOW) if one.blocks}
    assert "landing_page_wrong" in codes


def test_the_form_of_changes_writes_amounts_as_people_do(company: Tenant) -> None:
    made = make(company)
    form = EditForm(made.document, made.content_hash)
    assert form["cell_0_0"].value() == "16,666.67"
    assert form["cell_0_0"].label == f"Google Ads, {SOON.day} {SOON:%b}"
    assert str(form["target"].value()) == "900"


def test_the_largest_campaign_can_be_changed_on_its_page(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    names = ("google_ads", *(f"Channel {place}" for place in range(19)))
    asked = replace(GOAL, weeks=52, channels=tuple((name, 1) for name in names))
    made = make(company, asked)
    form = EditForm(made.document, made.content_hash)
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    browser = session_for(vikram, company)
    answer = browser.post(f"/campaigns/{made.id}/edit/", typed | {"name": "Whole year"})
    assert answer.status_code == 302
    assert stored_in(company).name == "Whole year"


def test_only_what_may_stay_empty_says_so(company: Tenant, vikram: User, session_for: Any) -> None:
    needed = {"channels", "budget", "metric", "target"}
    form = session_for(vikram, company).get("/campaigns/new/").context["form"]
    assert {name for name in needed if form.fields[name].required} == needed
    with tenant_context(company):
        proposed = CampaignForm(initial={"allocation_id": uuid4()})
    assert not any(proposed.fields[name].required for name in needed)


def test_a_wrong_form_keeps_what_was_typed(company: Tenant, vikram: User, session_for: Any) -> None:
    browser = session_for(vikram, company)
    answer = browser.post("/campaigns/new/", FORM | {"budget": "", "name": "Typed name"})
    assert answer.status_code == 422
    assert "Typed name" in answer.content.decode()
    assert answer.context["form"].errors.keys() == {"budget"}
    with tenant_context(company):
        assert not Campaign.objects.exists()


def test_the_hindi_page_has_hindi_sentences(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    made = make(company)
    browser = session_for(vikram, company)
    page = browser.get(f"/campaigns/{made.id}/", headers={"accept-language": "hi"}).content.decode()
    assert "मॉडल ने नहीं परखा" in page
    assert "किसे दिखाना है" in page


def test_the_api_makes_reads_and_approves(company: Tenant, vikram: User, session_for: Any) -> None:
    browser = session_for(vikram, company)
    base = "/api/enterprise/campaigns"
    sent = {
        "name": "A", "goal": "B", "product": "C", "benefits": ["D", "E"], "weeks": 2,
        "landing_url": "https://veda.example/", "first_on": str(SOON), "budget_paise": 101,
        "channels": [{"channel": "google_ads"}, {"channel": "Print"}], "metric": "orders",
        "target": 5,
    }  # fmt: skip
    made = browser.post(base, sent, content_type="application/json")
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["document"]["grid"]["paise"] == [[26, 25], [25, 25]]
    url = f"{base}/{told['id']}"
    assert browser.get(url).json()["content_hash"] == told["content_hash"]
    assert [one["id"] for one in browser.get(base).json()["campaigns"]] == [told["id"]]
    stale = browser.post(f"{url}/approve", {"content_hash": "x"}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "campaign_changed")
    assert browser.get(f"{url}/files/media-plan").status_code == 409
    approval = {"content_hash": told["content_hash"]}
    answer = browser.post(f"{url}/approve", approval, content_type="application/json")
    assert answer.json()["state"] == "approved", answer.content
    assert browser.get(f"{url}/files/media-plan").status_code == 200
    assert browser.get(f"{url}/files/other").status_code == 404
