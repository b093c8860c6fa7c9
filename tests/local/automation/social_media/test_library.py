import copy
import tomllib
from collections import Counter

import pytest

from local.automation.social_media.engine import library
from local.automation.social_media.engine.contracts import LANGUAGES, NETWORKS
from local.business.engine import CATEGORIES


def raw(category: str) -> dict:
    path = library.CONTENT / "categories" / f"{category}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def test_every_category_has_a_phrase_file():
    assert library.categories() == tuple(sorted(CATEGORIES))


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_nothing_is_missing_in_any_language(category):
    assert library.missing_texts(raw(category)) == []


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_ideas_are_enough_and_differ(category):
    found = library.trade_library(category)
    assert found.category == category
    assert len(found.ideas) >= 9
    assert sum(not idea.is_seasonal for idea in found.ideas) >= 6
    assert len({idea.pillar for idea in found.ideas}) >= 5
    assert len({idea.id for idea in found.ideas}) == len(found.ideas)
    for language in LANGUAGES:
        headlines = Counter(idea.text[language].headline for idea in found.ideas)
        assert headlines.most_common(1)[0][1] == 1, (language, headlines.most_common(1))


def test_a_gap_is_named_with_idea_language_and_field():
    content = copy.deepcopy(raw("salon"))
    idea = content["ideas"][2]
    del idea["text"]["mr"]["short"]
    idea["text"]["hi"]["headline"] = "x" * 41
    del content["festive"]["hinglish"]
    del content["ideas"][0]["reason"]["hi"]
    assert library.missing_texts(content) == [
        "salon: [festive] has no hinglish (or fewer than 3 lines)",
        f"{content['ideas'][0]['id']}: reason has no hi",
        f"{idea['id']}: hi headline has 41 characters, not 3 to 40",
        f"{idea['id']}: mr short has 0 characters, not 5 to 125",
    ]


def test_only_the_clinic_has_no_words_for_offers():
    without = [slug for slug in CATEGORIES if not library.trade_library(slug).offer]
    assert without == ["clinic"]


def test_common_wording_says_the_same_number_of_lines_in_every_language():
    for table, lines in library.wording().items():
        if not isinstance(lines, dict):
            continue
        wanted = ("en", "hi", "mr") if table.startswith("reason_") else LANGUAGES
        assert set(lines) == set(wanted), table
        lengths = {len(each) for each in lines.values() if isinstance(each, list)}
        assert len(lengths) <= 1, table


def test_network_limits_are_within_those_of_the_networks():
    limits = library.network_limits()
    assert tuple(limits) == NETWORKS
    assert all(limit.house_limit <= limit.limit for limit in limits.values())
    assert limits["instagram"].hashtags <= 30


def test_each_network_counts_in_its_own_unit():
    limits = library.network_limits()
    assert limits["google_business"].measure("दुकान") == 15
    assert limits["instagram"].measure("दुकान") == 5
    assert limits["facebook"].measure("🎉") == 2


def test_dates_are_said_in_each_language():
    from datetime import date

    day = date(2026, 11, 30)
    said = [library.date_text(day, language) for language in LANGUAGES]
    assert said == ["30 November", "30 नवंबर", "30 November", "30 नोव्हेंबर"]
