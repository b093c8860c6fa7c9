"""A bank's statement, as banks in India export it: which columns, which rows, what each says.

Rows are cells of text. Amounts are in rupees as written (1,17,882.00 Cr) and become integer paise;
money in is positive. Dates are day first. Nothing is guessed that could turn a sign around: a row
that cannot be read is a problem, and a statement with problems is not taken at all.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

MOST_HEADER_ROWS = 60
LONGEST_NARRATION = 300
LARGEST_RUPEES = Decimal(10_000_000_000)
Row = tuple[int, Sequence[str]]

# What banks call their columns, without signs and spaces; the first that fits is taken.
NAMES: Mapping[str, tuple[str, ...]] = {
    "on": (
        *("transactiondate", "txndate", "trandate", "transdate", "postdate", "postingdate"),
        *("date", "valuedate", "valuedt"),
    ),
    "paid_in": (
        *("depositamt", "depositamount", "deposits", "deposit", "creditamount", "creditamt"),
        *("credit", "credits", "cr", "paidin", "moneyin"),
    ),
    "paid_out": (
        *("withdrawalamt", "withdrawalamount", "withdrawals", "withdrawal", "debitamount"),
        *("debitamt", "debit", "debits", "dr", "paidout", "moneyout"),
    ),
    "amount": ("transactionamount", "txnamount", "amount", "amt"),
    "sign": ("drcr", "crdr", "debitcredit", "creditdebit", "type", "transactiontype", "txntype"),
    "reference": (
        *("utr", "utrno", "utrnumber", "refno", "referenceno", "referencenumber", "reference"),
        *("chqrefno", "chqrefnumber", "refnochequeno", "refnocheque", "chequerefno"),
        *("chequenumber", "chequeno", "chqno", "tranid", "transactionid"),
    ),
    "narration": (
        *("narration", "transactionremarks", "description", "particulars", "remarks"),
        *("transactiondetails", "details", "transactiondescription"),
    ),
}
KNOWN_NAMES = frozenset(name for names in NAMES.values() for name in names)
CURRENCY = re.compile(r"(in)?(inr|rs|rupees)$")
NUMBER = re.compile(r"\d+(\.\d+)?|\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?")
SIGNS = {"cr": 1, "c": 1, "credit": 1, "dr": -1, "d": -1, "debit": -1}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2}|[a-z]{3,9})[-/., ]+(\d{4}|\d{2})(?!\d)", re.I)
YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
# No transactions: what banks print above and below them.
FURNITURE = re.compile(
    r"\b(opening|closing|brought|carried|b/f|c/f|statement|generated|total|page|balance)\b", re.I
)
END = re.compile(r"\b((statement|account) summary|end of (the )?statement)\b", re.I)
RULE = re.compile(r"[-*=_. ]+")
# NEFT and RTGS: the bank's four letters and a run of digits; IMPS and UPI: twelve digits.
BANK_UTR = re.compile(r"(?<![0-9A-Z])[A-Z]{4}[A-Z0-9]{1,2}\d{10,16}(?![0-9A-Z])")
RRN = re.compile(r"(?<![0-9A-Z])\d{12}(?![0-9A-Z])")
REFERENCE = re.compile(r"[0-9A-Z][0-9A-Z/-]{5,39}")


@dataclass(frozen=True)
class Columns:
    """Places of the columns; either paid_in and paid_out, or amount with or without sign."""

    on: int
    paid_in: int | None = None
    paid_out: int | None = None
    amount: int | None = None
    sign: int | None = None
    reference: int | None = None
    narration: int | None = None


@dataclass(frozen=True)
class Line:
    row: int
    on: date
    amount_paise: int
    utr: str
    narration: str


@dataclass(frozen=True)
class Problem:
    """`why` is date, future, amount, both, neither or sign; `text` is what stands there."""

    row: int
    why: str
    text: str


@dataclass(frozen=True)
class Statement:
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


class Unreadable(ValueError):
    """Of one cell; the argument is the problem's `why`."""


