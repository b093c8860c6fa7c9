import subprocess
import sys
from datetime import UTC, datetime

import pytest

from local.guidance.engine import Progress, Proof, guide_of_kind, guides, matching, read_guide
from local.guidance.engine.cards import qr_svg
from local.guidance.engine.contracts import Evidence
from local.guidance.engine.proof import checked, is_link_to
from local.guidance.engine.reading import FOLDER
from local.guidance.engine.showing import shown
from local.guidance.errors import ProofLinkWrong, ProofMissing, ProofNumberWrong

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
URL = Evidence("url", {"en": "x"}, {}, hosts=("instagram.com",))
NUMBER = Evidence("number", {"en": "x"}, {}, most=50)
TICK = Evidence("tick", {"en": "x"}, {})


def english_only(slug="google-hours"):
    lines = (FOLDER / f"{slug}.toml").read_text(encoding="utf-8").splitlines()
    return read_guide(f"{slug}.toml", "\n".join(line for line in lines if ".hi =" not in line))


def test_a_missing_language_is_english_and_says_so():
    guide = english_only()
    hindi = shown(guide, "hi", {}, None)
    assert (hindi.language, hindi.is_fallback) == ("en", True)
    assert hindi.title == "Set opening hours and holiday hours on Google"
    assert shown(guides()["google-hours"], "hi", {}, None).is_fallback is False


def test_progress_is_by_key_and_the_first_open_step_is_current():
    ticked = frozenset({"open", "holiday", "a-step-that-was-dropped"})
    answer = shown(
        guides()["google-hours"], "en", {}, Progress("run", "old-version", NOW, None, ticked)
    )
    assert [step.is_done for step in answer.steps] == [True, False, True, False]
    assert (answer.done_count, answer.current, answer.is_changed) == (2, "regular", True)


def test_a_place_in_a_link_is_filled_or_left_out():
    guide = guides()["ask-for-reviews"]
    known = shown(guide, "en", {"review_link": "https://g.page/r/x/review"}, None)
    unknown = shown(guide, "en", {"review_link": ""}, None)
    assert known.steps[0].link == "https://g.page/r/x/review"
    assert unknown.steps[0].link == ""


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("holiday", "google-hours"),
        ("त्योहार", "google-hours"),
        ("BOOST", "local-boost"),
        ("स्टेटस", "whatsapp-status"),
        ("insta", "instagram-post"),
        ("consent qr", "counter-card"),
    ],
)
def test_search_finds_in_both_languages(query, first):
    assert matching(guides().values(), query)[0].slug == first


def test_every_word_of_a_search_must_be_there():
    assert matching(guides().values(), "holiday zebra") == []
    assert len(matching(guides().values(), "  ")) == len(guides())


def test_a_task_kind_leads_to_its_guide():
    assert guide_of_kind(guides(), "google.review_reply").slug == "google-reply"
    assert guide_of_kind(guides(), "rocket.launch") is None


@pytest.mark.parametrize(
    ("link", "is_right"),
    [
        ("https://www.instagram.com/p/abc/", True),
        ("https://instagram.com/reel/abc", True),
        ("https://INSTAGRAM.com/p/abc", True),
        ("http://www.instagram.com/p/abc/", False),
        ("https://www.instagram.com/", False),
        ("https://instagram.com.evil.example/p/abc", False),
        ("https://notinstagram.com/p/abc", False),
        ("https://instagram.com@evil.example/p/abc", False),
        ("https://user@instagram.com/p/abc", False),
        ("https://instagram.com:8443/p/abc", False),
        ("https://[broken/p/abc", False),
        ("https://instagram.com:port/p/abc", False),
        ("javascript:alert(1)//instagram.com/p", False),
        ("https://instagram.com/p/a b", False),
        ("https://instagram.com/p/a\nb", False),
        ("https://instagram.com/" + "p" * 500, False),
        ("", False),
    ],
)
def test_a_link_counts_only_below_its_host(link, is_right):
    assert is_link_to(link, ("instagram.com",)) is is_right


def test_proof_is_what_was_asked_for_and_nothing_else():
    assert checked(NUMBER, Proof(url="https://x.example", number=50, tick=True)) == Proof(number=50)
    assert checked(TICK, Proof(number=3, tick=True)) == Proof(tick=True)
    link = "https://www.instagram.com/p/abc/"
    assert checked(URL, Proof(url=f"  {link} ")) == Proof(url=link)


@pytest.mark.parametrize(
    ("evidence", "proof", "error", "field"),
    [
        (NUMBER, Proof(), ProofMissing, "number"),
        (NUMBER, Proof(number=0), ProofNumberWrong, "number"),
        (NUMBER, Proof(number=51), ProofNumberWrong, "number"),
        (NUMBER, Proof(number=True), ProofNumberWrong, "number"),
        (TICK, Proof(), ProofMissing, "tick"),
        (URL, Proof(), ProofMissing, "url"),
        (URL, Proof(url="https://example.in/p"), ProofLinkWrong, "url"),
    ],
)
def test_wrong_proof_names_the_field(evidence, proof, error, field):
    with pytest.raises(error) as refused:
        checked(evidence, proof)
    assert refused.value.field == field


def test_a_card_is_plain_svg_of_the_link():
    one, other = qr_svg("https://g.page/r/one/review"), qr_svg("https://g.page/r/two/review")
    assert one.startswith("<svg viewBox=")
    assert one != other
    assert one == qr_svg("https://g.page/r/one/review")
    for forbidden in ("style=", "<script", "href", "class="):
        assert forbidden not in one


def test_the_engine_runs_without_django():
    blocked = (
        "import sys\n"
        "for name in ('django', 'celery', 'rest_framework'): sys.modules[name] = None\n"
        "import local.guidance.engine as engine\n"
        "print(len(engine.guides()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == str(len(guides()))
