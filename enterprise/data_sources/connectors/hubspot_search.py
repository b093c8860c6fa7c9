"""All changed records of HubSpot, however many: one search answers 10,000 at most."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from enterprise.data_sources.connectors.contracts import (
    id_of,
    inner,
    moment_of,
    records_of,
    since_of,
    text_of,
)
from enterprise.data_sources.errors import CrmAnswerOdd
from marketing_platform.connections.http import ProviderClient

PAGE, ARCHIVED_PAGE = 200, 100
Records = list[dict[str, Any]]


def changed(
    client: ProviderClient,
    thing: str,
    stamp_name: str,
    properties: tuple[str, ...],
    position: Mapping[str, Any],
) -> Iterator[Records]:
    """Oldest change first, each record once per change.

    Each page is a search of its own that begins at the last change of the page before. Their
    `after` counts places: whatever changes while we read leaves its place, and one behind it would
    be passed over.
    """
    since = since_of(position)
    low, seen = (_milliseconds(since) if since else None), set()
    while True:
        filters = [] if low is None else [_filter(stamp_name, "GTE", low)]
        records, is_last = _page(client, thing, filters, stamp_name, properties)
        yield _unseen(records, stamp_name, seen)
        if is_last:
            return
        last = _stamp(records[-1], stamp_name)
        if last is None or (low is not None and last <= low):
            # More than a page changed in one millisecond: those go by id.
            low = low if low is not None else 0
            yield from _of_moment(client, thing, stamp_name, properties, low, seen)
            low += 1
        else:
            low = last


def archived(client: ProviderClient, thing: str, properties: tuple[str, ...]) -> Iterator[Records]:
    """What was deleted and may still be restored; a search leaves these out."""
    params = {"archived": "true", "limit": str(ARCHIVED_PAGE), "properties": ",".join(properties)}
    while True:
        answer = client.get(f"/crm/v3/objects/{thing}", params=params)
        records = [each for each in records_of(answer, "results") if isinstance(each, dict)]
        if records:
            yield [{**each, "archived": True} for each in records]
        after = following(answer, params.get("after", ""))
        if not after:
            return
        params["after"] = after


def following(answer: Mapping[str, Any], before: str) -> str:
    """Where the next page begins, '' at the end. Raises CrmAnswerOdd when it leads nowhere new."""
    after = text_of(inner(inner(answer, "paging"), "next").get("after"), 200)
    if after and after == before:
        raise CrmAnswerOdd
    return after


def _page(
    client: ProviderClient,
    thing: str,
    filters: list[dict[str, str]],
    sort: str,
    properties: tuple[str, ...],
) -> tuple[Records, bool]:
    """The first records of a search, and whether those are all."""
    body = {
        "filterGroups": [{"filters": filters}] if filters else [],
        "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": PAGE,
    }
    answer = client.post(f"/crm/v3/objects/{thing}/search", json=body)
    records = [each for each in records_of(answer, "results") if isinstance(each, dict)]
    is_last = not following(answer, "")
    if not records and not is_last:
        raise CrmAnswerOdd
    return records, is_last


def _of_moment(
    client: ProviderClient,
    thing: str,
    stamp_name: str,
    properties: tuple[str, ...],
    moment: int,
    seen: set[tuple[str, int]],
) -> Iterator[Records]:
    last_id = ""
    while True:
        filters = [_filter(stamp_name, "EQ", moment)]
        if last_id:
            filters.append(_filter("hs_object_id", "GT", last_id))
        records, is_last = _page(client, thing, filters, "hs_object_id", properties)
        yield _unseen(records, stamp_name, seen)
        if is_last:
            return
        before, last_id = last_id, id_of(records[-1].get("id"))
        if last_id in ("", before):
            raise CrmAnswerOdd


def _unseen(records: Records, stamp_name: str, seen: set[tuple[str, int]]) -> Records:
    fresh = []
    for record in records:
        key = (id_of(record.get("id")), _stamp(record, stamp_name) or 0)
        if key not in seen:
            seen.add(key)
            fresh.append(record)
    return fresh


def _stamp(record: Mapping[str, Any], name: str) -> int | None:
    moment = moment_of(inner(record, "properties").get(name))
    return _milliseconds(moment) if moment else None


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _filter(name: str, operator: str, value: int | str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": str(value)}