def read(rows: Sequence[Row], *, until: date) -> Statement | None:
    """None when no row is a header of a bank statement. A day after `until` is a problem: most
    likely day and month are the other way round."""
    found = _header(rows)
    if found is None:
        return None
    start, columns = found
    body = _body(rows[start + 1 :])
    has_minus = any(_cell(cells, columns.amount).startswith("-") for _number, cells in body)
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, cells in body:
        if _is_furniture(cells, columns):
            _continue(lines, number, cells, columns)
            continue
        try:
            lines.append(_line(number, cells, columns, has_minus, until))
        except Unreadable as error:
            problems.append(Problem(number, str(error), _shown(cells)))
    return Statement(tuple(lines), tuple(problems))


def columns_of(cells: Sequence[str]) -> Columns | None:
    """None unless there is a day, and money with its direction or a single amount."""
    names = [_name(cell) for cell in cells]
    found = {key: _place(names, wanted) for key, wanted in NAMES.items()}
    on = found.pop("on")
    has_both = found["paid_in"] is not None and found["paid_out"] is not None
    if on is None or not (has_both or found["amount"] is not None):
        return None
    if has_both:
        return Columns(on, **{**found, "amount": None, "sign": None})
    return Columns(on, **{**found, "paid_in": None, "paid_out": None})


def amount_of(text: str) -> tuple[int, int]:
    """Paise without sign, and the sign that stands there: 1, -1, or 0 for none. Raises Unreadable.

    '1,17,882.00 Cr' → (11788200, 1); '(500)' and '-500' → (50000, -1); '' → (0, 0).
    """
    rest = re.sub(r"\s+", "", text).lower().removeprefix("₹").removeprefix("inr")
    rest = re.sub(r"^rs\.?", "", rest)
    if rest in {"", "-", "--"}:
        return 0, 0
    sign = 0
    if worded := re.fullmatch(r"(.*?)\(?(cr|dr)\.?\)?", rest):
        rest, sign = worded[1], SIGNS[worded[2]]
    elif rest.startswith("(") and rest.endswith(")"):
        rest, sign = rest[1:-1], -1
    if rest[:1] in {"-", "+"}:
        if sign:
            raise Unreadable("sign")
        rest, sign = rest[1:], -1 if rest[0] == "-" else 1
    return _paise(rest), sign


def day_of(text: str) -> date:
    """22/11/2026, 22-11-26, 22.11.2026, 22-Nov-2026, 2026-11-22; a time after it is left out.
    Raises Unreadable, also for 11/22/2026."""
    text = text.strip()
    try:
        if found := YEAR_FIRST.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := DAY_FIRST.match(text):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            return date(year, _month(found[2]), int(found[1]))
    except ValueError as error:
        raise Unreadable("date") from error
    raise Unreadable("date")


def utr_of(reference: str, narration: str) -> str:
    """What banks call a transfer: of its own column, else the first that stands in the text."""
    written = re.sub(r"\s+", "", reference).upper()
    if REFERENCE.fullmatch(written) and re.search(r"[1-9]", written):
        return written
    upper = narration.upper()
    found = BANK_UTR.search(upper) or RRN.search(upper)
    return found[0] if found else ""


def fresh(lines: Iterable[Line], taken: Iterable[tuple[date, int, str, str]]) -> list[Line]:
    """Lines that statements taken before do not hold; two alike on one day are two lines."""
    left = Counter(taken)
    new: list[Line] = []
    for line in lines:
        key = key_of(line)
        if left[key]:
            left[key] -= 1
        else:
            new.append(line)
    return new


def key_of(line: Line) -> tuple[date, int, str, str]:
    return (line.on, line.amount_paise, line.utr, line.narration)


def _header(rows: Sequence[Row]) -> tuple[int, Columns] | None:
    for place, (_number, cells) in enumerate(rows[:MOST_HEADER_ROWS]):
        if columns := columns_of(cells):
            return place, columns
    return None


