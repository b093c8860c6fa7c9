"""Drafts, imports, replacing and undoing, in vikram's workspace."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from enterprise.data_sources import selectors, services
from enterprise.data_sources.engine.contracts import DateOrder, FileKind, Role
from enterprise.data_sources.errors import (
    AlreadyImported,
    FileUnreadable,
    ImportChanged,
    LaterImportFirst,
    NothingToImport,
    RowsHaveProblems,
    WouldReplace,
)
from enterprise.data_sources.models import (
    DataSource,
    ImportBatch,
    LeadCount,
    MetricPoint,
    SpendRow,
)

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def draft(content, name="report.csv"):
    return services.draft_create(content=content, file_name=name, actor_id=None, now=NOW)


def take_in(content, name="report.csv", **choices):
    options = {"good_rows_only": False, "may_replace": False} | choices
    return services.draft_import(draft=draft(content, name), now=NOW, **options)


def live(model):
    return model.objects.filter(replaced_by__isnull=True)


def total_cost():
    return sum(live(SpendRow).values_list("cost", flat=True))


def test_an_import_stores_paise_and_lets_the_file_go(google_file):
    batch = take_in(google_file)
    row = SpendRow.objects.get(date=date(2026, 1, 5), campaign="Search | Brand")
    assert (row.channel, row.cost, row.leads) == ("google_ads", 10_450_050, Decimal("21.00"))
    assert (batch.rows_imported, batch.totals_left_out, batch.grain) == (16, 2, "week")
    assert batch.content is None
    assert batch.source.name == "Google Ads"


def test_the_same_file_twice_is_said_to_be_in_already(google_file):
    take_in(google_file)
    with pytest.raises(AlreadyImported, match=r"report\.csv"):
        draft(google_file)
    assert SpendRow.objects.count() == 16


def test_two_drafts_of_one_file_import_once(google_file):
    first, second = draft(google_file), draft(google_file)
    services.draft_import(draft=first, good_rows_only=False, may_replace=True, now=NOW)
    with pytest.raises(AlreadyImported):
        services.draft_import(draft=second, good_rows_only=False, may_replace=True, now=NOW)
    assert live(SpendRow).count() == 16


def test_a_double_click_imports_once(google_file):
    found = draft(google_file)
    again = ImportBatch.objects.get(pk=found.pk)
    services.draft_import(draft=found, good_rows_only=False, may_replace=False, now=NOW)
    with pytest.raises(ImportChanged):
        services.draft_import(draft=again, good_rows_only=False, may_replace=True, now=NOW)
    assert live(SpendRow).count() == 16


def test_the_same_period_is_replaced_on_confirmation_and_never_doubled(google_file):
    take_in(google_file)
    before = total_cost()
    corrected = google_file.replace(b"1,04,500.50", b"1,04,600.50")
    with pytest.raises(WouldReplace, match="Google Ads already has data"):
        take_in(corrected)
    assert total_cost() == before
    take_in(corrected, may_replace=True)
    assert live(SpendRow).count() == 16
    assert total_cost() == before + 10_000


def test_undoing_brings_back_what_was_replaced(google_file):
    first = take_in(google_file)
    before = total_cost()
    second = take_in(google_file.replace(b"1,04,500.50", b"1,04,600.50"), may_replace=True)
    with pytest.raises(LaterImportFirst):
        services.batch_undo(batch=first, now=NOW)
    services.batch_undo(batch=second, now=NOW)
    assert total_cost() == before
    services.batch_undo(batch=first, now=NOW)
    assert SpendRow.objects.count() == 0
    with pytest.raises(ImportChanged):
        services.batch_undo(batch=first, now=NOW)


def test_an_undone_file_can_be_imported_again(google_file):
    services.batch_undo(batch=take_in(google_file), now=NOW)
    take_in(google_file)
    assert live(SpendRow).count() == 16


def test_bad_rows_stop_the_import_unless_left_out_on_purpose():
    content = b"Date,Orders\n2026-01-01,3\n2026-01-02,many\n2026-01-03,4\n"
    with pytest.raises(RowsHaveProblems, match="1 rows have problems"):
        take_in(content)
    assert MetricPoint.objects.count() == 0
    batch = take_in(content, good_rows_only=True)
    assert (batch.rows_imported, batch.rows_left_out) == (2, 1)
    assert MetricPoint.objects.count() == 2


def test_a_file_without_a_good_row_is_refused():
    with pytest.raises(NothingToImport):
        take_in(b"Date,Orders\nsoon,3\nlater,4\n", good_rows_only=True)
    assert DataSource.objects.filter(is_sample=False).count() == 0


def test_an_unreadable_file_leaves_nothing():
    with pytest.raises(FileUnreadable):
        draft(b"%PDF-1.7")
    assert ImportBatch.objects.count() == 0


def test_a_person_can_change_the_columns():
    found = draft(b"Date,Orders,Visits\n01/02/2026,3,9\n02/02/2026,4,8\n")
    assert services.draft_preview(draft=found).parsed is None
    services.draft_map(
        draft=found,
        kind=FileKind.METRICS,
        roles=(Role.DATE, Role.METRIC, Role.IGNORE),
        date_order=DateOrder.DAY_FIRST,
        source_name="Shop",
    )
    services.draft_import(draft=found, good_rows_only=False, may_replace=False, now=NOW)
    points = MetricPoint.objects.values_list("series", "date", "value")
    assert list(points.order_by("date")) == [
        ("Orders", date(2026, 2, 1), Decimal(3)),
        ("Orders", date(2026, 2, 2), Decimal(4)),
    ]
    assert DataSource.objects.get(is_sample=False).name == "Shop"


def test_another_kind_guesses_the_columns_anew(leads_file):
    found = draft(leads_file)
    services.draft_map(
        draft=found, kind=FileKind.METRICS, roles=(), date_order=DateOrder.UNKNOWN, source_name="x"
    )
    assert services.draft_preview(draft=found).mapping.kind is FileKind.METRICS


def test_old_drafts_go_with_their_files(google_file, meta_file):
    draft(google_file)
    services.draft_create(
        content=meta_file, file_name="m.csv", actor_id=None, now=NOW + timedelta(hours=25)
    )
    assert list(ImportBatch.objects.values_list("file_name", flat=True)) == ["m.csv"]


def test_own_data_takes_the_place_of_the_sample(google_file):
    services.sample_show(today=date(2026, 7, 1), now=NOW)
    assert selectors.has_sample()
    take_in(google_file)
    assert not selectors.has_sample()
    assert SpendRow.objects.count() == 16
    services.sample_show(today=date(2026, 7, 1), now=NOW)
    assert SpendRow.objects.count() == 16


def test_the_sample_can_be_cleared_and_shown_again():
    services.sample_show(today=date(2026, 7, 1), now=NOW)
    services.sample_show(today=date(2026, 7, 1), now=NOW)
    assert SpendRow.objects.count() == 104 * 5
    services.sample_clear(now=NOW)
    assert (SpendRow.objects.count(), LeadCount.objects.count()) == (0, 0)
    services.sample_show(today=date(2026, 7, 1), now=NOW)
    assert LeadCount.objects.count() == 104 * 3


def test_leads_are_attributed_by_source(google_file, leads_file):
    take_in(google_file)
    take_in(leads_file, "leads.csv")
    figures = selectors.marketing_figures()
    assert figures.attribution == "by_source"
    assert figures.spend["google_ads"][date(2026, 1, 5)] == 10_450_050 + 200_000
    # Days 5 to 11 January hold leads 0 to 6: numbers 0 and 4 come from Google Ads.
    assert figures.leads["google_ads"][date(2026, 1, 5)] == 2


def test_leads_without_source_are_set_against_all_spend(google_file, meta_file):
    take_in(google_file)
    take_in(meta_file, "meta.csv")
    take_in(b"Week,Leads\n2026-01-05,40\n2026-01-12,44\n2026-01-19,39\n", "leads.csv")
    figures = selectors.marketing_figures()
    assert figures.attribution == "total"
    assert figures.leads[""] == {
        date(2026, 1, 5): 40, date(2026, 1, 12): 44, date(2026, 1, 19): 39,
    }  # fmt: skip


def test_without_a_lead_file_the_platforms_count():
    content = b"Day,Campaign,Cost,Clicks,Conversions\n" + b"".join(
        b"2026-01-%02d,A,100,5,2\n" % day for day in range(5, 19)
    )
    take_in(content)
    figures = selectors.marketing_figures()
    assert figures.attribution == "by_platform"
    assert figures.leads["google_ads"] == {date(2026, 1, 5): 14, date(2026, 1, 12): 14}


def test_incomplete_weeks_are_left_out_and_silent_weeks_are_zero():
    lines = [b"Day,Campaign,Cost,Clicks"]
    lines += [b"2026-01-%02d,A,100,5" % day for day in (7, 8, 9, 10, 11)]
    lines += [b"2026-01-%02d,A,100,5" % day for day in range(19, 29)]
    take_in(b"\n".join(lines))
    assert selectors.marketing_figures().spend["google_ads"] == {
        date(2026, 1, 12): 0,
        date(2026, 1, 19): 70_000,
    }
