"""Nothing is printed that the fonts cannot draw, and what they can is kept whole."""

import pytest

from marketing_platform.documents.errors import FontsMissing
from marketing_platform.documents.fonts import (
    ROOT,
    STAMP,
    code_points,
    covered_text,
    is_covered,
    main,
    make_fonts,
)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Asha Salon 💇 ✨", "Asha Salon"),
        ("आशा ब्यूटी पार्लर, ₹500", "आशा ब्यूटी पार्लर, ₹500"),
        ("क्\u200dष", "क्\u200dष"),
        ("சலூன் Asha", "Asha"),
        ("محمد 24", ""),
        ("שלום", ""),
        ("\u202eevil", "evil"),
        ("𝐒𝐚𝐥𝐨𝐧 Ｏｎｅ", "Salon One"),
        ("Cafe\u0301 ½", "Café ½"),
        ("a\u0335\u0335\u0335\u0335\u0335\u0335b", "ab"),
        ("\u093f", ""),
        ("two   spaces", "two spaces"),
        ("*#bold*", "*#bold*"),
        ("🙏🙏", ""),
    ],
)
def test_text_keeps_what_can_be_drawn(typed, printed, font_dir):
    assert covered_text(typed, font_dir=font_dir) == printed


def test_names_in_other_scripts_are_noticed(font_dir):
    assert is_covered("आशा Salon 💇", font_dir=font_dir)
    assert not is_covered("சலூன் Asha", font_dir=font_dir)


def test_every_letter_of_hindi_marathi_and_the_rupee_sign_is_covered(font_dir):
    needed = [*range(0x0900, 0x0980), *range(0x20, 0x7F), ord("₹"), ord("…"), ord("·"), ord("’")]
    assert [point for point in needed if point not in code_points(font_dir)] == []


def test_a_second_run_makes_nothing(tmp_path):
    assert make_fonts(source=ROOT / "node_modules", target=tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert not make_fonts(source=ROOT / "node_modules", target=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times
    (tmp_path / "noto-sans-latin-400.ttf").unlink()
    assert make_fonts(source=ROOT / "node_modules", target=tmp_path)


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(FontsMissing, match=str(tmp_path)):
        covered_text("Asha", font_dir=tmp_path)


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert main(["--source", str(tmp_path), "--target", str(tmp_path / "fonts")]) == 1
    assert "npm ci" in capsys.readouterr().err
    assert not (tmp_path / "fonts" / STAMP).exists()
