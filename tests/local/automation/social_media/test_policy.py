import tomllib
from datetime import date
from pathlib import Path

import pytest

from local.automation.social_media.engine import policy
from local.automation.social_media.engine.contracts import LANGUAGES, ConsentedResult, OpenSeats
from local.automation.social_media.engine.policy import PolicyContext

EXAMPLES = tomllib.loads((Path(__file__).parent / "policy_examples.toml").read_text("utf-8"))
CASES = [(rule, language) for rule in EXAMPLES for language in LANGUAGES]


def broken(rule: str, text: str, **context) -> tuple[str, ...]:
    example = EXAMPLES[rule]
    check = {"owner": policy.check_owner_words, "written": policy.check_written}
    found = check[example.get("scope", "written")](
        text,
        PolicyContext(example["category"], **context),
        network=example.get("network", "facebook"),
    )
    return tuple(breach.rule for breach in found)


def test_every_rule_has_examples_in_every_language():
    rules = {rule.id for pack in policy.packs() for rule in pack.rules}
    assert rules == set(EXAMPLES)
    for rule, example in EXAMPLES.items():
        for kind in ("breaks", "harmless"):
            assert set(example[kind]) == set(LANGUAGES), (rule, kind)


@pytest.mark.parametrize(("rule", "language"), CASES)
def test_a_breaking_text_is_caught(rule, language):
    assert rule in broken(rule, EXAMPLES[rule]["breaks"][language])


@pytest.mark.parametrize(("rule", "language"), CASES)
def test_a_harmless_text_passes(rule, language):
    assert broken(rule, EXAMPLES[rule]["harmless"][language]) == ()


def test_packs_are_dated_have_sources_and_speak_plainly():
    for pack in policy.packs():
        assert pack.reviewed_on < pack.review_by
        assert pack.sources
        for rule in pack.rules:
            assert rule.law
            assert set(rule.sentences) == {"en", "hi", "mr"}
            assert all(20 <= len(sentence) <= 200 for sentence in rule.sentences.values())


@pytest.mark.parametrize(
    "disguised",
    [
        "F\u200br\u200dee check-up",
        "F R E E check-up",
        "f-r-e-e check-up",
        "ＦＲＥＥ check-up",
        "frее check-up",  # two Cyrillic letters
        "𝐅𝐑𝐄𝐄 check-up",
        "Flat २०% off",
        "फ़्री जांच",
        "फ्री जांच",
        "डिस्\u200dकाउंट मिलेगा",
        "DISCOUNT!!!",
        "free\u00a0camp",
    ],
)
def test_a_disguised_offer_of_a_clinic_is_caught(disguised):
    found = policy.check_owner_words(disguised, PolicyContext("clinic"))
    assert "clinic_no_offer" in [breach.rule for breach in found]


def test_a_business_name_is_not_judged_except_where_the_law_says_so():
    context = PolicyContext("salon", exempt=("Best Salon",))
    assert policy.check_written("Come to Best Salon.", context) == ()
    assert policy.check_name("Best Salon", "salon") == ()
    found = policy.check_name("Ladka ya Ladki Sonography", "clinic")
    assert [breach.rule for breach in found] == ["clinic_no_sex_determination"]


def test_the_same_words_are_lawful_in_another_trade():
    offer = "20% off on Monday"
    assert policy.check_owner_words(offer, PolicyContext("salon")) == ()
    assert policy.check_owner_words(offer, PolicyContext("clinic")) != ()


def test_seats_may_be_named_with_the_number_the_owner_entered():
    seats = OpenSeats("Class 10 Maths", 5, date(2026, 11, 20))
    rule = "coaching_no_last_seats"
    assert broken(rule, "Only 5 seats left in Class 10 Maths.", seats=seats) == ()
    assert rule in broken(rule, "Only 3 seats left in Class 10 Maths.", seats=seats)
    assert rule in broken(rule, "Last seats left.", seats=seats)
    assert rule in broken(rule, "Only 5 seats left. Last few seats.", seats=seats)


RESULT = ConsentedResult(
    id="1",
    student="Isha Patil",
    exam="MHT-CET",
    rank="212",
    course="Crash course",
    duration="3 months",
    is_paid=True,
    result_on=date(2026, 6, 12),
    consent_on=date(2026, 6, 20),
)


def test_a_topper_may_be_named_with_consent_and_all_facts():
    rule = "coaching_no_topper_without_consent"
    whole = "Isha Patil, rank 212 in MHT-CET. Crash course, 3 months, paid."
    assert broken(rule, whole, results=(RESULT,)) == ()
    assert rule in broken(rule, "Isha Patil, rank 212. Crash course, 3 months.", results=(RESULT,))
    assert rule in broken(rule, "Isha Patil, rank 212. Crash course, paid.", results=(RESULT,))
    assert rule in broken(rule, whole)


def test_consent_on_the_day_of_the_result_is_not_enough():
    early = ConsentedResult(**{**RESULT.__dict__, "consent_on": RESULT.result_on})
    assert not early.is_usable
    assert "coaching_no_topper_without_consent" in broken(
        "coaching_no_topper_without_consent",
        "Isha Patil, rank 212. Crash course, 3 months, paid.",
        results=(early,),
    )


def test_only_food_posters_carry_a_licence_and_only_clinics_may_not_solicit():
    trades = ("salon", "restaurant", "sweet_shop", "bakery", "clinic", "pharmacy")
    assert [policy.puts_licence_on_poster(trade) for trade in trades] == [
        *(False, True, True, True, False, False)
    ]
    assert [policy.may_solicit(trade) for trade in trades] == [True, True, True, True, False, True]
