"""How a file is read: as JSON on the draft, and remembered for the next file of its kind."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from enterprise.data_sources.engine import guessing
from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.contracts import (
    FIGURE_KINDS,
    ColumnMapping,
    DateOrder,
    FileKind,
    RawTable,
    Role,
)
from enterprise.data_sources.models import RememberedMapping
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

DEFAULT_NAMES = {
    FileKind.GOOGLE_ADS: CHANNELS["google_ads"],
    FileKind.META_ADS: CHANNELS["meta_ads"],
    FileKind.LINKEDIN_ADS: CHANNELS["linkedin_ads"],
    FileKind.SPEND: _("Spend by channel"),
    FileKind.LEADS: _("Leads"),
    FileKind.LEAD_LIST: _("List of leads"),
    FileKind.DEALS: _("Deals"),
    FileKind.OUTCOMES: _("Outcomes"),
    FileKind.METRICS: _("Figures"),
}


def source_name_of(kind: FileKind, file_name: str) -> str:
    """Ads, leads and deals are one source each; sheets of figures are told apart by their file."""
    if kind not in FIGURE_KINDS:
        return DEFAULT_NAMES[kind]
    stem = file_name.rpartition(".")[0] or file_name
    return clean_line(stem)[:80] or DEFAULT_NAMES[kind]


def mapping_stored(mapping: ColumnMapping, source_name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": mapping.kind.value,
        "header_line": mapping.header_line,
        "roles": [role.value for role in mapping.roles],
        "date_order": mapping.date_order.value,
        "has_decimal_comma": mapping.has_decimal_comma,
        "grain": mapping.grain,
        "rates": {code: str(rate) for code, rate in mapping.rates},
        "source_name": source_name,
        **more,
    }


def mapping_loaded(stored: dict[str, Any]) -> tuple[ColumnMapping, str]:
    rates = stored.get("rates", {})
    mapping = ColumnMapping(
        kind=FileKind(stored["kind"]),
        header_line=stored["header_line"],
        roles=tuple(Role(role) for role in stored["roles"]),
        date_order=DateOrder(stored["date_order"]),
        has_decimal_comma=stored["has_decimal_comma"],
        grain=stored.get("grain", ""),
        rates=tuple(sorted((code, Decimal(rate)) for code, rate in rates.items())),
    )
    return mapping, stored["source_name"]


def mapping_remember(*, table: RawTable, mapping: ColumnMapping, name: str, now: datetime) -> None:
    """Keep the choice of columns for files with these headers; exchange rates are not kept."""
    RememberedMapping.objects.update_or_create(
        header_hash=guessing.header_hash(table, mapping),
        defaults={"mapping": mapping_stored(replace(mapping, rates=()), name), "used_at": now},
    )


def mapping_remembered(table: RawTable, guessed: ColumnMapping) -> tuple[ColumnMapping, str] | None:
    """The choice made for the last file with these headers, with this file's own evidence."""
    found = RememberedMapping.objects.filter(
        header_hash=guessing.header_hash(table, guessed)
    ).first()
    if found is None:
        return None
    before, name = mapping_loaded(found.mapping)
    mapping = guessing.with_evidence(table, replace(before, header_line=guessed.header_line))
    if not mapping.date_order:
        mapping = replace(mapping, date_order=before.date_order)
    return mapping, name
