import string
from collections import defaultdict

import pytest

from marketing_platform.legal.documents import CONTENT, KEYS, document, to_accept

KNOWN = {"product", "company", "address", "gstin", "officer", "reach", "hours", "trial_days"}


@pytest.mark.parametrize("key", KEYS)
def test_both_written_languages_have_the_same_sections(key: str) -> None:
    english, hindi = (
        document(key, code, defaultdict(str, dict.fromkeys(KNOWN, "x"))) for code in ("en", "hi")
    )

    assert [len(each.sections) for each in (english, hindi)] == [len(english.sections)] * 2
    assert english.version == hindi.version
    assert all(section.paragraphs for section in (*english.sections, *hindi.sections))


@pytest.mark.parametrize("key", KEYS)
def test_only_facts_that_are_known_are_asked_for(key: str) -> None:
    text = (CONTENT / f"{key}.toml").read_text()

    assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= KNOWN


def test_who_reads_marathi_is_shown_devanagari() -> None:
    assert document("terms", "mr", dict.fromkeys(KNOWN, "x")).language == "hi"


def test_a_page_that_does_not_exist_is_no_file() -> None:
    with pytest.raises(KeyError):
        document("../settings", "en", {})


def test_terms_privacy_and_data_processing_are_agreed_to() -> None:
    assert sorted(to_accept()) == ["data-processing", "privacy", "terms"]
