import re
from datetime import date, timedelta

import pytest

from local.business.engine import CATEGORIES, CITIES, LANGUAGES, STATES
from local.occasions.engine import (
    CATALOGUE,
    KINDS,
    MOTIFS,
    Override,
    occasions_between,
    occurrence_in_year,
)

YEARS = (2026, 2027, 2028)


def year_of(year, *, city="pune", category=None, overrides=()):
    return occasions_between(
        date(year, 1, 1),
        date(year, 12, 31),
        state=CITIES[city].state,
        city=city,
        category=category,
        overrides=overrides,
    )


def find(slug, year, city="pune"):
    return occurrence_in_year(slug, year, state=CITIES[city].state, city=city)


@pytest.mark.parametrize(
    ("slug", "city", "day"),
    [
        ("diwali", "pune", "2026-11-08"),
        ("diwali", "pune", "2027-10-29"),
        ("diwali", "pune", "2028-10-17"),
        ("dhanteras", "pune", "2026-11-06"),
        ("dhanteras", "pune", "2027-10-27"),
        ("vasu_baras", "pune", "2026-11-05"),
        ("akshaya_tritiya", "pune", "2026-04-19"),
        ("akshaya_tritiya", "pune", "2027-05-09"),
        ("gudi_padwa", "pune", "2026-03-19"),
        ("gudi_padwa", "pune", "2027-04-07"),
        ("holi", "indore", "2026-03-04"),
        ("holi", "pune", "2026-03-03"),
        ("holi", "pune", "2027-03-22"),
        ("rang_panchami", "indore", "2026-03-08"),
        ("rang_panchami", "indore", "2027-03-27"),
        ("raksha_bandhan", "delhi", "2026-08-28"),
        ("ganesh_chaturthi", "pune", "2026-09-14"),
        ("ganesh_visarjan", "mumbai", "2026-09-25"),
        ("karwa_chauth", "delhi", "2026-10-29"),
        ("bhai_dooj", "pune", "2026-11-11"),
        ("chhath_puja", "patna", "2026-11-15"),
        ("durga_puja", "kolkata", "2026-10-18"),
        ("onam", "kochi", "2026-08-26"),
        ("pongal", "chennai", "2027-01-15"),
        ("navratri_garba", "surat", "2026-10-11"),
        ("mysuru_dasara", "mysuru", "2026-10-11"),
        ("lohri", "ludhiana", "2027-01-13"),
        ("baisakhi", "amritsar", "2027-04-14"),
        ("bohag_bihu", "guwahati", "2027-04-14"),
        ("gujarati_new_year", "surat", "2026-11-10"),
        ("mothers_day", "pune", "2027-05-09"),
        ("fathers_day", "pune", "2027-06-20"),
        ("friendship_day", "pune", "2027-08-01"),
        ("black_friday", "pune", "2026-11-27"),
        ("good_friday", "pune", "2027-03-26"),
        ("ashura", "pune", "2027-06-16"),
        ("eid_al_fitr", "pune", "2027-03-10"),
        ("pitru_paksha", "pune", "2026-09-26"),
        ("monsoon_start", "kochi", "2027-06-01"),
        ("monsoon_start", "delhi", "2027-06-28"),
        ("dussehra", "kolkata", "2026-10-21"),
    ],
)
def test_the_date_of(slug, city, day):
    assert find(slug, int(day[:4]), city).date.isoformat() == day


def test_diwali_in_2026_is_a_row_between_dhanteras_and_bhai_dooj():
    row = occasions_between(date(2026, 11, 5), date(2026, 11, 11), state="MH", city="pune")
    kept = ["vasu_baras", "dhanteras", "diwali", "diwali_padwa", "bhai_dooj"]
    assert [each.slug for each in row if each.slug in kept] == kept


def test_rang_panchami_is_kept_in_indore_only():
    kept_in = [
        city.slug for city in CITIES.values() if find("rang_panchami", 2027, city.slug) is not None
    ]
    assert kept_in == ["indore"]
    assert find("rang_panchami", 2027, "indore").scope == "city"


