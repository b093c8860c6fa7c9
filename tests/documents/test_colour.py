"""Whatever two colours an owner likes, the words on the poster can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketing_platform.documents.colour import contrast_ratio, contrasting, palette, readable_on

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_ratio_is_that_of_wcag():
    assert contrast_ratio("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast_ratio("#123456", "#123456") == 1.0


@given(COLOURS, COLOURS)
@settings(max_examples=150, deadline=None)
def test_text_colours_reach_four_and_a_half_to_one(primary, accent):
    made = palette(primary, accent)
    for text, ground in (
        (made.on_field, made.field),
        (made.on_field, made.field_shade),
        (made.on_field, made.field_shade_more),
        (made.on_accent, made.accent),
        (made.ink, made.paper),
        (made.ink_soft, made.paper),
        (made.field_on_paper, made.paper),
        (made.paper, made.field_on_paper),
        (made.on_hush, made.hush),
    ):
        assert contrast_ratio(text, ground) >= 4.5
    assert contrast_ratio(made.accent, made.field) >= 3.0


def test_a_good_colour_is_kept_as_it_is():
    made = palette("#7b1e5a", "#f2a516")
    assert (made.field, made.accent, made.on_field) == ("#7b1e5a", "#f2a516", "#ffffff")


def test_a_poor_accent_moves_only_as_far_as_needed():
    moved = contrasting("#1e40af", "#1d4ed8", 3.0)
    assert 3.0 <= contrast_ratio(moved, "#1d4ed8") < 3.6


def test_yellow_lettering_becomes_ink_instead_of_olive():
    made = palette("#ffee00", "#1d4ed8")
    assert made.field_on_paper == made.ink


@pytest.mark.parametrize("broken", ["", "blue", "#12345", "#gggggg", "url(x)"])
def test_an_unreadable_colour_counts_as_our_own(broken):
    assert palette(broken, broken) == palette("#3f3d9b", "#f2a516")


def test_short_hex_is_understood():
    assert palette("#f00", "0f0") == palette("#ff0000", "#00ff00")


def test_white_is_preferred_where_it_reads():
    assert readable_on("#7b1e5a") == "#ffffff"
    assert readable_on("#f2a516", "#201010") == "#201010"
