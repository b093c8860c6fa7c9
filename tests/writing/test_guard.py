from dataclasses import replace

import pytest

from marketing_platform.writing.contracts import Part
from marketing_platform.writing.guard import is_in_language, problems

GOOD = "Pat your hair dry with a soft towel and ask us at Asha Salon what to do next."


def test_a_plain_rewording_passes(brief):
    assert problems(GOOD, brief) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (GOOD + " and so on" * 40, "too_long"),
        ("Pat your hair dry with a soft towel and ask us what to do.", "missing_words"),
        (GOOD + " See https://evil.example", "link"),
        (GOOD + " Visit evil.shop today", "link"),
        (GOOD + " Write to wa.me/9198", "link"),
        (GOOD + " <script>alert(1)</script>", "markup"),
        (GOOD + " **Now**", "markup"),
        (GOOD + " {name}", "markup"),
        (GOOD + " It costs 499.", "invented_number"),
        (GOOD + " It costs ४९९.", "invented_number"),
        (GOOD + " Only ₹ today.", "invented_money"),
        (GOOD + " Fifty % less.", "invented_money"),
        ("As an AI language model I greet Asha Salon and all of you.", "talk"),
        (GOOD + "\u202e", "control_characters"),
        (GOOD + "\x00", "control_characters"),
        ("Asha Salon में आइए और पूछिए कि आगे क्या करना है।", "wrong_language"),
        ("Asha Salon aaiye aur poochiye ki aage kya karna hai, hum batayenge.", "wrong_language"),
        ("Asha Salon приходите к нам и спросите о чём угодно.", "wrong_language"),
        (GOOD + " We are the best.", "policy:no_superlative"),
    ],
)
def test_what_a_model_must_not_write_is_named(brief, text, code):
    assert code in problems(text, brief)


def test_numbers_and_money_of_the_facts_may_stay(brief):
    offer = "20% off, ₹499 only"
    told = replace(brief, parts=(Part("{offer} at {name}"),), facts={"offer": offer, "name": "A1"})
    told = replace(told, must_include=(offer,))
    assert problems(f"For you and your friends: {offer}.", told) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The shop is open and you are welcome."),
        ("hi", "दुकान आज खुली है और आप आ सकते हैं।"),
        ("hinglish", "Dukaan aaj khuli hai aur aap aa sakte hain."),
        ("mr", "दुकान आज उघडे आहे आणि तुम्ही येऊ शकता."),
    ],
)
def test_languages_are_told_apart(language, text):
    accepted = [each for each in ("en", "hi", "hinglish", "mr") if is_in_language(text, each)]
    assert accepted == [language]
