from datetime import date, timedelta

import pytest

from local.automation.social_media.engine import (
    LANGUAGES,
    NETWORKS,
    Brand,
    ConsentedResult,
    DaySituation,
    OpenSeats,
    OwnerBook,
    OwnerOffer,
    compose_day,
)
from local.automation.social_media.engine.library import network_limits
from local.business.engine import CATEGORIES
from local.occasions.engine import occasions_between
from marketing_platform.writing.built_in import places

START = date(2026, 9, 1)
OFFER = OwnerOffer("7", "20% off on hair spa, Monday to Thursday", START, date(2026, 12, 31))


def compose(situation: DaySituation, **more):
    return compose_day(situation, languages=LANGUAGES, networks=NETWORKS, **more)


def problems_of(composed) -> list[str]:
    found = [f"blocked by {breach.rule}" for breach in composed.blocked]
    for network in NETWORKS:
        limit = network_limits()[network]
        for language in LANGUAGES:
            caption = composed.networks[network].get(language)
            if caption is None or not caption.caption.strip():
                found.append(f"{network} has no {language}")
                continue
            if limit.measure(caption.full_text) > limit.house_limit:
                found.append(f"{network} {language} is too long")
            if places(caption.full_text):
                found.append(f"{network} {language} has {places(caption.full_text)}")
            if len(caption.hashtags) > limit.hashtags:
                found.append(f"{network} {language} has too many hashtags")
            if any(" " in tag or not tag.startswith("#") for tag in caption.hashtags):
                found.append(f"{network} {language} has a broken hashtag {caption.hashtags}")
    found += [f"no poster words in {each}" for each in LANGUAGES if each not in composed.posters]
    return found


OFTEN = {"sweet_shop", "clinic", "gym"}


@pytest.mark.parametrize(
    "category",
    [
        each if each in OFTEN else pytest.param(each, marks=pytest.mark.slow)
        for each in sorted(CATEGORIES)
    ],
)
def test_a_quarter_of_posts_keeps_every_limit_and_rule(situation, category):
    occasions = occasions_between(
        START, START + timedelta(130), state="MH", city="pune", category=category
    )
    offers = () if category == "clinic" else (OFFER,)
    for passed in range(0, 90, 3):
        day = START + timedelta(passed)
        for variant in (0, passed % 21):
            composed = compose(
                situation(
                    day, category=category, occasions=occasions, book=OwnerBook(offers=offers)
                ),
                variant=variant,
            )
            assert problems_of(composed) == [], (category, day, variant, composed.pick.key)


def test_the_post_of_one_business_and_day_is_this(situation):
    composed = compose(situation(date(2026, 11, 19)))
    assert composed.pick.key == "idea:salon-colour-patch-test"
    facebook = composed.networks["facebook"]
    assert facebook["en"].caption == (
        "A short note from Asha Salon. Trying a new hair colour? "
        "Put a little on the skin first and wait as long as the pack says. "
        "If it itches or turns red, do not use it. "
        "Tell us too if a colour has troubled you earlier. Questions? Just ask us."
    )
    assert facebook["en"].call_to_action == "Ask us how a patch test is done."
    assert facebook["en"].hashtags == ("#HairStyling", "#Pune", "#Salon")
    assert "Asha Salon से आज की एक बात। नया हेयर कलर लगवाना है?" in facebook["hi"].caption
    assert facebook["hi"].hashtags == ("#सजनासंवरना", "#पुणे", "#सैलून")
    assert composed.networks["whatsapp_status"]["mr"].full_text == (
        "नवा हेअर कलर? आधी पॅच टेस्ट करा, पाकिटावरच्या सूचना वाचा.\n\nपॅच टेस्ट कशी करतात ते विचारा."
    )


def test_the_same_call_gives_the_same_words(situation):
    assert compose(situation()) == compose(situation())


def test_two_businesses_do_not_post_the_same_words(situation):
    texts = set()
    for number in range(30):
        shop = situation(business_id=f"shop-{number}", name=f"Salon {number}", occasions=())
        caption = compose(shop).networks["facebook"]["en"].caption
        texts.add(caption.replace(f"Salon {number}", "NAME"))
    assert len(texts) >= 24


