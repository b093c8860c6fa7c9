"""An e-invoice that lacks something is not made: no PIN code is invented."""

from dataclasses import replace

import pytest

from billing.engine.einvoice import lacking, payload_of
from tests.billing.engine.test_einvoice_and_tally import BUYER, EXPORT, INVOICE, SELLER


@pytest.mark.parametrize(
    ("party", "changes", "lacks"),
    [
        ("buyer", {"pincode": ""}, "buyer.pincode"),
        ("buyer", {"pincode": "99999"}, "buyer.pincode"),
        ("buyer", {"pincode": "012345"}, "buyer.pincode"),
        ("buyer", {"pincode": "४०००२१"}, "buyer.pincode"),
        ("buyer", {"state_code": ""}, "buyer.state_code"),
        ("buyer", {"name": " "}, "buyer.name"),
        ("buyer", {"address": ""}, "buyer.address"),
        ("seller", {"pincode": ""}, "seller.pincode"),
        ("seller", {"address": ""}, "seller.address"),
    ],
)
def test_what_the_portal_would_refuse_is_named(party, changes, lacks) -> None:
    whole = {"seller": SELLER, "buyer": BUYER}[party]
    paper = replace(INVOICE, **{party: {**whole, **changes}})
    assert lacking(paper) == lacks
    with pytest.raises(ValueError, match=f"^{lacks}$"):
        payload_of(paper)


def test_abroad_needs_neither_pin_code_nor_state() -> None:
    assert (lacking(EXPORT), lacking(INVOICE)) == ("", "")
    assert payload_of(EXPORT)["BuyerDtls"]["Pin"] == 999_999
    nameless = replace(EXPORT, buyer={**EXPORT.buyer, "address": ""})
    assert lacking(nameless) == "buyer.address"


def test_a_buyer_without_a_pin_code_field_is_in_india_and_lacks_it() -> None:
    buyer = {name: text for name, text in BUYER.items() if name not in {"country", "pincode"}}
    assert lacking(replace(INVOICE, buyer=buyer)) == "buyer.pincode"
