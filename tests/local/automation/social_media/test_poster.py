from dataclasses import replace
from datetime import date

import pytest

from local.automation.social_media.engine import (
    LANGUAGES,
    NETWORKS,
    Brand,
    OwnerBook,
    compose_day,
    poster_plan,
)
from local.automation.social_media.engine.poster import POSTERS


def plan_of(situation, language="en"):
    composed = compose_day(situation, languages=LANGUAGES, networks=NETWORKS)
    return poster_plan(situation, composed.pick, composed.posters[language], language)


def test_every_design_that_is_chosen_exists(situation):
    chosen = {
        plan_of(situation(date(2026, month, day), category=category)).source
        for category in ("salon", "clinic", "sweet_shop")
        for month in (1, 5, 10, 11)
        for day in (*range(1, 29, 3), 2)
    }
    assert {path.stem for path in chosen} == {"bold", "split", "festive", "calm", "notice"}
    assert all(path.exists() for path in chosen)


def test_a_solemn_day_is_calm_without_motif_photo_or_call(situation):
    book = OwnerBook(brand=Brand(owner_photo_digest="ab12"))
    plan = plan_of(situation(date(2026, 10, 2), book=book))
    assert plan.design == "calm"
    assert plan.payload["motif"] == ""
    assert plan.payload["photo"] is False
    assert plan.payload["call_to_action"] == ""


@pytest.mark.parametrize(
    ("category", "expected"), [("sweet_shop", "11526000000123"), ("salon", ""), ("clinic", "")]
)
def test_the_licence_number_stands_on_food_posters_only(situation, category, expected):
    plan = plan_of(situation(category=category, licence_number="11526000000123"))
    assert plan.payload["licence_number"] == expected


def test_the_phone_is_written_as_people_write_it(situation):
    assert plan_of(situation(phone="+912026123456")).payload["phone"] == "020 2612 3456"
    assert plan_of(situation(phone="")).payload["phone"] == ""


def test_the_owners_colours_come_before_those_of_the_profile(situation):
    book = OwnerBook(brand=Brand(primary_colour="#102030"))
    payload = plan_of(situation(book=book, accent_colour="#fde68a")).payload
    assert (payload["primary_colour"], payload["accent_colour"]) == ("#102030", "#fde68a")


def test_the_key_changes_with_everything_that_changes_the_picture(situation):
    usual = plan_of(situation())
    assert plan_of(situation()).key == usual.key
    others = [
        plan_of(situation(), "hi"),
        plan_of(situation(name="Other Salon")),
        plan_of(situation(phone="+919876543210")),
        plan_of(situation(book=OwnerBook(brand=Brand(primary_colour="#102030")))),
        plan_of(situation(book=OwnerBook(brand=Brand(owner_photo_digest="ab12")))),
        plan_of(situation(book=OwnerBook(brand=Brand(owner_photo_digest="cd34")))),
    ]
    keys = [plan.key for plan in [usual, *others]]
    assert len(set(keys)) == len(keys)


def test_no_design_names_a_flag_map_leader_or_deity():
    for path in POSTERS.glob("*.typ"):
        names = [word for word in path.read_text("utf-8").split() if word.startswith("#let")]
        assert names is not None
        for forbidden in ("tiranga", "chakra", "ganesh", "gandhi", "india-map", "lion-capital"):
            assert forbidden not in path.read_text("utf-8").lower()


def test_a_changed_brand_is_all_that_differs(situation):
    plain = situation()
    coloured = replace(plain, book=OwnerBook(brand=Brand(primary_colour="#102030")))
    first, second = plan_of(plain).payload, plan_of(coloured).payload
    assert {key for key in first if first[key] != second[key]} == {"primary_colour"}
