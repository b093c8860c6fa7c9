"""The quality page: what is wrong, one button, and taking it back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from enterprise.data_sources import selectors, services
from enterprise.data_sources.errors import FixGone
from enterprise.data_sources.models import QualityFix, SpendRow
from marketing_platform.tenants.context import tenant_context

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
TODAY = date(2026, 7, 1)
MERGE = "alike_names|spend|channel|Radio Ads / radio ads"


@pytest.fixture
def uploaded(in_enterprise_workspace):
    lines = ["Date,Channel,Campaign,Cost"]
    for week in range(30):
        day = date(2025, 11, 3) + timedelta(weeks=week)
        lines += [f"{day},Radio Ads,A,{100 + 7 * week % 90}", f"{day},radio ads,B,50"]
    lines.append("2031-01-06,Radio Ads,A,5")
    draft = services.draft_create(
        content="\n".join(lines).encode(), file_name="p.csv", actor_id=None, now=NOW
    )
    return services.draft_import(draft=draft, good_rows_only=False, may_replace=False, now=NOW)


def fix(key):
    return services.fix_apply(key=key, actor_id=None, today=TODAY, now=NOW)


def test_merging_names_makes_one_channel_and_can_be_taken_back(uploaded):
    before, hash_before = selectors.spend_by("week"), selectors.rows_hash()
    assert before.channels == ("Radio Ads", "radio ads")
    made = fix(MERGE)
    merged = selectors.spend_by("week")
    assert merged.channels == ("Radio Ads",)
    assert [sum(row) for row in merged.paise] == [sum(row) for row in before.paise]
    assert selectors.rows_hash() != hash_before
    assert selectors.quality_of_workspace(TODAY).issue_of(MERGE) is None
    services.fix_undo(fix=made)
    assert selectors.spend_by("week") == before
    assert selectors.rows_hash() == hash_before


def test_rows_left_out_are_kept_and_come_back(uploaded):
    made = fix("future_dates|spend|date|")
    assert (made.rows, SpendRow.objects.count()) == (1, 61)
    assert selectors.spend_by("week").periods[-1] < TODAY
    assert selectors.quality_of_workspace(TODAY).issue_of("future_dates|spend|date|") is None
    services.fix_undo(fix=made)
    assert selectors.quality_of_workspace(TODAY).issue_of("future_dates|spend|date|").n == 1


def test_a_decision_about_something_gone_is_refused(uploaded):
    fix(MERGE)
    for key in (MERGE, "nothing", "", "x" * 5_000, "little_overlap|spend|date|"):
        with pytest.raises(FixGone):
            fix(key)
    assert QualityFix.objects.count() == 1


def test_a_decision_goes_with_a_file_that_is_uploaded_anew(uploaded):
    fix("future_dates|spend|date|")
    services.batch_undo(batch=uploaded, now=NOW)
    assert SpendRow.objects.count() == 0
    assert selectors.spend_by("week").periods == ()


@pytest.fixture
def client(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


def test_the_page_of_an_empty_workspace_says_what_to_do(client):
    page = client.get("/data/quality/")
    assert page.status_code == 200
    assert "Nothing to judge yet" in page.content.decode()


def test_the_page_shows_issues_and_its_button_works(uploaded, client, enterprise_tenant):
    page = client.get("/data/quality/").content.decode()
    assert "look like one and the same" in page
    assert "Where budget works · Not yet" in " ".join(page.split())
    answer = client.post("/data/quality/fix/", {"issue": MERGE}, follow=True)
    text = answer.content.decode()
    assert "they are read as “Radio Ads” from now on" in text
    assert "What you decided" in text
    with tenant_context(enterprise_tenant):
        made = QualityFix.objects.get()
    text = client.post(f"/data/quality/fixes/{made.pk}/undo/", follow=True).content.decode()
    assert "Taken back" in text
    text = client.post(f"/data/quality/fixes/{made.pk}/undo/", follow=True).content.decode()
    assert "may have been taken back already" in text


def test_a_stranger_sees_and_changes_nothing(uploaded, workspace_client, enterprise_tenant, meera):
    stranger = workspace_client(enterprise_tenant, meera)
    assert stranger.get("/data/quality/").status_code in {302, 403, 404}
    assert stranger.post("/data/quality/fix/", {"issue": MERGE}).status_code in {302, 403, 404}
    with tenant_context(enterprise_tenant):
        assert QualityFix.objects.count() == 0


def test_strange_text_in_the_form_is_no_error(uploaded, client):
    for issue in ("\x00", "\ud800", "a" * 100_000):
        answer = client.post("/data/quality/fix/", {"issue": issue.encode("utf-8", "replace")})
        assert answer.status_code in {302, 400}


def test_the_data_page_shows_sources_with_their_last_day(uploaded, client):
    page = client.get("/data/").content.decode()
    assert "Spend by channel" in page
    assert "Up to 6 Jan 2031" in page
