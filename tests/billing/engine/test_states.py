"""Two letters and the digits of a GSTIN name the same State."""

import pytest

from billing.engine.gst import STATES
from billing.engine.states import GST_CODES, gst_code


@pytest.mark.parametrize(
    ("letters", "code", "name"),
    [
        ("MH", "27", "Maharashtra"),
        ("KA", "29", "Karnataka"),
        ("DL", "07", "Delhi"),
        ("TG", "36", "Telangana"),
        ("TS", "36", "Telangana"),
        ("OR", "21", "Odisha"),
        ("UT", "05", "Uttarakhand"),
        ("LA", "38", "Ladakh"),
        ("mh", "27", "Maharashtra"),
    ],
)
def test_letters_and_digits_agree(letters, code, name):
    assert gst_code(letters) == code
    assert STATES[code] == name


def test_what_is_no_state_has_no_code():
    assert gst_code("XX") == gst_code("") == ""


def test_every_state_of_a_gstin_has_letters_but_the_other_territory():
    assert set(STATES) - set(GST_CODES.values()) == {"97"}
