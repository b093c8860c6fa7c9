from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from local.business.selectors import business_of, facts_of
from local.occasions.errors import (
    CannotBeMoved,
    InvalidOccasion,
    MovedTooFar,
    OccasionAlreadyAdded,
    UnknownOccasion,
)
from local.occasions.models import OccasionOverride
from local.occasions.selectors import changes_of_workspace, occasions_for
from local.occasions.services import (
    occasion_add,
    occasion_move,
    occasion_mute,
    occasion_restore,
)
from marketing_platform.core import clock

pytestmark = pytest.mark.django_db
NOW = clock.now()
EARLIER = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def facts(in_local_workspace):
    return facts_of(business_of(in_local_workspace))


def slugs(facts):
    found = occasions_for(facts, date(2026, 11, 1), date(2026, 11, 30))
    return {each.slug: each.date for each in found}


def test_a_move_is_seen_replaced_and_undone(facts):
    occasion_move(facts=facts, slug="diwali", year=2026, on=date(2026, 11, 9), now=NOW)
    assert slugs(facts)["diwali"] == date(2026, 11, 9)
    occasion_move(facts=facts, slug="diwali", year=2026, on=date(2026, 11, 7), now=NOW)
    assert slugs(facts)["diwali"] == date(2026, 11, 7)
    assert OccasionOverride.objects.count() == 1
    assert occasion_restore(slug="diwali", year=2026)
    assert slugs(facts)["diwali"] == date(2026, 11, 8)
    assert not occasion_restore(slug="diwali", year=2026)


def test_muting_leaves_an_occasion_out_of_that_year_only(facts):
    occasion_mute(facts=facts, slug="diwali", year=2026, now=NOW)
    occasion_mute(facts=facts, slug="diwali", year=2026, now=NOW)
    assert "diwali" not in slugs(facts)
    next_year = occasions_for(facts, date(2027, 10, 29), date(2027, 10, 29))
    assert "diwali" in {each.slug for each in next_year}


def test_an_added_day_is_there_once(facts):
    row = occasion_add(title="  दुकान का  जन्मदिन ", on=date(2026, 11, 19), now=EARLIER)
    assert slugs(facts)[row.slug] == date(2026, 11, 19)
    with pytest.raises(OccasionAlreadyAdded):
        occasion_add(title="दुकान का जन्मदिन", on=date(2026, 11, 19), now=EARLIER)
    assert [(each.action, each.names["en"]) for each in changes_of_workspace()] == [
        ("added", "दुकान का जन्मदिन")
    ]


def test_what_is_not_kept_here_cannot_be_changed(facts):
    for slug, year in (("onam", 2026), ("nonsense", 2026), ("diwali", 1), ("diwali", 9999)):
        with pytest.raises(UnknownOccasion):
            occasion_mute(facts=facts, slug=slug, year=year, now=NOW)
    assert OccasionOverride.objects.count() == 0


def test_the_limits_of_moving(facts):
    with pytest.raises(MovedTooFar) as caught:
        occasion_move(facts=facts, slug="diwali", year=2026, on=date(2027, 1, 1), now=NOW)
    assert caught.value.english == "Date: choose a day within 45 days of 2026-11-08."
    with pytest.raises(CannotBeMoved):
        occasion_move(facts=facts, slug="wedding_season", year=2026, on=date(2026, 11, 22), now=NOW)
    with pytest.raises(CannotBeMoved):
        occasion_move(facts=facts, slug="payday_week", year=2026, on=date(2026, 1, 2), now=NOW)


@pytest.mark.parametrize("title", ["", "   ", "\x00", "x" * 61])
def test_bad_titles_are_refused(facts, title):
    with pytest.raises(InvalidOccasion) as caught:
        occasion_add(title=title, on=date(2026, 11, 19), now=EARLIER)
    assert caught.value.field == "title"


def test_a_clinic_keeps_no_wedding_season(facts):
    clinic = replace(facts, category="clinic")
    assert "wedding_season" in slugs(facts)
    assert "wedding_season" not in slugs(clinic)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"action": "eaten", "on": date(2026, 1, 1)}, "a_change_is_moved_muted_or_added"),
        ({"action": "moved"}, "a_moved_or_added_occasion_has_a_day"),
        ({"action": "muted", "on": date(2026, 1, 1)}, "a_moved_or_added_occasion_has_a_day"),
        ({"action": "added", "on": date(2026, 1, 1)}, "only_an_added_occasion_has_a_title"),
        ({"action": "muted", "title": "x"}, "only_an_added_occasion_has_a_title"),
    ],
)
def test_the_database_refuses_half_a_change(facts, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OccasionOverride.objects.create(slug="diwali", year=2026, changed_at=NOW, **values)


def test_the_database_keeps_one_change_per_occasion_and_year(facts):
    occasion_mute(facts=facts, slug="diwali", year=2026, now=NOW)
    again = OccasionOverride(slug="diwali", year=2026, action="muted", changed_at=NOW)
    refused = pytest.raises(IntegrityError, match="one_change_per_occasion_and_year")
    with refused, transaction.atomic():
        again.save()


@pytest.mark.parametrize("on", [date(1, 1, 1), date(2026, 10, 31), date(2150, 1, 1), date.max])
def test_a_day_that_no_page_would_show_is_not_added(in_local_workspace, on):
    with pytest.raises(InvalidOccasion) as caught:
        occasion_add(title="Fair", on=on, now=EARLIER)
    assert caught.value.field == "on"
    assert not OccasionOverride.objects.exists()
