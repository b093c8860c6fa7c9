"""Countries of payers."""

import pytest

from billing.engine.countries import COUNTRIES, country_name, country_names
from billing.engine.gst import charged_within, gstin_state


def test_the_list_is_that_of_iso_3166_with_india_first() -> None:
    assert len(COUNTRIES) == 249
    assert {"IN", "US", "GB", "SG", "AE", "NP", "TW"} <= COUNTRIES
    assert not {"EU", "ZZ", "XK", "UK", "IC"} & COUNTRIES
    names = country_names("en")
    assert names[0] == ("IN", "India")
    assert [name for _code, name in names[1:]] == sorted(name for _code, name in names[1:])
    assert {code for code, _name in names} == COUNTRIES


def test_names_are_of_the_language() -> None:
    assert country_name("SG", "en") == "Singapore"
    assert country_name("SG", "hi") == "सिंगापुर"
    assert country_name("SG", "fr") == "Singapore"
    assert country_name("QQ", "hi") == "QQ"


@pytest.mark.parametrize(
    ("gstin", "state"),
    [("25AAPFU0939F1ZZ", "26"), ("28AAPFU0939F1ZT", "37"), ("9917USA00001OSB", ""), ("", "")],
)
def test_the_state_of_a_gstin_on_record(gstin: str, state: str) -> None:
    assert gstin_state(gstin) == state


@pytest.mark.parametrize(
    ("place", "supply", "heads"),
    [
        # 99900 / 1.18 = 84661.02; 18 % of 84661 = 15238.98; 9 % = 7619.49.
        ("96", "export_with_tax", (84_661, 0, 0, 15_239, 0)),
        ("27", "regular", (84_661, 0, 0, 15_239, 0)),
        ("29", "regular", (84_661, 7_619, 7_619, 0, 1)),
        ("29", "sez_with_tax", (84_661, 0, 0, 15_239, 0)),
    ],
)
def test_the_tax_lies_inside_what_was_charged(
    place: str, supply: str, heads: tuple[int, ...]
) -> None:
    taxable, tax, rounding = charged_within(
        charged_paise=99_900, supplier_state="29", place=place, supply=supply
    )
    assert (taxable, tax.cgst, tax.sgst, tax.igst, rounding) == heads
    assert taxable + tax.total + rounding == 99_900