@pytest.mark.parametrize(
    ("slug", "states"),
    [
        ("onam", {"KL"}),
        ("gujarati_new_year", {"GJ"}),
        ("gudi_padwa", {"MH", "GA"}),
        ("chhath_puja", {"BR", "JH", "UP", "DL"}),
        ("bohag_bihu", {"AS"}),
        ("mysuru_dasara", {"KA"}),
        ("bhopal_remembrance", {"MP"}),
    ],
)
def test_a_regional_occasion_is_kept_in(slug, states):
    found = {city.state for city in CITIES.values() if find(slug, 2027, city.slug)}
    assert found == states


def test_every_occasion_has_a_date_in_every_year_where_it_is_kept():
    capital_of = {city.state: city.slug for city in CITIES.values()}
    cities = set(capital_of.values()) | {
        slug for each in CATALOGUE.values() for slug in each.cities
    }
    missing = [
        f"{definition.slug} in {slug} {year}"
        for slug in sorted(cities)
        for year in YEARS
        for definition in CATALOGUE.values()
        if definition.scope_in(CITIES[slug].state, slug)
        and find(definition.slug, year, slug) is None
    ]
    assert missing == []


def test_the_answer_is_the_same_every_time_and_in_order():
    first, second = year_of(2027, category="salon"), year_of(2027, category="salon")
    assert first == second
    assert [each.date for each in first] == sorted(each.date for each in first)


def test_a_season_that_began_earlier_is_still_there():
    found = occasions_between(date(2026, 12, 1), date(2026, 12, 1), state="MH", city="pune")
    wedding = next(each for each in found if each.slug == "wedding_season")
    assert (wedding.date, wedding.ends_on) == (date(2026, 11, 21), date(2026, 12, 14))
    assert wedding.covers(date(2026, 12, 14)) and not wedding.covers(date(2026, 12, 15))


def test_what_does_not_matter_to_a_category_is_left_out():
    slugs = {each.slug for each in year_of(2027, category="clinic")}
    assert not slugs & {"karwa_chauth", "valentines_day", "wedding_season", "payday_week"}
    assert {"diwali", "world_health_day"} <= slugs


def test_moon_dependent_dates_say_expected_and_fixed_ones_do_not():
    assert (find("diwali", 2026).certain, find("diwali", 2026).date_note) == (False, "expected")
    assert find("eid_al_fitr", 2027).date_note_in("hi") == "तारीख़ संभावित"
    assert (find("christmas", 2026).certain, find("christmas", 2026).date_note) == (True, "")


def test_solemn_and_civic_days_carry_no_offers():
    solemn = {each.slug for each in CATALOGUE.values() if each.kind == "solemn"}
    assert solemn >= {
        "ashura",
        "good_friday",
        "gandhi_jayanti",
        "martyrs_day",
        "mahaparinirvan_diwas",
        "pitru_paksha",
        "mumbai_attacks_remembrance",
    }
    for definition in CATALOGUE.values():
        if definition.kind in ("solemn", "civic"):
            assert not definition.offers_allowed, definition.slug
    assert not CATALOGUE["republic_day"].offers_allowed
    assert not CATALOGUE["independence_day"].offers_allowed


def test_pitru_paksha_pauses_offers_on_every_day_of_it():
    for day in range(15):
        today = date(2026, 9, 26) + timedelta(days=day)
        running = occasions_between(today, today, state="MH", city="pune", category="sweet_shop")
        assert "pitru_paksha" in {each.slug for each in running if not each.offers_allowed}


