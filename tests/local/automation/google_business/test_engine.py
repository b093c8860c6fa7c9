import subprocess
import sys
from datetime import date, time

import pytest

from local.automation.google_business.engine.hours import (
    DayHours,
    days_of,
    merged,
    on_day,
    period_of,
    regular_on,
    spelled,
)
from local.automation.google_business.engine.posts import PostDraft, body_of, breaches_of
from local.automation.google_business.engine.remote import review_words, same_words
from local.automation.google_business.engine.replies import (
    MOST_BYTES,
    ReviewText,
    Shop,
    check_reply,
    draft_reply,
    first_name,
    local_number,
)
from local.automation.google_business.engine.words import aspects_of, language_of
from local.automation.google_business.errors import HoursAlike
from local.business.engine import CATEGORIES

PHONE = "+919800000001"
SHOP = Shop("Asha Sweets", "sweet_shop", PHONE, "en")
CHRISTMAS = date(2026, 12, 25)


# --- language and aspects


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Fresh barfi and quick service", "en"),
        ("The staff was rude to us, I will not come again", "en"),
        ("Bahut accha hai, staff bhi helpful hai", "hinglish"),
        ("Mithai ekdum fresh, par parking ki dikkat hai", "hinglish"),
        ("मिठाई बहुत अच्छी है", "hi"),
        ("मिठाई खूप छान आहे", "mr"),
        ("सर्व्हिस खूप छान, पण उशीर झाला", "mr"),
        ("5/5 👍👍", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_review(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "stars", "aspects"),
    [
        ("Barfi was fresh and staff polite", 5, {"quality": True, "staff": True}),
        ("Taste is good but the place is dirty", 3, {"quality": True, "clean": False}),
        ("Not clean", 4, {"clean": False}),
        ("Food not bad, never late", 5, {"quality": True, "wait": True}),
        ("No parking", 5, {"parking": False}),
        ("स्वाद अच्छा है लेकिन बहुत देर लगती है", 2, {"quality": True, "wait": False}),
        ("साफ़ नहीं है", 3, {"clean": False}),
        ("पार्किंग नहीं मिलती", 4, {"parking": False}),
        ("चव छान आहे पण रांग खूप", 2, {"quality": True, "wait": False}),
        ("staff badtameez hai", 1, {"staff": False}),
        ("Price", 3, {}),
        ("Staff did not listen", 1, {"staff": False}),
        ("No waiting", 5, {}),
        ("Thank you", 5, {}),
    ],
)
def test_what_a_review_speaks_of(text, stars, aspects):
    assert dict(aspects_of(text, stars)) == aspects


def test_google_s_translation_is_left_out():
    assert review_words("(Translated by Google) Good\n\n(Original)\nअच्छा") == "अच्छा"
    assert review_words("अच्छा\n\n(Translated by Google)\nGood") == "अच्छा"
    assert review_words(" Good ") == "Good"
    assert same_words("a  b\n c", "a b c")


# --- drafts


@pytest.mark.parametrize("category", sorted(CATEGORIES))
@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "text",
    ["", "Staff late, dirty, costly", "इलाज अच्छा, स्टाफ अच्छा", "Mast hai bhai log, aur sasta bhi"],
)
def test_every_draft_may_be_sent_as_it_is(category, stars, text):
    shop = Shop("Asha", category, PHONE, "mr")
    draft = draft_reply(ReviewText(f"{category}{stars}", stars, text, "Kavya"), shop)
    assert check_reply(draft.text, category=category, shop_phone=PHONE) == ()
    assert draft.text.endswith("\nAsha")
    assert len(draft.text.encode()) <= MOST_BYTES
    assert "{" not in draft.text


def test_a_draft_answers_in_the_review_s_language_and_names_what_it_says():
    draft = draft_reply(ReviewText("k", 2, "मिठाई बासी थी और बहुत इंतज़ार करना पड़ा", "सुनीता"), SHOP)
    assert draft.language == "hi"
    assert draft.text.startswith("सुनीता जी")
    assert "बहुत इंतज़ार" in draft.text
    assert "98000 00001" in draft.text
    assert [each.code for each in draft.reasons] == ["blame", "aspects", "language"]


