import pytest

from marketing_platform.core.money import Rupees
from marketing_platform.core.text import clean_line, indian_grouping


@pytest.mark.parametrize(
    ("price", "tax", "total"),
    [("999", 17_982, 117_882), ("25000", 450_000, 2_950_000), ("0.01", 0, 1), ("0.03", 1, 4)],
)
def test_gst_is_added_to_the_paisa(price: str, tax: int, total: int) -> None:
    split = Rupees.of(price).with_gst()

    assert (split.tax.paise, split.total.paise) == (tax, total)


def test_a_fraction_of_a_paisa_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        Rupees.of("1.005")


@pytest.mark.parametrize(
    ("paise", "text"),
    [(99_900, "₹999"), (117_882, "₹1,178.82"), (10_000_000, "₹1,00,000"), (-50, "-₹0.50")],
)
def test_amounts_are_written_the_indian_way(paise: int, text: str) -> None:
    assert Rupees(paise).format() == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "1,23,45,678")]
)
def test_digits_are_grouped_in_lakh_and_crore(number: int, text: str) -> None:
    assert indian_grouping(number) == text


def test_a_name_keeps_its_script_and_loses_control_characters() -> None:
    assert clean_line("  आशा \x00 मिठाई\u202e\n भंडार ") == "आशा मिठाई भंडार"
