import pytest

from local.business.engine import (
    CATEGORIES,
    CITIES,
    LANGUAGES,
    STATES,
    category_of,
    city_of,
    content_language,
)
from local.business.errors import UnknownCategory, UnknownCity

CAPITALS = [
    "mumbai",
    "gandhinagar",
    "jaipur",
    "delhi",
    "chandigarh",
    "shimla",
    "dehradun",
    "srinagar",
    "jammu",
    "lucknow",
    "patna",
    "ranchi",
    "kolkata",
    "bhubaneswar",
    "dispur",
    "shillong",
    "imphal",
    "aizawl",
    "kohima",
    "itanagar",
    "agartala",
    "gangtok",
    "bengaluru",
    "panaji",
    "hyderabad",
    "amaravati",
    "chennai",
    "puducherry",
    "thiruvananthapuram",
    "bhopal",
    "raipur",
    "port-blair",
    "kavaratti",
    "leh",
    "daman",
]


@pytest.mark.parametrize(
    ("given", "slug"),
    [
        ("pune", "pune"),
        ("Pune", "pune"),
        ("  PUNE ", "pune"),
        ("पुणे", "pune"),
        ("नाशिक", "nashik"),
        ("नासिक", "nashik"),
        ("Bombay", "mumbai"),
        ("Bangalore", "bengaluru"),
        ("navi mumbai", "navi-mumbai"),
        ("Navi-Mumbai", "navi-mumbai"),
        ("इंदूर", "indore"),
        ("Amravati", "amravati"),
    ],
)
def test_a_city_is_found_by_any_of_its_names(given, slug):
    assert city_of(given).slug == slug


def test_every_state_has_a_city_and_every_capital_is_there():
    assert set(STATES) == {city.state for city in CITIES.values()}
    assert [slug for slug in CAPITALS if slug not in CITIES] == []
    assert len(CITIES) >= 120


def test_no_spelling_means_two_cities():
    spellings = {}
    for city in CITIES.values():
        for spelling in {city.slug, *city.names.values(), *city.also}:
            spellings.setdefault(spelling.casefold(), set()).add(city.slug)
    assert {name: slugs for name, slugs in spellings.items() if len(slugs) > 1} == {}


def test_an_unknown_city_is_told_the_nearest_ones():
    with pytest.raises(UnknownCity) as caught:
        city_of("Indor")
    assert caught.value.field == "city"
    assert caught.value.english == (
        "City: we don't know “Indor”. Choose one from the list, for example Indore."
    )


@pytest.mark.parametrize("given", ["", "   ", "Atlantis", "x" * 10_000, "😀", "%s %(name)s"])
def test_nonsense_is_not_a_city_and_the_sentence_stays_short(given):
    with pytest.raises(UnknownCity) as caught:
        city_of(given)
    assert len(caught.value.english) < 200


def test_there_are_twelve_categories():
    assert list(CATEGORIES) == [
        "salon",
        "restaurant",
        "sweet_shop",
        "clinic",
        "gym",
        "coaching_class",
        "boutique",
        "grocery",
        "electronics",
        "bakery",
        "pharmacy",
        "home_services",
    ]
    assert {slug for slug, each in CATEGORIES.items() if each.is_food} == {
        "restaurant",
        "sweet_shop",
        "grocery",
        "bakery",
    }


@pytest.mark.parametrize("given", ["sweet_shop", "Sweet shop", "मिठाई की दुकान", "SWEET-SHOP"])
def test_a_category_is_found_by_slug_or_name(given):
    assert category_of(given).slug == "sweet_shop"


def test_an_unknown_category_is_told_what_there_is():
    with pytest.raises(UnknownCategory) as caught:
        category_of("barber")
    assert caught.value.field == "category"
    assert "home_services" in caught.value.english


def test_names_are_complete_in_every_language():
    named = {f"city {slug}": each.names for slug, each in CITIES.items()}
    named |= {f"state {code}": each.names for code, each in STATES.items()}
    named |= {f"category {slug}": each.names for slug, each in CATEGORIES.items()}
    missing = [
        f"{what} in {language}"
        for what, names in named.items()
        for language in LANGUAGES
        if not names.get(language)
    ]
    assert missing == []


def test_hindi_and_marathi_names_are_in_devanagari():
    for place in (*CITIES.values(), *STATES.values()):
        for language in ("hi", "mr"):
            assert not any("a" <= letter.lower() <= "z" for letter in place.names[language])


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=lambda each: each.slug)
def test_text_on_the_usual_colours_is_readable(category):
    white_on_primary = 1.05 / (_luminance(category.primary_colour) + 0.05)
    primary_on_accent = (_luminance(category.accent_colour) + 0.05) / (
        _luminance(category.primary_colour) + 0.05
    )
    assert white_on_primary >= 4.5
    assert primary_on_accent >= 4.5


@pytest.mark.parametrize(("given", "code"), [("hi-Latn", "hinglish"), ("HI", "hi"), ("mr", "mr")])
def test_language_codes_as_people_write_them(given, code):
    assert content_language(given) == code
