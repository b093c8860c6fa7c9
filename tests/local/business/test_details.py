import pytest

from local.business.engine.details import (
    clean_address,
    clean_budget_band,
    clean_colour,
    clean_languages,
    clean_licence,
    clean_name,
    clean_phone,
)
from local.business.errors import InvalidDetail


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Asha   Mithai ", "Asha Mithai"),
        ("आशा मिठाई भंडार", "आशा मिठाई भंडार"),
        ("Café ☕️ Asha 👩‍🍳", "Café ☕️ Asha 👩‍🍳"),
        ("متجر آشا", "متجر آشا"),
        ("🍬", "🍬"),
        ("क्‍ष", "क्‍ष"),
        ("x" * 120, "x" * 120),
    ],
)
def test_names_in_any_script_are_kept(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "Name: write the name that customers know."),
        (" \t\n ", "Name: write the name that customers know."),
        ("\u200d", "Name: write the name that customers know."),
        ("x" * 121, "Name: use at most 120 characters; this has 121."),
        ("x" * 10_000, "Name: use at most 120 characters; this has 10000."),
        ("A\x00B", "Name: remove the hidden control characters and type it again."),
        ("A\nB", "Name: remove the hidden control characters and type it again."),
        ("A\u202eB", "Name: remove the hidden control characters and type it again."),
        ("A\ud800B", "Name: remove the hidden control characters and type it again."),
    ],
)
def test_bad_names_get_a_sentence_that_says_what_to_do(given, sentence):
    with pytest.raises(InvalidDetail) as caught:
        clean_name(given)
    assert (caught.value.field, caught.value.english) == ("name", sentence)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("", ""),
        ("98765 43210", "+919876543210"),
        ("+91-98765-43210", "+919876543210"),
        ("०९८७६५ ४३२१०", "+919876543210"),
        ("020 2612 3456", "+912026123456"),
    ],
)
def test_indian_numbers_are_stored_as_e164(given, stored):
    assert clean_phone(given) == stored


@pytest.mark.parametrize("given", ["12345", "+1 650 253 0000", "abc", "9" * 400, "98765432101234"])
def test_other_numbers_are_refused(given):
    with pytest.raises(InvalidDetail) as caught:
        clean_phone(given)
    assert caught.value.field == "phone"


def test_a_food_licence_has_fourteen_digits():
    assert clean_licence("1152 6000 0001 23", is_food=True) == "11526000000123"
    assert clean_licence("११५२६००००००१२३", is_food=True) == "11526000000123"
    for given in ("1152600000012", "115260000001234", "1152600000012A"):
        with pytest.raises(InvalidDetail) as caught:
            clean_licence(given, is_food=True)
        assert caught.value.english == "Licence number: a food licence (FSSAI) has 14 digits."


def test_other_trades_write_their_licence_as_it_is():
    assert clean_licence(" MH/PZ-123 ", is_food=False) == "MH/PZ-123"
    with pytest.raises(InvalidDetail):
        clean_licence("x" * 41, is_food=False)


def test_colours_are_hexadecimal():
    assert clean_colour("#9F1239", field="primary_colour", usual="#000000") == "#9f1239"
    assert clean_colour("", field="primary_colour", usual="#000000") == "#000000"
    for given in ("red", "#fff", "#9f1239;", "javascript:1", "#9f123g"):
        with pytest.raises(InvalidDetail) as caught:
            clean_colour(given, field="accent_colour", usual="")
        assert caught.value.field == "accent_colour"


def test_languages_are_known_and_at_least_one():
    assert clean_languages(["mr", "hi-Latn", "mr"]) == ["mr", "hinglish"]
    for given in ([], ["fr"], ["en", ""]):
        with pytest.raises(InvalidDetail) as caught:
            clean_languages(given)
        assert caught.value.field == "languages"


def test_an_address_keeps_its_lines():
    assert clean_address(" 12  Laxmi Road \r\n\r\n Pune ") == "12 Laxmi Road\nPune"
    with pytest.raises(InvalidDetail):
        clean_address("x" * 301)


def test_a_budget_band_is_one_of_ours():
    assert clean_budget_band("") == "unset"
    with pytest.raises(InvalidDetail) as caught:
        clean_budget_band("lots")
    assert caught.value.field == "monthly_budget_band"
