"""What the product says from its content files: whole in English, Hindi and Marathi."""

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(ROOT / "local/guidance/content/guides").glob("*.toml"),
    *(ROOT / "local/automation/social_media/content").glob("**/*.toml"),
    ROOT / "local/execution/content/tasks.toml",
    ROOT / "local/intelligence/content/insights.toml",
    ROOT / "local/intelligence/content/sentences.toml",
    ROOT / "local/customers/content/wordings.toml",
]
LEGAL = list((ROOT / "marketing_platform/legal/content").glob("*.toml"))
# Words that Hindi has and Marathi has not.
HINDI = {
    *("है", "हैं", "नहीं", "और", "में", "से", "आप", "आपका", "आपकी", "आपके", "को", "यह", "वह"),
    *("था", "थे", "थी", "होता", "करें", "कीजिए", "दीजिए", "लिखें", "बाद", "क्या", "कोई"),
}
LETTERS = re.compile(r"[\u0900-\u097f]+")


def texts(table: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every group of one text in its languages, with its place in the file."""
    if isinstance(table, list):
        for number, each in enumerate(table, 1):
            yield from texts(each, f"{where}.{number}")
    elif isinstance(table, dict):
        if isinstance(table.get("hi"), str):
            yield where, table
        for name, each in table.items():
            yield from texts(each, f"{where}.{name}")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_text_is_there_in_marathi_and_fills_in_the_same(path: Path) -> None:
    for where, said in texts(tomllib.loads(path.read_text("utf-8"))):
        assert isinstance(said.get("mr"), str), where
        assert bool(said["mr"].strip()) == bool(said["hi"].strip()), where
        # A sentence may leave out what would need an ending; it may not ask for more.
        left_out = fields(said["hi"]) - fields(said["mr"])
        assert fields(said["mr"]) <= fields(said["hi"]), where
        assert not left_out or path.stem == "sentences", (where, left_out)
        assert ("hi_one" in said) == ("mr_one" in said), where


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_marathi_is_marathi(path: Path) -> None:
    for where, said in texts(tomllib.loads(path.read_text("utf-8"))):
        check(said["mr"], where)


@pytest.mark.parametrize("path", LEGAL, ids=lambda path: path.stem)
def test_marathi_of_the_legal_pages_is_marathi(path: Path) -> None:
    written = tomllib.loads(path.read_text("utf-8"))["mr"]
    check(written["title"] + written["summary"], path.stem)
    for each in written["sections"]:
        check(each["title"] + each["text"], path.stem)


def check(text: str, where: str) -> None:
    assert "।" not in text, where
    assert not HINDI & set(LETTERS.findall(text)), (where, text)
