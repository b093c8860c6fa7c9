"""Customers in the tests that walk over everything."""

from datetime import UTC, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

MOMENT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
CUSTOMER = {"customer_id": "@uuid_row"}
OTHER = {"other": "@uuid_second"}
FILE = {"batch_id": "@row"}
TOKEN_FREE = {"phone": "9999900077", "amount": "10"}
LOCAL = {
    "customers/": OWN,
    "customers/sample/": Row(Kind.OWN, form={"do": "show"}),
    "customers/export/": Row(Kind.OWN, query={"format": "csv"}),
    "customers/add/": Row(Kind.OWN, form={"phone": "9999900078", "name": "Walk"}),
    "customers/counter/": Row(Kind.OWN, form=TOKEN_FREE),
    "customers/counter/lookup/": Row(Kind.OWN, form={"phone": "9999900001"}),
    "customers/counter/undo/": Row(Kind.ROW, form={"visit": "@row"}),
    "customers/<uuid:customer_id>/": Row(Kind.ROW, CUSTOMER),
    "customers/<uuid:customer_id>/edit/": Row(Kind.ROW, CUSTOMER, form={"name": "Walk"}),
    "customers/<uuid:customer_id>/consent/": Row(Kind.ROW, CUSTOMER, form={"consent": "on"}),
    "customers/<uuid:customer_id>/withdraw/": Row(Kind.ROW, CUSTOMER),
    "customers/<uuid:customer_id>/enquiry/": Row(Kind.ROW, CUSTOMER, form={"text": "Ladoo?"}),
    "customers/<uuid:customer_id>/enquiry/<int:enquiry_id>/answered/": Row(
        Kind.ROW, {**CUSTOMER, "enquiry_id": "@row"}
    ),
    "customers/<uuid:customer_id>/join/": Row(Kind.ROW, CUSTOMER, form=OTHER),
    "customers/<uuid:customer_id>/erase/": Row(Kind.ROW, CUSTOMER, form={"word": "ERASE"}),
    "customers/import/": OWN,
    "customers/import/<int:batch_id>/": Row(Kind.ROW, FILE),
    "customers/import/<int:batch_id>/columns/": Row(Kind.ROW, FILE, form={"column_0": "phone"}),
    "customers/import/<int:batch_id>/confirm/": Row(Kind.ROW, FILE),
    "customers/import/<int:batch_id>/discard/": Row(Kind.ROW, FILE),
    "customers/import/<int:batch_id>/undo/": Row(Kind.ROW, {"batch_id": "@imported"}),
    "customers/import/<int:batch_id>/refused.csv": Row(Kind.ROW, {"batch_id": "@imported"}),
    "api/local/customers": OWN,
    "api/local/customers/<uuid:customer_id>": Row(Kind.ROW, CUSTOMER),
    "api/local/customers/<uuid:customer_id>/consent": Row(Kind.ROW, CUSTOMER),
    "api/local/customers/<uuid:customer_id>/consent/withdraw": Row(Kind.ROW, CUSTOMER),
    "api/local/visits": Row(Kind.OWN),
}


def _batch(key: int, letter: str) -> dict[str, Any]:
    is_draft = bool(key % 2)
    return {
        "state": "draft" if is_draft else "imported",
        "content": f"Mobile,Name\n99999000{key % 100:02d},CANARY-{letter}\n".encode()
        if is_draft
        else None,
        "mapping": {"header_line": 1, "roles": ["phone", "name"]},
        "declaration": {},
        "counts": {},
        "refused": [
            {"line": 2, "column": "Name", "value": f"CANARY-{letter}", "reason": "x", "params": {}}
        ],
    }


OVERRIDES = {
    "local_customers.ImportBatch": _batch,
    "local_customers.Customer": lambda key, letter: {
        "phone": f"+9199999{key:05d}",
        "bsuid": f"IN.CANARY-{letter}-{key}",
        "language": "en",
    },
    "local_customers.Visit": lambda key, letter: {"source": "counter"},
    "local_customers.ConsentEvent": lambda key, letter: {
        "wording_language": "en",
        "wording_version": "1",
    },
}


def fill_local(name: str, picture: Any) -> None:
    from local.customers import models

    batch = models.ImportBatch.objects.create(
        state="imported", file_name=f"{name}.csv", sha256="c", created_at=MOMENT
    )
    customer = models.Customer.objects.create(
        phone="+919999900031", name=f"=of {name}", birth_month=2, birth_day=29, created_at=MOMENT
    )
    models.Visit.objects.create(
        customer=customer, amount_paise=12_350, happened_at=MOMENT, source="import", batch=batch,
        created_at=MOMENT,
    )  # fmt: skip
    models.Enquiry.objects.create(customer=customer, text="a cake for Sunday", asked_at=MOMENT)
    models.ConsentEvent.objects.create(
        customer=customer, purpose="whatsapp_marketing", action="granted", wording="offers, yes",
        source="counter", happened_at=MOMENT, recorded_at=MOMENT, proof=picture,
    )  # fmt: skip
