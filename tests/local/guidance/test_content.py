"""The guide files: complete, in three languages, and every complaint names file and key."""

import re
from pathlib import Path

import pytest
from django.urls import resolve

from local.guidance.engine import guides, read_folder, read_guide
from local.guidance.engine.reading import FOLDER
from local.guidance.errors import GuideFileWrong

LATIN = re.compile(r"[A-Za-z]+")
NAMES = {"Google", "WhatsApp", "Business", "Instagram", "Facebook", "GST"}
GOOD = (FOLDER / "google-hours.toml").read_text(encoding="utf-8")
TASKS = (
    *("google.claim", "google.hours", "google.post", "google.review_reply", "reviews.ask_all"),
    *("instagram.post", "facebook.post", "whatsapp.status", "whatsapp.setup"),
    *("whatsapp.broadcast", "google.questions", "ads.local_boost", "print.counter_card"),
)


def test_every_task_by_hand_has_one_guide():
    by_kind = {kind: slug for slug, guide in guides().items() for kind in guide.kinds}
    assert [kind for kind in TASKS if kind not in by_kind] == []
    assert len({by_kind[kind] for kind in TASKS}) == len(TASKS) == len(guides())


@pytest.mark.parametrize("slug", sorted(guides()))
def test_a_guide_is_whole_in_every_language(slug):
    guide = guides()[slug]
    assert guide.languages == ("en", "hi", "mr")
    assert 3 <= len(guide.steps) <= 6
    assert len(guide.fails) >= 2
    for texts in (guide.title, guide.summary, guide.evidence.label):
        assert re.search("[\u0900-\u097f]", texts["hi"])
        assert re.search("[\u0900-\u097f]", texts["mr"])
        assert not re.search("[\u0900-\u097f]", texts["en"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["hi", "mr"])
def test_no_english_words_but_names(path, language):
    every = path.read_text(encoding="utf-8").splitlines()
    lines = [line for line in every if f".{language} =" in line]
    words = {word for line in lines for word in LATIN.findall(line.split("=", 1)[1])}
    assert lines
    assert words - NAMES == set()


def test_no_guide_asks_for_chosen_customers_or_pays_for_reviews():
    guide = guides()["ask-for-reviews"]
    said = " ".join(step.text["en"] + step.hint["en"] for step in guide.steps)
    assert "no discount, no gift" in said
    assert "say to everybody" in said


@pytest.mark.django_db
def test_paths_into_the_product_lead_somewhere():
    paths = {step.path for guide in guides().values() for step in guide.steps if step.path}
    assert "/posts/" in paths
    for path in paths:
        resolve(path, urlconf="local.urls")


def test_any_change_of_words_is_another_version():
    again = read_guide("google-hours.toml", GOOD)
    changed = read_guide("google-hours.toml", GOOD.replace("minutes = 5", "minutes = 6"))
    assert again.version == guides()["google-hours"].version
    assert changed.version != again.version


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('slug = "google-hours"', 'slug = "Google hours"', "slug"),
        ('slug = "google-hours"', 'slug = "other"', "slug"),
        ("minutes = 5", "minutes = 0", "minutes"),
        ("minutes = 5", 'minutes = "5"', "minutes"),
        ("minutes = 5\n", "", "minutes"),
        ("verified_on = 2026-11-22", 'verified_on = "soon"', "verified_on"),
        ('kind = "tick"', 'kind = "oath"', "evidence.kind"),
        ('kind = "tick"', 'kind = "url"', "evidence.hosts"),
        ('kind = "tick"', 'kind = "number"', "evidence.most"),
        ('kind = "tick"', 'kind = "tick"\nmost = 3', "evidence.most"),
        ('key = "regular"', 'key = "open"', "steps"),
        ('key = "regular"', 'key = "A b"', "steps.2.key"),
        ('link = "https://business.google.com/"', 'link = "javascript:1"', "steps.1.link"),
        ('title.en = "Set opening hours and holiday hours on Google"\n', "", "title.en"),
        ('label.hi = "Google पर समय सही दिख रहा है"\n', "", "evidence.label.hi"),
        ('check.en = "A stranger sees the right hours."', 'check.en = " "', "steps.4.check.en"),
        ('check.en = "A stranger', 'check.fr = "x"\ncheck.en = "A stranger', "steps.4.check.fr"),
        ('icon = "clock"', 'icon = "clock"\nstars = 5', "stars"),
        ("minutes = 5", "minutes = = 5", "file"),
        ('[[fails]]\nsymptom.en = "There', '[[falls]]\nsymptom.en = "There', "falls"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(old, new, key):
    assert old in GOOD
    with pytest.raises(GuideFileWrong) as wrong:
        read_guide("google-hours.toml", GOOD.replace(old, new, 1))
    assert (wrong.value.file, wrong.value.key) == ("google-hours.toml", key)
    assert str(wrong.value).startswith(f"google-hours.toml: {key}: ")


def test_two_files_for_one_task_are_refused(tmp_path: Path):
    (tmp_path / "a.toml").write_text(GOOD.replace("google-hours", "a"), encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("google-hours", "b"), encoding="utf-8")
    with pytest.raises(GuideFileWrong, match=r"b\.toml: kinds: google\.hours is in a\.toml too"):
        read_folder(tmp_path)