def test_the_offer_is_quoted_word_for_word_in_every_language(situation):
    for passed in range(12):
        composed = compose(
            situation(START + timedelta(passed), occasions=(), book=OwnerBook(offers=(OFFER,)))
        )
        if composed.pick.kind == "offer":
            break
    for language in LANGUAGES:
        assert OFFER.words in composed.networks["facebook"][language].caption
        assert composed.posters[language].headline == OFFER.words
    assert composed.blocked == ()


def test_an_offer_of_a_clinic_is_refused_and_the_day_has_another_post(situation):
    composed = compose(situation(category="clinic", book=OwnerBook(offers=(OFFER,))))
    assert [breach.rule for breach in composed.blocked] == ["clinic_no_offer"]
    assert "may not advertise offers" in composed.blocked[0].sentence("en")
    assert composed.pick.kind == "idea"
    assert OFFER.words not in str(composed.networks)
    assert set(composed.networks["facebook"]) == set(LANGUAGES)


def test_a_forbidden_name_withholds_everything(situation):
    composed = compose(situation(category="clinic", name="Ladka ya Ladki Sonography"))
    assert [breach.rule for breach in composed.blocked] == ["clinic_no_sex_determination"]
    assert composed.networks == {network: {} for network in NETWORKS}
    assert composed.posters == {}


def test_a_tagline_that_breaks_a_rule_is_named_and_left_out(situation):
    book = OwnerBook(brand=Brand(tagline="The best doctor in town"))
    composed = compose(situation(category="clinic", book=book))
    assert [breach.rule for breach in composed.blocked] == ["clinic_no_superlative"]


def test_a_phone_number_never_reaches_google(situation):
    offer = OwnerOffer("9", "Call 98765 43210 for a hair spa", START, date(2026, 12, 31))
    for passed in range(12):
        composed = compose(
            situation(START + timedelta(passed), occasions=(), book=OwnerBook(offers=(offer,)))
        )
        if composed.pick.kind == "offer":
            break
    assert "98765" in composed.networks["facebook"]["en"].caption
    assert "98765" not in str(composed.networks["google_business"])


@pytest.mark.parametrize(
    "name",
    [
        "ज" * 120,
        "A" * 120,
        "{offer} {until} {city}",
        "Best No. 1 Salon",
        "سالون عائشة",
        "🎉 Party 🎉",
        "<b>Bold</b> & Co",
        "%s %d {{ x }}",
    ],
)
def test_any_name_keeps_the_limits_and_is_never_a_template(situation, name):
    for category in ("salon", "clinic"):
        composed = compose(situation(category=category, name=name))
        left = [each for each in problems_of(composed) if "has (" not in each]
        assert left == []
        assert name in composed.networks["instagram"]["en"].caption


def test_seats_are_said_with_the_owners_number_and_only_for_a_week(situation):
    book = OwnerBook(seats=OpenSeats("Class 10", 12, START))
    said = []
    for passed in range(14):
        day = START + timedelta(passed)
        composed = compose(situation(day, category="coaching_class", occasions=(), book=book))
        assert problems_of(composed) == []
        said.append("12 seats open in Class 10." in str(composed.networks["facebook"]["en"]))
    assert any(said[:8])
    assert not any(said[8:])


def test_a_result_stands_in_one_sentence_with_all_it_needs(situation):
    result = ConsentedResult(
        *("1", "Isha Patil", "MHT-CET", "212", "Crash course", "3 months", False),
        result_on=date(2026, 8, 1),
        consent_on=date(2026, 8, 5),
    )
    book = OwnerBook(results=(result,))
    for passed in range(8):
        day = START + timedelta(passed)
        composed = compose(situation(day, category="coaching_class", occasions=(), book=book))
        if composed.pick.kind == "result":
            break
    assert problems_of(composed) == []
    assert composed.posters["en"].headline == (
        "Well done, Isha Patil. MHT-CET: rank 212. Course: Crash course, 3 months, free course."
    )
    assert composed.posters["en"].lines == ()