def _body(rows: Sequence[Row]) -> list[Row]:
    """Up to the summary; headers are printed again on every page."""
    body: list[Row] = []
    for number, cells in rows:
        if any(END.search(cell) for cell in cells) and not any(_is_day(cell) for cell in cells):
            break
        if columns_of(cells) is None:
            body.append((number, cells))
    return body


def _name(cell: str) -> str:
    """'Withdrawal Amount (INR )' → 'withdrawalamount'."""
    plain = re.sub(r"[^a-z]", "", cell.lower())
    return plain if plain in KNOWN_NAMES else CURRENCY.sub("", plain)


def _place(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _is_furniture(cells: Sequence[str], columns: Columns) -> bool:
    """A row that moves no money: a rule, text alone, a balance; or a total, which has no day.

    What has digits where the day belongs, and money, is never passed over.
    """
    if all(not cell.strip() or RULE.fullmatch(cell.strip()) for cell in cells):
        return True
    money = (columns.paid_in, columns.paid_out, columns.amount)
    has_money = any(_cell(cells, place).strip("0.,- ") for place in money)
    on = _cell(cells, columns.on)
    is_named = any(FURNITURE.search(cell) for cell in cells)
    if _is_day(on):
        return is_named and not has_money
    return not has_money or (is_named and not re.search(r"\d", on))


def _is_day(text: str) -> bool:
    try:
        day_of(text)
    except Unreadable:
        return False
    return True


def _continue(lines: list[Line], number: int, cells: Sequence[str], columns: Columns) -> None:
    """A long text goes on in the next row, in which nothing else stands."""
    text = _cell(cells, columns.narration)
    if not lines or not text or sum(bool(cell.strip()) for cell in cells) > 1:
        return
    last = lines[-1]
    if number != last.row + 1 or FURNITURE.search(text):
        return
    narration = f"{last.narration} {text}".strip()[:LONGEST_NARRATION]
    lines[-1] = replace(last, narration=narration, utr=last.utr or utr_of("", narration))


def _line(
    number: int, cells: Sequence[str], columns: Columns, has_minus: bool, until: date
) -> Line:
    narration = " ".join(_cell(cells, columns.narration).split())[:LONGEST_NARRATION]
    on = day_of(_cell(cells, columns.on))
    if on > until:
        raise Unreadable("future")
    return Line(
        row=number,
        on=on,
        amount_paise=_money(cells, columns, has_minus),
        utr=utr_of(_cell(cells, columns.reference), narration),
        narration=narration,
    )


def _money(cells: Sequence[str], columns: Columns, has_minus: bool) -> int:
    if columns.amount is None:
        return _in_or_out(_cell(cells, columns.paid_in), _cell(cells, columns.paid_out))
    paise, sign = amount_of(_cell(cells, columns.amount))
    worded = SIGNS.get(_cell(cells, columns.sign).lower().rstrip("."), 0)
    if not paise:
        raise Unreadable("neither")
    if sign and worded and sign != worded:
        raise Unreadable("sign")
    if not (sign or worded or has_minus):
        raise Unreadable("sign")
    # Where a bank writes a minus for money out, what has none came in.
    return paise * (worded or sign or 1)


def _in_or_out(paid_in: str, paid_out: str) -> int:
    """Each column has its direction; a sign against it is refused."""
    came, came_sign = amount_of(paid_in)
    went, went_sign = amount_of(paid_out)
    if came and went:
        raise Unreadable("both")
    if not came and not went:
        raise Unreadable("neither")
    if came_sign == -1 or went_sign == 1:
        raise Unreadable("sign")
    return came or -went


def _paise(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise Unreadable("amount")
    rupees = Decimal(text.replace(",", ""))
    paise = rupees * 100
    if rupees > LARGEST_RUPEES or paise != paise.to_integral_value():
        raise Unreadable("amount")
    return int(paise)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return MONTHS.index(text[:3].lower()) + 1


def _shown(cells: Sequence[str]) -> str:
    return " | ".join(cell for cell in cells if cell)[:200]
