"""What documents say in words, such as an amount in lakh and crore: in English and Hindi."""

from decimal import Decimal

from num2words import num2words

DOCUMENT_LANGUAGES = ("en", "hi")
# Beyond a thousand crore the English library gives up, and so does any invoice of ours.
MOST_PAISE = 10**12 - 1
NUMERALS = """
शून्य एक दो तीन चार पाँच छह सात आठ नौ
दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस
बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस
तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस
चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास
पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ
साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर
सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी
अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी
नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
"""
HINDI = tuple(NUMERALS.split())
HINDI_PLACES = ((10_000_000, "करोड़"), (100_000, "लाख"), (1_000, "हज़ार"), (100, "सौ"))


def amount_in_words(paise: int, language: str) -> str:
    """2950000 -> "Rupees twenty-nine thousand, five hundred only", or in Hindi for "hi".

    Raises ValueError below zero and above a thousand crore rupees.
    """
    if not 0 <= paise <= MOST_PAISE:
        raise ValueError(f"no words for {paise} paise")
    return _hindi(paise) if language == "hi" else _english(paise)


def _english(paise: int) -> str:
    rupees, rest = divmod(paise, 100)
    # A Decimal: of an int the library's currency takes the last two digits for paise.
    words = num2words(Decimal(rupees), lang="en_IN")
    cents = f" and {num2words(Decimal(rest), lang='en_IN')} paise" if rest else ""
    return f"Rupees {words}{cents} only"


def _hindi(paise: int) -> str:
    rupees, rest = divmod(paise, 100)
    unit = "रुपया" if rupees == 1 else "रुपये"
    cents = f" और {_hindi_number(rest)} पैसे" if rest > 1 else " और एक पैसा" if rest else ""
    return f"{_hindi_number(rupees)} {unit}{cents} मात्र"


def _hindi_number(number: int) -> str:
    parts = []
    for size, name in HINDI_PLACES:
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_hindi_number(count)} {name}")
    if number or not parts:
        parts.append(HINDI[number])
    return " ".join(parts)