def test_solemn_lines_hold_no_selling_words():
    selling = re.compile(
        r"offer|discount|sale|buy|shop|visit|order|book|ऑफ़र|ऑफर|छूट|सेल|ख़रीद|खरेदी|सवलत|khareed|"
        r"happy|mubarak|मुबारक|badhai|बधाई",
        re.IGNORECASE,
    )
    wrong = [
        (definition.slug, line)
        for definition in CATALOGUE.values()
        if definition.kind == "solemn"
        for lines in definition.greetings.values()
        for line in lines
        if selling.search(line)
    ]
    assert wrong == []


def test_every_occasion_has_names_and_greetings_in_every_language():
    missing = [
        f"{definition.slug}: {what} in {language}"
        for definition in CATALOGUE.values()
        for language in LANGUAGES
        for what, found in (
            ("name", definition.names.get(language)),
            ("two greetings", len(definition.greetings.get(language, ())) >= 2),
        )
        if not found
    ]
    assert missing == []


def test_the_check_for_missing_languages_sees_a_missing_one():
    definition = CATALOGUE["diwali"]
    assert "ta" not in definition.names and "ta" not in definition.greetings


def test_scripts_fit_their_language():
    for definition in CATALOGUE.values():
        for language, lines in definition.greetings.items():
            for line in lines:
                bare = re.sub(r"\{\w+\}", "", line)
                has_devanagari = bool(re.search(r"[\u0900-\u097f]", bare))
                assert has_devanagari == (language in ("hi", "mr")), (definition.slug, line)
                if language in ("hi", "mr"):
                    assert not re.search(r"[a-zA-Z]", bare), (definition.slug, line)


def test_hindi_ends_sentences_with_a_danda_and_marathi_with_a_full_stop():
    for definition in CATALOGUE.values():
        assert all(
            "। " not in line and not line.endswith("।") for line in definition.greetings["mr"]
        )
        assert all(line.endswith(("।", "?")) for line in definition.greetings["hi"]), (
            definition.slug
        )


def test_greetings_use_only_known_places_and_are_short():
    for definition in CATALOGUE.values():
        for lines in definition.greetings.values():
            assert len(set(lines)) == len(lines), definition.slug
            for line in lines:
                assert set(re.findall(r"\{(\w+)\}", line)) <= {"name", "city"}
                assert len(line) <= 110 and "!" not in line, line


def test_no_two_occasions_share_a_greeting():
    seen = {}
    for definition in CATALOGUE.values():
        for lines in definition.greetings.values():
            for line in lines:
                seen.setdefault(line, []).append(definition.slug)
    assert {line: slugs for line, slugs in seen.items() if len(slugs) > 1} == {}


def test_the_catalogue_uses_known_words_only():
    for definition in CATALOGUE.values():
        assert definition.kind in KINDS
        assert definition.motif in MOTIFS
        assert definition.source
        assert set(definition.states) | set(definition.except_states) <= set(STATES)
        assert set(definition.cities) <= set(CITIES)
        assert set(definition.categories) == set(CATEGORIES)
        assert set(definition.categories.values()) <= {0, 1, 2, 3}
        assert max(definition.categories.values()) > 0
        assert min(definition.preparation_days.values()) >= 1


def test_every_dated_row_was_reviewed():
    dated = [each for each in CATALOGUE.values() if each.dated]
    assert len(dated) == 19
    for definition in dated:
        assert definition.reviewed_on == date(2026, 11, 22)
        assert {on.year for on, _days in definition.dated} >= set(YEARS)


def test_every_city_has_something_in_every_quarter():
    for city in CITIES.values():
        for month in (1, 4, 7, 10):
            found = occasions_between(
                date(2027, month, 1), date(2027, month + 2, 28), state=city.state, city=city.slug
            )
            assert len(found) >= 6, (city.slug, month)


def test_payday_week_comes_every_month():
    days = [each.date for each in year_of(2027) if each.slug == "payday_week"]
    assert days == [date(2027, month, 1) for month in range(1, 13)]


def test_an_override_of_another_year_changes_nothing():
    assert year_of(2027, overrides=[Override("muted", "diwali", 2026)]) == year_of(2027)