def test_a_draft_is_always_the_same_for_the_same_review():
    drafts = {draft_reply(ReviewText("r1", 5, "Good", "A"), SHOP).text for _again in range(5)}
    assert len(drafts) == 1
    ways = {draft_reply(ReviewText(f"r{n}", 5, "Good", ""), SHOP).text for n in range(20)}
    assert len(ways) > 1


def test_stars_without_words_are_answered_in_the_shop_s_language():
    draft = draft_reply(ReviewText("k", 5, "", ""), Shop("Asha", "salon", "", "hi"))
    assert draft.language == "hi"
    assert draft.reasons[-1].code == "own_language"


def test_a_clinic_names_neither_person_nor_treatment():
    review = ReviewText("k", 1, "Dr gave the wrong treatment, reports late", "Amit Shah")
    draft = draft_reply(review, Shop("Rane Clinic", "clinic", PHONE, "en"))
    for private in ("Amit", "treatment", "report", "wait", "sorry"):
        assert private not in draft.text
    assert "we cannot speak about anybody's visit" in draft.text


@pytest.mark.parametrize(
    ("stars", "category", "expected"),
    [(3, "salon", True), (1, "salon", True), (4, "salon", False), (5, "clinic", True)],
)
def test_low_stars_and_health_need_a_person(stars, category, expected):
    draft = draft_reply(ReviewText("k", stars, "ok", ""), Shop("A", category, "", "en"))
    assert draft.needs_person is expected


@pytest.mark.parametrize(
    ("text", "category", "rules"),
    [
        ("Come again for a free box", "sweet_shop", ["incentive"]),
        ("अगली बार छूट देंगे", "sweet_shop", ["incentive"]),
        ("Your treatment was right", "clinic", ["patient"]),
        ("आपके इलाज में", "clinic", ["patient"]),
        ("We are sorry about the pain", "clinic", ["patient"]),
        ("Your treatment was right", "salon", []),
        ("Call Kavya on 98111 22233", "salon", ["contact"]),
        ("Call us on 98000 00001", "salon", []),
        ("Call us on +91-98000-00001", "salon", []),
        ("Write to a@b.example", "salon", ["contact"]),
        ("", "salon", ["empty"]),
        ("  \n ", "salon", ["empty"]),
        ("We feel freely and carefree", "salon", []),
    ],
)
def test_what_may_not_be_sent(text, category, rules):
    found = check_reply(text, category=category, shop_phone=PHONE)
    assert [each.rule for each in found] == rules


def test_the_limit_is_in_bytes_not_in_letters():
    fits, over = "क" * 1365, "क" * 1366
    assert check_reply(fits, category="salon", shop_phone="") == ()
    (breach,) = check_reply(over, category="salon", shop_phone="")
    assert (breach.rule, breach.params) == ("too_long", {"over": 2})


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Kavya Sharma", "Kavya"),
        ("सुनीता देवी", "सुनीता"),
        ("raju_99", ""),
        ("A Google User", ""),
        ("", ""),
        ("X", ""),
        ("{name}", ""),
        ("<b>Amit", ""),
    ],
)
def test_first_names(shown, name):
    assert first_name(shown) == name


def test_numbers_are_said_as_people_dial_them():
    assert local_number("+919800000001") == "98000 00001"
    assert local_number("+912026123456") == "02026123456"
    assert local_number("") == ""


# --- hours

OTHERS = [
    {"startDate": {"year": 2026, "month": 12, "day": 31}, "closed": True, "note": "kept"},
    {
        "startDate": {"year": 2026, "month": 12, "day": 24},
        "openTime": {"hours": 18},
        "endDate": {"year": 2026, "month": 12, "day": 25},
        "closeTime": {},
    },
]


def test_one_day_is_replaced_and_the_others_stay_as_google_sent_them():
    twice = [period_of(DayHours(CHRISTMAS)), period_of(DayHours(CHRISTMAS, time(9), time(12)))]
    before = {"specialHourPeriods": [OTHERS[0], *twice, OTHERS[1]]}
    after = merged(before, DayHours(CHRISTMAS, time(10), time(14, 30)))
    assert after["specialHourPeriods"][:2] == OTHERS
    assert on_day(after, CHRISTMAS) == ["10:00-14:30"]
    assert len(after["specialHourPeriods"]) == 3
    assert on_day(before, CHRISTMAS) == ["09:00-12:00", "closed"]


