import pytest

from billing.engine.gst import amount_in_words
from billing.engine.words import HINDI


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (2_950_000, "Rupees twenty-nine thousand, five hundred only"),
        (117_882, "Rupees one thousand, one hundred and seventy-eight and eighty-two paise only"),
        (12_345_678_01,
         "Rupees one crore, twenty-three lakh, forty-five thousand, six hundred and seventy-eight"
         " and one paise only"),
        (100, "Rupees one only"),
        (1, "Rupees zero and one paise only"),
        (0, "Rupees zero only"),
    ],
)  # fmt: skip
def test_english(paise: int, words: str) -> None:
    assert amount_in_words(paise, "en") == words


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (2_950_000, "उनतीस हज़ार पाँच सौ रुपये मात्र"),
        (117_882, "एक हज़ार एक सौ अठहत्तर रुपये और बयासी पैसे मात्र"),
        (12_345_678_01,
         "एक करोड़ तेईस लाख पैंतालीस हज़ार छह सौ अठहत्तर रुपये और एक पैसा मात्र"),
        (1_00_00_000_00, "एक करोड़ रुपये मात्र"),
        (100, "एक रुपया मात्र"),
        (102, "एक रुपया और दो पैसे मात्र"),
        (0, "शून्य रुपये मात्र"),
        (123_45_67_890_00,
         "एक सौ तेईस करोड़ पैंतालीस लाख सड़सठ हज़ार आठ सौ नब्बे रुपये मात्र"),
    ],
)  # fmt: skip
def test_hindi(paise: int, words: str) -> None:
    assert amount_in_words(paise, "hi") == words


def test_hindi_has_a_hundred_different_numerals() -> None:
    assert len(HINDI) == len(set(HINDI)) == 100
    tens = {10: "दस", 20: "बीस", 30: "तीस", 40: "चालीस", 50: "पचास", 60: "साठ", 70: "सत्तर",
            80: "अस्सी", 90: "नब्बे", 39: "उनतालीस", 49: "उनचास", 89: "नवासी",
            99: "निन्यानवे"}  # fmt: skip
    assert {number: HINDI[number] for number in tens} == tens


@pytest.mark.parametrize("paise", [-1, 10**12])
def test_no_words_below_zero_and_beyond_a_thousand_crore(paise: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        amount_in_words(paise, "en")


def test_the_largest_amount_has_words() -> None:
    assert amount_in_words(10**12 - 1, "en").startswith("Rupees nine hundred and ninety-nine crore")
    assert amount_in_words(10**12 - 1, "hi").startswith("नौ सौ निन्यानवे करोड़")
