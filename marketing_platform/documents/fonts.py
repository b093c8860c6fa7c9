"""The fonts documents are set in, made once from the npm packages of Noto Sans (OFL 1.1).

`python -m marketing_platform.documents.fonts [--source node_modules] [--target var/fonts]`
unpacks WOFF2 to TrueType, which typst reads. The extended Latin subset gets a family name of
its own: two files of one family and weight would hide each other.
"""

import argparse
import functools
import json
import os
import sys
import unicodedata
from pathlib import Path

from marketing_platform.documents.errors import FontsMissing

ROOT = Path(__file__).resolve().parents[2]
EXTENDED_FAMILY = "Noto Sans Ext"
WEIGHTS = (400, 600, 800)
SUBSETS = (
    ("noto-sans", "latin"),
    ("noto-sans", "latin-ext"),
    ("noto-sans-devanagari", "devanagari"),
)
RECIPE = 1  # raise when the conversion changes, so that old folders are made again
STAMP = "made-from.json"
JOINERS = "\u200c\u200d"
LONGEST_MARK_RUN = 4  # consonant + nukta + vowel sign + candrabindu is the longest honest one


def default_font_dir() -> Path:
    """Where fonts lie when the caller names no folder: PLATFORM_VAR/fonts, else var/fonts."""
    return Path(os.environ.get("PLATFORM_VAR") or ROOT / "var") / "fonts"


def covered_text(text: str, *, font_dir: Path | None = None) -> str:
    """The text without what our fonts cannot draw, so that no empty box is ever printed.

    Styled letters (fullwidth, mathematical bold) become plain ones. A word with a letter of an
    uncovered script is dropped whole, since half a word misleads; emoji and signs are dropped
    one by one. Nothing readable left gives "".
    """
    coverage = code_points(font_dir or default_font_dir())
    words = (_covered_word(word, coverage) for word in unicodedata.normalize("NFC", text).split())
    kept = " ".join(word for word in words if word)
    if any(map(str.isalpha, text)):
        return kept if any(map(str.isalpha, kept)) else ""
    return kept if any(map(str.isalnum, kept)) else ""


def is_covered(text: str, *, font_dir: Path | None = None) -> bool:
    """Whether every letter of the text can be drawn (spaces and order aside)."""
    letters = [character for character in text if character.isalpha()]
    kept = covered_text(text, font_dir=font_dir)
    return sum(character.isalpha() for character in kept) >= len(letters)


@functools.lru_cache(maxsize=4)
def code_points(font_dir: Path) -> frozenset[int]:
    """Every code point that some font of the folder draws. Raises FontsMissing."""
    try:
        return frozenset(json.loads((font_dir / STAMP).read_text())["code_points"])
    except (OSError, ValueError, KeyError) as error:
        raise FontsMissing(f"no fonts in {font_dir}") from error


def make_fonts(*, source: Path, target: Path) -> bool:
    """Fill `target` from the npm folder `source`; True if anything had to be made."""
    made_from = {"recipe": RECIPE, "weights": list(WEIGHTS), "packages": _versions(source)}
    if _is_current(target, made_from):
        return False
    target.mkdir(parents=True, exist_ok=True)
    covered: set[int] = set()
    for package, subset in SUBSETS:
        for weight in WEIGHTS:
            covered |= _convert(source, target, package, subset, weight)
    stamp = target / f"{STAMP}.{os.getpid()}"
    stamp.write_text(json.dumps({**made_from, "code_points": sorted(covered)}))
    stamp.replace(target / STAMP)
    code_points.cache_clear()
    return True


def _covered_word(word: str, coverage: frozenset[int]) -> str:
    kept: list[str] = []
    marks = 0
    for character in _plain(word, coverage):
        is_mark = unicodedata.category(character).startswith("M")
        if character in JOINERS:
            if kept and "\u0900" <= kept[-1] <= "\u097f":
                kept.append(character)
            continue
        if ord(character) not in coverage:
            if unicodedata.category(character).startswith("L"):
                return ""
            continue
        marks = marks + 1 if is_mark else 0
        if is_mark and (not kept or marks > LONGEST_MARK_RUN):
            continue
        kept.append(character)
    return "".join(kept).rstrip(JOINERS)


def _plain(word: str, coverage: frozenset[int]) -> str:
    """Compatibility forms only where the font lacks the original: '𝐒' to 'S', but '½' stays."""
    return "".join(
        character
        if ord(character) in coverage or character in JOINERS
        else unicodedata.normalize("NFKC", character)
        for character in word
    )


def _versions(source: Path) -> dict[str, str]:
    packages = sorted({package for package, _ in SUBSETS})
    return {
        package: json.loads((source / "@fontsource" / package / "package.json").read_text())[
            "version"
        ]
        for package in packages
    }


def _is_current(target: Path, made_from: dict) -> bool:
    try:
        stamp = json.loads((target / STAMP).read_text())
    except (OSError, ValueError):
        return False
    stamp.pop("code_points", None)
    return stamp == made_from and all(
        (target / _file_name(package, subset, weight)).exists()
        for package, subset in SUBSETS
        for weight in WEIGHTS
    )


def _file_name(package: str, subset: str, weight: int) -> str:
    return f"{package}-{subset}-{weight}.ttf"


def _convert(source: Path, target: Path, package: str, subset: str, weight: int) -> set[int]:
    from fontTools.ttLib import TTFont  # slow to import, and needed once per machine only

    files = source / "@fontsource" / package / "files"
    font = TTFont(files / f"{package}-{subset}-{weight}-normal.woff2", recalcTimestamp=False)
    covered = set(font.getBestCmap())
    if subset == "latin-ext":
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = EXTENDED_FAMILY
    font.flavor = None
    part = target / f"{_file_name(package, subset, weight)}.{os.getpid()}"
    font.save(part, reorderTables=None)
    part.replace(target / _file_name(package, subset, weight))
    return covered


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the document fonts from npm packages.")
    parser.add_argument("--source", type=Path, default=ROOT / "node_modules")
    parser.add_argument("--target", type=Path, default=default_font_dir())
    options = parser.parse_args(arguments)
    try:
        made = make_fonts(source=options.source, target=options.target)
    except OSError as error:
        sys.stderr.write(f"Fonts could not be made: {error}. Has `npm ci` run?\n")
        return 1
    sys.stdout.write(f"Fonts {'made' if made else 'are current'} in {options.target}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