def test_closing_after_midnight_ends_on_the_next_day():
    assert period_of(DayHours(date(2026, 12, 31), time(18), time(1)))["endDate"] == {
        "year": 2027,
        "month": 1,
        "day": 1,
    }


def test_midnight_comes_back_as_nothing():
    came_back = {**period_of(DayHours(CHRISTMAS, time(18), time(0))), "closeTime": {}}
    assert on_day({"specialHourPeriods": [came_back]}, CHRISTMAS) == ["18:00-00:00"]
    assert spelled(DayHours(CHRISTMAS, time(18), time(0))) == ["18:00-00:00"]


@pytest.mark.parametrize(
    "special",
    [
        {},
        {"specialHourPeriods": None},
        {"specialHourPeriods": ["x", 3, {}, {"startDate": None}]},
        {"specialHourPeriods": [{"startDate": {"year": 2026, "month": 13, "day": 1}}]},
    ],
)
def test_what_google_left_out_is_passed_over(special):
    assert days_of(special) == set()
    assert on_day(special, CHRISTMAS) == []
    assert on_day(merged(special, DayHours(CHRISTMAS)), CHRISTMAS) == ["closed"]


def test_the_same_hour_twice_is_no_opening():
    with pytest.raises(HoursAlike):
        DayHours(CHRISTMAS, time(9), time(9))


def test_usual_hours_of_a_weekday():
    friday = {"openDay": "FRIDAY", "openTime": {"hours": 9}, "closeTime": {"hours": 21}}
    assert regular_on({"periods": [friday]}, CHRISTMAS) == ["09:00-21:00"]
    assert regular_on({"periods": [friday]}, date(2026, 12, 26)) == []


# --- posts


@pytest.mark.parametrize(
    ("draft", "breaches"),
    [
        (PostDraft("Fresh jalebi", "en"), []),
        (PostDraft(" ", "en"), [("text", "empty")]),
        (PostDraft("x" * 1500, "en"), []),
        (PostDraft("x" * 1501, "en"), [("text", "too_long")]),
        (PostDraft("Call 98000 00001", "en"), [("text", "number")]),
        (PostDraft("Call +91 98000-00001 now", "en"), [("text", "number")]),
        (PostDraft("₹450 a kilo, 10 to 21", "en"), []),
        (PostDraft("x", "en", "CALL"), []),
        (PostDraft("x", "en", "ORDER"), [("button_url", "address")]),
        (PostDraft("x", "en", "ORDER", "javascript:1"), [("button_url", "address")]),
        (PostDraft("x", "en", "ORDER", "https://[bad"), [("button_url", "address")]),
        (PostDraft("x", "en", "ORDER", "https://asha.example/order"), []),
        (PostDraft("x", "en", "BUY", ""), [("button", "unknown")]),
    ],
)
def test_what_a_post_may_hold(draft, breaches):
    assert breaches_of(draft) == breaches


def test_the_body_that_google_gets():
    draft = PostDraft("Fresh", "hinglish", "CALL", "https://ignored.example")
    assert body_of(draft, "https://x.example/p.jpg") == {
        "languageCode": "hi-Latn",
        "summary": "Fresh",
        "topicType": "STANDARD",
        "callToAction": {"actionType": "CALL"},
        "media": [{"mediaFormat": "PHOTO", "sourceUrl": "https://x.example/p.jpg"}],
    }
    assert "media" not in body_of(PostDraft("x", "en"), "")


def test_the_engine_runs_without_django():
    blocked = (
        "import sys\n"
        "for name in ('django', 'celery', 'rest_framework'): sys.modules[name] = None\n"
        "import local.automation.google_business.engine as engine\n"
        "from local.automation.google_business.engine import hours, posts, remote, replies, words\n"
        "print(replies.first_name('Kavya'))"
    )
    command = [sys.executable, "-c", blocked]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "Kavya"
