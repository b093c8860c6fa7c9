"""E-invoice: the reference number and the INV-01 payload, schema 1.1 (Notification 60/2020).

Made for documents to a registered buyer and for exports, and their notes; never for consumers.
Nothing here talks to a registration portal.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from billing.engine.gst import ABROAD
from billing.engine.papers import Paper, rupees

TYPES = {"invoice": "INV", "credit_note": "CRN"}
SUPPLY_TYPES = {
    "regular": "B2B",
    "sez_with_tax": "SEZWP",
    "sez_without_tax": "SEZWOP",
    "export_with_tax": "EXPWP",
    "export_without_tax": "EXPWOP",
}
UNREGISTERED = "URP"
PIN_ABROAD = 999_999
PINCODE = re.compile(r"[1-9][0-9]{5}", re.ASCII)


def needs_irn(*, issues_e_invoices: bool, gstin: str, supply: str) -> bool:
    return issues_e_invoices and (bool(gstin) or supply.startswith("export"))


def irn_of(*, supplier_gstin: str, financial_year: str, kind: str, number: str) -> str:
    """64 lower-case hexadecimal digits; the portal computes the same from the same words."""
    words = f"{supplier_gstin}{financial_year}{TYPES[kind]}{number}"
    return hashlib.sha256(words.encode()).hexdigest()


def payload_of(paper: Paper) -> dict[str, Any]:
    """INV-01 as JSON's types; amounts are numbers of rupees with two decimals.

    Raises ValueError with the name of what lacks, as `lacking` has it.
    """
    if lacks := lacking(paper):
        raise ValueError(lacks)
    made = {
        "Version": "1.1",
        "TranDtls": {
            "TaxSch": "GST",
            "SupTyp": SUPPLY_TYPES[paper.supply],
            "RegRev": "N",
            "IgstOnIntra": "N",
        },
        "DocDtls": {
            "Typ": TYPES[paper.kind],
            "No": paper.number,
            "Dt": f"{paper.issued_on:%d/%m/%Y}",
        },
        "SellerDtls": _party(paper.seller, paper.seller["gstin"]),
        "BuyerDtls": {**_party(paper.buyer, paper.gstin or UNREGISTERED), "Pos": paper.place},
        "ItemList": [_item(paper)],
        "ValDtls": {
            "AssVal": _number(paper.taxable_paise),
            "CgstVal": _number(paper.tax.cgst),
            "SgstVal": _number(paper.tax.sgst),
            "IgstVal": _number(paper.tax.igst),
            "RndOffAmt": _number(paper.rounding_paise),
            "TotInvVal": _number(paper.total_paise),
        },
    }
    if paper.original:
        before = {"InvNo": paper.original.number, "InvDt": f"{paper.original.issued_on:%d/%m/%Y}"}
        made["RefDtls"] = {"PrecDocDtls": [before]}
    if paper.place == ABROAD:
        made["ExpDtls"] = {"ForCur": "INR", "CntCode": paper.buyer["country"]}
    return made


def lacking(paper: Paper) -> str:
    """What the portal would refuse: "seller" or "buyer" and the first field that is not there, or
    "". Who is in India has a PIN code and a State; abroad both have codes of their own."""
    for name, party in (("seller", paper.seller), ("buyer", paper.buyer)):
        for field in ("name", "address"):
            if not party.get(field, "").strip():
                return f"{name}.{field}"
        if _is_abroad(party):
            continue
        if not PINCODE.fullmatch(party.get("pincode", "")):
            return f"{name}.pincode"
        if not party.get("state_code", ""):
            return f"{name}.state_code"
    return ""


def _is_abroad(party: Mapping[str, str]) -> bool:
    return party.get("country", "IN") != "IN"


def _party(party: Mapping[str, str], gstin: str) -> dict[str, Any]:
    is_abroad = _is_abroad(party)
    return {
        "Gstin": gstin,
        "LglNm": party["name"][:100],
        "Addr1": party["address"][:100],
        "Loc": party.get("city") or party["address"][:50],
        "Pin": PIN_ABROAD if is_abroad else int(party["pincode"]),
        "Stcd": ABROAD if is_abroad else party["state_code"],
    }


def _item(paper: Paper) -> dict[str, Any]:
    taxable = _number(paper.taxable_paise)
    return {
        "SlNo": "1",
        "PrdDesc": paper.line.description[:300],
        "IsServc": "Y",
        "HsnCd": paper.line.sac,
        "Qty": 1,
        "Unit": "OTH",
        "UnitPrice": taxable,
        "TotAmt": taxable,
        "AssAmt": taxable,
        "GstRt": paper.line.rate_basis_points / 100 if paper.tax.total else 0,
        "CgstAmt": _number(paper.tax.cgst),
        "SgstAmt": _number(paper.tax.sgst),
        "IgstAmt": _number(paper.tax.igst),
        "TotItemVal": _number(paper.taxable_paise + paper.tax.total),
    }


def _number(paise: int) -> float:
    """The schema wants a JSON number; the shortest text of this one has the same two decimals."""
    return float(rupees(paise))
