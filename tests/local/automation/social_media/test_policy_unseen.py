"""Texts as owners really type them: spelling variants, mixed scripts and digits, disguises."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from local.automation.social_media.engine import policy
from local.automation.social_media.engine.contracts import LANGUAGES, OpenSeats
from local.automation.social_media.engine.policy import PolicyContext

AREAS = tomllib.loads((Path(__file__).parent / "unseen_texts.toml").read_text("utf-8"))
CHECKS = {"owner": policy.check_owner_words, "written": policy.check_written}


def cases(kind: str) -> list[tuple[str, str]]:
    return [
        (area, text)
        for area, content in AREAS.items()
        for language in LANGUAGES
        for text in content[kind][language]
    ]


def broken(area: str, text: str) -> list[str]:
    check = CHECKS[AREAS[area]["scope"]]
    found = check(text, PolicyContext(AREAS[area]["category"]), network="facebook")
    return [breach.rule for breach in found]


@pytest.mark.parametrize(("area", "text"), cases("breaks"))
def test_an_unlawful_text_of_an_owner_is_caught(area, text):
    assert broken(area, text) != []


@pytest.mark.parametrize(("area", "text"), cases("harmless"))
def test_an_everyday_text_of_an_owner_passes(area, text):
    assert broken(area, text) == []


@pytest.mark.parametrize(
    ("category", "text", "rule"),
    [
        ("clinic", "गर्भ में लड़का है कि लड़की, जानिए", "clinic_no_sex_determination"),
        ("clinic", "पोटात मुलगा आहे की मुलगी ते कळेल", "clinic_no_sex_determination"),
        ("clinic", "Mareezon ne kya kaha dekhiye", "clinic_no_testimonial"),
        ("pharmacy", "Har 6 ghante mein ek goli lein", "pharmacy_no_dosage"),
        ("pharmacy", "डॉक्टर की पर्ची जरूरी नहीं", "pharmacy_no_prescription_drug"),
        ("gym", "95 kg se 70 kg sirf 3 mahine mein", "gym_no_body_result"),
        ("coaching_class", "शेवटच्या ५ जागा", "coaching_no_last_seats"),
        ("coaching_class", "IIT ki guaranty", "coaching_no_guaranteed_selection"),
        ("sweet_shop", "FSSAI pramaanit mithai", "food_no_licence_claim"),
        ("electronics", "रिव्यु दीजिए और इनाम पाइए", "no_reward_for_reviews"),
    ],
)
def test_the_breach_names_the_rule_of_its_law(category, text, rule):
    found = policy.check_owner_words(text, PolicyContext(category))
    assert rule in [breach.rule for breach in found]


@pytest.mark.parametrize("text", ["Last 5 seats", "Aakhri 5 seatein", "शेवटच्या ५ जागा"])
def test_last_seats_pass_with_the_number_the_owner_entered(text):
    from_owner = OpenSeats("Class 10 Maths", 5, date(2026, 11, 20))
    assert policy.check_owner_words(text, PolicyContext("coaching_class", seats=from_owner)) == ()
