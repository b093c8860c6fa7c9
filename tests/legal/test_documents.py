import string
from collections import defaultdict

import pytest

from marketing_platform.legal.documents import CONTENT, KEYS, document, to_accept

KNOWN = {"product", "company", "address", "gstin", "officer", "reach", "hours", "trial_days"}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["hi", "mr"])
def test_every_written_language_has_the_same_sections(key: str, language: str) -> None:
    facts = defaultdict(str, dict.fromkeys(KNOWN, "x"))
    english, theirs = (document(key, code, facts) for code in ("en", language))

    assert theirs.language == language
    assert theirs.version == english.version
    shapes = [[len(part.paragraphs) for part in each.sections] for each in (english, theirs)]
    assert shapes[0] == shapes[1]
    assert all(section.paragraphs for section in theirs.sections)


@pytest.mark.parametrize("key", KEYS)
def test_only_facts_that_are_known_are_asked_for(key: str) -> None:
    text = (CONTENT / f"{key}.toml").read_text()

    assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= KNOWN


def test_a_language_that_is_not_written_is_shown_english() -> None:
    assert document("terms", "ta", dict.fromkeys(KNOWN, "x")).language == "en"


def test_a_page_that_does_not_exist_is_no_file() -> None:
    with pytest.raises(KeyError):
        document("../settings", "en", {})


def test_terms_privacy_and_data_processing_are_agreed_to() -> None:
    assert sorted(to_accept()) == ["data-processing", "privacy", "terms"]
