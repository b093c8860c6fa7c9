"""Coupons from a file: shown before they are made, all or none, each cell that is wrong named."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import Coupon
from marketing_platform.core.tables import xlsx_write
from marketing_platform.users.models import User
from tests.billing.test_admin import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/billing/coupon/bring-in/"
WHY = "Festival offers agreed with the sales team"
GOOD = (
    "Code,Tier,Percent,Rupees,Duration,Months,Valid from,Valid until,Most uses\n"
    "diwali26,local,20,,once,,2026-11-01,20/11/2026 23:59,200\n"
    "YEAR250,,,250.50,repeating,12,01/12/2026,,\n"
)


@pytest.fixture
def staff():
    return signed_in(User.objects.create_superuser(email="a@example.in", password="a-long-word-3"))


def send(staff, text, name="coupons.csv", reason=WHY):
    content = text if isinstance(text, bytes) else text.encode()
    return staff.post(PAGE, {"file": SimpleUploadedFile(name, content), "reason": reason})


def confirm(staff, page):
    kept = re.search(r'name="kept" value="([^"]+)"', page.content.decode())[1]
    return staff.post(PAGE, {"kept": kept}, follow=True)


def test_a_file_is_shown_and_then_made(staff) -> None:
    shown = send(staff, GOOD)
    assert "Make 2 coupons" in shown.content.decode()
    assert not Coupon.objects.filter(code__in=["DIWALI26", "YEAR250"]).exists()

    assert "2 coupons are there now" in confirm(staff, shown).content.decode()
    first, second = Coupon.objects.filter(code__in=["DIWALI26", "YEAR250"]).order_by("code")
    assert (first.percent_basis_points, first.amount_paise, first.most_uses) == (2000, 0, 200)
    assert first.valid_until.isoformat() == "2026-11-20T18:29:00+00:00"
    assert (second.amount_paise, second.duration, second.months) == (25050, "repeating", 12)
    assert second.tier == ""
    assert LogEntry.objects.filter(change_message__contains=WHY).count() == 2


def test_excel_is_read_as_well(staff) -> None:
    book = xlsx_write([["code", "percent", "valid_from"], ["X10", "10", "2026-12-01"]], title="c")
    confirm(staff, send(staff, book, "coupons.xlsx"))

    assert Coupon.objects.get(code="X10").percent_basis_points == 1000


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("A1,local,20,5,once,,2026-11-01,,", "–", "Either a share or an amount"),
        ("A1,local,120,,once,,2026-11-01,,", "percent", "100"),
        ("A1,mars,20,,once,,2026-11-01,,", "tier", "mars"),
        ("A1,local,20,,repeating,,2026-11-01,,", "–", "For how many months?"),
        ("A1,local,20,,once,,11/31/2026,,", "valid from", "Enter a valid date"),
        ("A1,local,20,,once,,2026-11-01,,-3", "most uses", "0"),
        ("A1,local,abc,,once,,2026-11-01,,", "percent", "number"),
        (",local,20,,once,,2026-11-01,,", "code", "required"),
        ("diwali26,local,20,,once,,2026-11-01,,", "code", "in line 2"),
    ],
)
def test_one_wrong_cell_and_nothing_is_made(staff, line: str, column: str, words: str) -> None:
    page = send(staff, GOOD + line + "\n")
    body = page.content.decode()

    assert page.status_code == 422
    row = re.search(rf'<td class="pe-4">4</td><td class="pe-4">{column}</td><td>(.*?)</td>', body)
    assert row is not None
    assert words in row[1]
    assert 'name="kept"' not in body
    assert not Coupon.objects.filter(code="YEAR250").exists()


def test_a_code_that_is_there_already_is_refused(staff) -> None:
    confirm(staff, send(staff, GOOD))
    page = send(staff, GOOD)

    assert page.status_code == 422
    assert "already exists" in page.content.decode()


def test_pressing_twice_makes_them_once(staff) -> None:
    shown = send(staff, GOOD)
    confirm(staff, shown)

    assert confirm(staff, shown).status_code == 422
    assert Coupon.objects.filter(code="YEAR250").count() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("code,colour\nA,red\n", "The first row names the columns"),
        ("code,valid from\n", "There is no coupon under the first row"),
        (b"\xd0\xcf\x11\xe0 old excel", "old Excel file"),
        ("code,valid from\n" + "A,2026-11-01\n" * 501, "500"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(staff, text: str | bytes, words: str) -> None:
    page = send(staff, text)

    assert page.status_code == 422
    assert words in page.content.decode()


def test_what_was_shown_to_another_is_not_made(staff) -> None:
    shown = send(staff, GOOD)
    other = signed_in(User.objects.create_superuser(email="b@x.example", password="a-long-word-3"))

    assert "This preview is over" in confirm(other, shown).content.decode()
    assert not Coupon.objects.filter(code="YEAR250").exists()


def test_an_example_comes_along_and_is_good(staff) -> None:
    example = staff.get(f"{PAGE}example.csv")
    assert "Make 1 coupon<" in send(staff, example.content).content.decode()
