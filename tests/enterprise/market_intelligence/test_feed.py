"""The feed of a workspace: computed once, ranked, traced, looked after."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from enterprise.data_sources.models import DataSource, Deal, ImportBatch, StageChange
from enterprise.data_sources.services import sample_show
from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.errors import FindingMissing, RunMissing, SnoozeInvalid
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.market_intelligence.models import FindingCare, FindingComment, InsightRun
from enterprise.market_intelligence.selectors import evidence_of, latest_findings
from enterprise.market_intelligence.services import feed_refresh, finding_comment, finding_snooze
from enterprise.market_intelligence.tasks import insights_find, insights_job
from marketing_platform.jobs.models import Job
from marketing_platform.notifications.models import Notification
from marketing_platform.tenants.context import tenant_context
from tests.enterprise.market_intelligence.made_deals import made

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def deals_store(count=400, seed=1, **how):
    source = DataSource.objects.create(kind="deals", name=f"CRM {seed}", created_at=NOW)
    ImportBatch.objects.create(
        source=source, state="imported", file_name="deals.csv", sha256=f"d{seed}",
        created_at=NOW, imported_at=NOW,
    )  # fmt: skip
    for row in made(count, seed, **how):
        deal = Deal.objects.create(
            source=source, external_id=row.id, account=row.account, amount=row.amount_paise,
            stage=row.stage, created_on=row.created_on, closed_on=row.closed_on,
            is_won=row.is_won, came_from=row.source, stored_at=NOW,
        )  # fmt: skip
        for stay in row.history:
            StageChange.objects.create(
                source=source, deal=deal, stage=stay.stage, entered_at=stay.entered_at,
                left_at=stay.left_at, external_id=f"{row.id}:{stay.stage}",
            )  # fmt: skip


@pytest.mark.usefixtures("in_enterprise_workspace")
class TestComputing:
    def test_the_sample_gives_findings_with_rupees_and_evidence(self):
        sample_show(today=TODAY, now=NOW)
        feed_refresh(now=NOW)
        found = latest_findings(today=TODAY)
        assert {Kind.LEVEL_SHIFT, Kind.FORECAST} <= {each.kind for each in found}
        shift = next(each for each in found if each.kind is Kind.LEVEL_SHIFT)
        assert (shift.metric, shift.grade) == ("Meta Ads · cost per lead", "A")
        assert shift.effect.low_paise > 0
        evidence = evidence_of(shift.run_hash)
        assert shift in evidence.findings
        assert evidence.rows_used > 700
        assert len(evidence.rows_hash) == 64
        assert evidence.as_of == date(2026, 11, 22)

    def test_the_effect_is_the_step_times_the_leads_of_thirteen_weeks(self):
        sample_show(today=TODAY, now=NOW)
        feed_refresh(now=NOW, is_whole=False)
        shift = next(each for each in latest_findings() if each.kind is Kind.LEVEL_SHIFT)
        from enterprise.market_intelligence.selectors import current_figures

        leads = sorted(current_figures().leads["meta_ads"].items())[-13:]
        expected = shift.value * 100 * sum(count for _week, count in leads)
        assert shift.effect.paise == pytest.approx(expected, rel=1e-6)

    def test_the_same_figures_are_computed_once(self):
        sample_show(today=TODAY, now=NOW)
        first = feed_refresh(now=NOW)
        runs = set(InsightRun.objects.values_list("pk", flat=True))
        again = feed_refresh(now=NOW + timedelta(days=3))
        assert again.pk == first.pk
        assert set(InsightRun.objects.values_list("pk", flat=True)) == runs

    def test_deals_bring_rates_and_a_changed_deal_another_hash(self):
        deals_store()
        feed_refresh(now=NOW, is_whole=False)
        before = next(each for each in latest_findings() if each.kind is Kind.CONVERSION)
        assert before.low < 0.6 * 0.5 * 0.7 < before.high
        Deal.objects.filter(is_won=False).first().delete()
        Deal.objects.filter(is_won=True).update(stored_at=NOW + timedelta(hours=1))
        feed_refresh(now=NOW + timedelta(hours=1), is_whole=False)
        after = next(each for each in latest_findings() if each.kind is Kind.CONVERSION)
        assert after.run_hash != before.run_hash
        assert before in evidence_of(before.run_hash).findings

    def test_an_empty_workspace_has_nothing_and_starts_nothing(self):
        assert feed_refresh(now=NOW) is None
        result = IntelligenceEngine().get_feed()
        assert (result.findings, result.refusals, result.job) == ((), (), None)
        assert Job.objects.count() == 0

    def test_what_is_missing_is_said(self):
        sample_show(today=TODAY, now=NOW)
        feed_refresh(now=NOW)
        needs = [each.needs for each in IntelligenceEngine().get_feed().refusals]
        assert "At least 60 deals with the day they were created; you have 0." in needs

    def test_the_slow_part_is_one_job_until_it_is_done(self):
        sample_show(today=TODAY, now=NOW)
        first, second = IntelligenceEngine().get_feed(), IntelligenceEngine().get_feed()
        assert first.job == second.job
        assert Job.objects.count() == 1
        assert not any(each.kind is Kind.FORECAST for each in first.findings)
        told = []
        insights_job({}, lambda done, message="", **_params: told.append(done))
        assert told == sorted(told) and told[-1] == 1.0
        whole = IntelligenceEngine().get_feed()
        assert whole.job is None
        assert any(each.kind is Kind.FORECAST for each in whole.findings)

    def test_a_failed_job_is_shown_and_not_started_again_by_itself(self):
        sample_show(today=TODAY, now=NOW)
        IntelligenceEngine().get_feed()
        Job.objects.update(state="failed", ended_at=NOW)
        assert IntelligenceEngine().get_feed().job.state == "failed"
        assert Job.objects.count() == 1

    @pytest.mark.slow
    def test_new_findings_of_own_figures_are_told_once(self):
        deals_store(800, 1, rates=(0.7, 0.7, 0.3), days=(5, 40, 5))
        insights_find(None)
        assert Notification.objects.filter(kind="finding").count() == 0
        deals_store(800, 2, rates=(0.7, 0.2, 0.8), days=(40, 5, 5))
        Deal.objects.filter(source__name="CRM 1").delete()
        Deal.objects.update(stored_at=NOW + timedelta(hours=2))
        insights_find(None)
        assert Notification.objects.filter(kind="finding").count() == 1
        insights_find(None)
        assert Notification.objects.filter(kind="finding").count() == 1

    def test_a_snoozed_finding_is_gone_until_its_day(self):
        sample_show(today=TODAY, now=NOW)
        feed_refresh(now=NOW, is_whole=False)
        key = latest_findings(today=TODAY)[0].key
        finding_snooze(key=key, days=7, actor_id=uuid.uuid4(), now=NOW)
        assert key not in {each.key for each in latest_findings(today=TODAY)}
        later = TODAY + timedelta(days=7)
        assert key in {each.key for each in latest_findings(today=later)}
        with pytest.raises(SnoozeInvalid):
            finding_snooze(key=key, days=8, actor_id=uuid.uuid4(), now=NOW)

    def test_a_finding_that_is_not_there_cannot_be_looked_after(self):
        with pytest.raises(FindingMissing):
            finding_comment(key="trend|nothing", text="x", actor_id=uuid.uuid4(), now=NOW)
        assert FindingComment.objects.count() == 0

    @pytest.mark.parametrize("bad", ["", "x", "\x00", "ab" * 32, "a" * 5000, "é" * 64])
    def test_an_unknown_hash_is_missing(self, bad):
        with pytest.raises(RunMissing):
            evidence_of(bad)


@pytest.fixture
def client(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


@pytest.fixture
def key(client, enterprise_tenant):
    client.get("/")
    with tenant_context(enterprise_tenant):
        return latest_findings()[0].key


def test_the_overview_says_what_it_means_in_rupees_and_what_to_decide(client):
    page = client.get("/").content.decode()
    assert "over thirteen weeks" in page
    assert "To decide" in page
    assert "Finding segments and forecasting" in page


def test_a_finding_is_given_commented_and_put_away(client, key, enterprise_tenant, vikram):
    client.post("/insights/assign/", {"key": key, "assignee": str(vikram.pk)})
    client.post("/insights/comment/", {"key": key, "text": "<b>Landing page\x00 moved</b>"})
    page = client.get("/insights/?show=mine").content.decode()
    assert "&lt;b&gt;Landing page moved&lt;/b&gt;" in page
    answer = client.post("/insights/snooze/", {"key": key, "days": "30", "next": "/insights/"})
    assert (answer.status_code, answer["Location"]) == (302, "/insights/")
    with tenant_context(enterprise_tenant):
        care = FindingCare.objects.get()
        assert (care.finding_key, care.assignee_id) == (key, vikram.pk)
    assert "Away until" in client.get("/insights/?show=snoozed").content.decode()
    client.post("/insights/snooze/", {"key": key, "days": "0"})
    assert "Away until" not in client.get("/insights/?show=snoozed").content.decode()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("assign", {"assignee": "not-a-person"}),
        ("assign", {"assignee": str(uuid.uuid4())}),
        ("comment", {"text": " "}),
        ("comment", {"text": "x" * 1001}),
        ("snooze", {"days": "8"}),
        ("snooze", {"days": "9" * 400}),
        ("snooze", {}),
    ],
)
def test_bad_forms_change_nothing_and_say_why(client, key, path, form, enterprise_tenant):
    answer = client.post(f"/insights/{path}/", {"key": key, "next": "//evil.example", **form})
    assert (answer.status_code, answer["Location"]) == (302, "/insights/")
    with tenant_context(enterprise_tenant):
        assert FindingCare.objects.count() == FindingComment.objects.count() == 0


def test_a_viewer_may_not_look_after_findings(
    client, key, enterprise_tenant, meera, workspace_client
):
    from marketing_platform.users.models import Membership

    Membership.objects.create(user=meera, tenant=enterprise_tenant, role="viewer")
    viewer = workspace_client(enterprise_tenant, meera)
    for path in ("assign", "comment", "snooze", "recompute"):
        assert viewer.post(f"/insights/{path}/", {"key": key, "text": "x"}).status_code == 403
    assert "Who looks after it" not in viewer.get("/insights/").content.decode()
    with tenant_context(enterprise_tenant):
        assert FindingComment.objects.count() == 0


def test_the_filter_keeps_one_kind_and_ignores_nonsense(client, key):
    page = client.get("/insights/?kind=level_shift").content.decode()
    assert "moved up by about" in page and "Unusual value ·" not in page
    assert client.get("/insights/?kind=nothing&show=x&page=zz").status_code == 200


def test_whole_feed_and_evidence_are_pages_in_both_languages(client, enterprise_tenant):
    with tenant_context(enterprise_tenant):
        deals_store(800, 1, rates=(0.7, 0.7, 0.3), days=(5, 40, 5), has_groups=True)
        feed_refresh(now=NOW)
        found = latest_findings()
    assert {Kind.BOTTLENECK, Kind.SEGMENT, Kind.FORECAST} <= {each.kind for each in found}
    for language in ("en", "hi"):
        client.cookies["django_language"] = language
        for kind in ("", *{each.kind for each in found}):
            assert client.get(f"/insights/?kind={kind}").status_code == 200
        for run_hash in {each.run_hash for each in found}:
            assert client.get(f"/insights/runs/{run_hash}/").status_code == 200
    assert client.get("/insights/runs/zz/").status_code == 404


def test_the_api_lists_filters_and_pages(client, key):
    body = client.get("/api/enterprise/insights?limit=2").json()
    assert len(body["findings"]) == 2
    assert (body["next_cursor"], body["is_sample"], body["is_computing"]) == (2, True, True)
    assert body["findings"][0]["key"] == key
    rest = client.get("/api/enterprise/insights?limit=100&cursor=2").json()
    assert key not in {each["key"] for each in rest["findings"]}
    shifts = client.get("/api/enterprise/insights?kind=level_shift&is_clear=true").json()
    assert {each["kind"] for each in shifts["findings"]} == {"level_shift"}
    run_hash = body["findings"][0]["run_hash"]
    evidence = client.get(f"/api/enterprise/insights/{run_hash}").json()
    assert key in {each["key"] for each in evidence["findings"]}


@pytest.mark.parametrize("query", ["kind=x", "limit=0", "limit=101", "cursor=-1", "limit=%00"])
def test_bad_questions_are_refused(client, key, query):
    answer = client.get(f"/api/enterprise/insights?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


def test_an_unknown_run_is_404_and_says_so(client):
    answer = client.get("/api/enterprise/insights/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "run_missing")


def test_meera_sees_nothing(workspace_client, enterprise_tenant, meera):
    stranger = workspace_client(enterprise_tenant, meera)
    assert stranger.get("/api/enterprise/insights").status_code in {401, 403}
    with tenant_context(enterprise_tenant):
        assert InsightRun.objects.count() == 0
