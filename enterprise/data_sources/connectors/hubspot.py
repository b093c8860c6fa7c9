"""HubSpot's CRM v3: search by date of change, histories by batch, archived by list.

Source: HubSpot developer documentation (CRM search, objects, pipelines, owners, account
information).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from enterprise.data_sources.connectors.contracts import (
    Batch,
    Page,
    Reader,
    Stream,
    day_of,
    id_of,
    inner,
    moment_of,
    paise_of,
    reached,
    records_of,
    stamp,
    text_of,
)
from enterprise.data_sources.connectors.hubspot_search import archived, changed, following
from enterprise.data_sources.engine.channels import channel_of
from enterprise.data_sources.engine.contracts import ContactEntry, DealEntry, StageEntry
from enterprise.data_sources.engine.row_kinds import email_hash
from enterprise.data_sources.errors import CrmAnswerOdd
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient

CONTACT_CHANGED, DEAL_CHANGED = "lastmodifieddate", "hs_lastmodifieddate"
# Ids of the records that became part of this one; they are in no list of deleted ones.
MERGED = "hs_merged_object_ids"
CONTACT_PROPERTIES = (
    "createdate", "lifecyclestage", "hs_analytics_source", "company", "state", "email",
    "hubspot_owner_id", MERGED, CONTACT_CHANGED,
)  # fmt: skip
DEAL_PROPERTIES = (
    "amount", "deal_currency_code", "dealstage", "createdate", "closedate", "hubspot_owner_id",
    "hs_analytics_source", MERGED, DEAL_CHANGED,
)  # fmt: skip
WITH_HISTORY_AT_ONCE = 50


@dataclass(frozen=True)
class Words:
    """What ids in deals stand for. ``stages``: label, and won, lost or (None) open."""

    owners: Mapping[str, str]
    stages: Mapping[str, tuple[str, bool | None]]
    currency: str


def account_of(client: ProviderClient) -> str:
    portal = text_of(_account(client).get("portalId"), 60)
    if not portal:
        raise CrmAnswerOdd
    return portal


def contacts(client: ProviderClient, position: dict[str, Any], now: datetime) -> Iterator[Page]:
    make = partial(_contact, owners=_owners(client))
    upto = dict(position)
    for records in changed(client, "contacts", CONTACT_CHANGED, CONTACT_PROPERTIES, position):
        batch, upto = Batch(make), _reached(records, CONTACT_CHANGED, upto, now)
        batch.take(records)
        yield Page(tuple(batch.entries), upto, batch.unreadable, merged=_merged(records))
    for records in archived(client, "contacts", CONTACT_PROPERTIES):
        batch = Batch(make)
        batch.take(records)
        yield Page(tuple(batch.entries), upto, batch.unreadable)


def deals(client: ProviderClient, position: dict[str, Any], now: datetime) -> Iterator[Page]:
    currency = text_of(_account(client).get("companyCurrency"), 3)
    words = Words(_owners(client), _stages(client), currency)
    upto = dict(position)
    for records in changed(client, "deals", DEAL_CHANGED, DEAL_PROPERTIES, position):
        upto = _reached(records, DEAL_CHANGED, upto, now)
        ids = [id_of(each.get("id")) for each in records]
        yield _deal_page(records, words, _histories(client, [each for each in ids if each]), upto)
    for records in archived(client, "deals", DEAL_PROPERTIES):
        yield _deal_page(records, words, {}, upto)


def _deal_page(
    records: list[dict[str, Any]],
    words: Words,
    histories: dict[str, list[Any]],
    upto: dict[str, Any],
) -> Page:
    foreign = 0
    for record in records:
        properties = inner(record, "properties")
        currency = properties.get("deal_currency_code") or words.currency
        if currency not in ("", "INR") and properties.get("amount"):
            foreign += 1
            record["properties"] = {**properties, "amount": None}
    batch = Batch(lambda each: _deal(each, words, histories))
    batch.take(records)
    merged = _merged(records)
    return Page(tuple(batch.entries), upto, batch.unreadable, foreign, merged)


def _account(client: ProviderClient) -> dict[str, Any]:
    return client.get("/account-info/v3/details")


def _owners(client: ProviderClient) -> dict[str, str]:
    """Names by id; none where the token may not read owners: then the id stands for the name."""
    names: dict[str, str] = {}
    params: dict[str, str] = {"limit": "100"}
    while True:
        try:
            answer = client.get("/crm/v3/owners", params=params)
        except ProviderFailure as failure:
            if failure.kind != "rejected":
                raise
            return {}
        for owner in records_of(answer, "results"):
            name = f"{text_of(owner.get('firstName'))} {text_of(owner.get('lastName'))}".strip()
            names[text_of(owner.get("id"))] = name or text_of(owner.get("id"))
        after = following(answer, params.get("after", ""))
        if not after:
            return names
        params["after"] = after


def _stages(client: ProviderClient) -> dict[str, tuple[str, bool | None]]:
    found = {}
    for pipeline in records_of(client.get("/crm/v3/pipelines/deals"), "results"):
        for stage in records_of(pipeline, "stages"):
            facts = inner(stage, "metadata")
            is_closed = str(facts.get("isClosed", "")).lower() == "true"
            try:
                is_won = float(facts.get("probability", 0)) == 1.0
            except (TypeError, ValueError):
                is_won = False
            label = text_of(stage.get("label"), 60) or text_of(stage.get("id"), 60)
            found[text_of(stage.get("id"))] = (label, is_won if is_closed else None)
    return found


def _histories(client: ProviderClient, ids: list[str]) -> dict[str, list[Any]]:
    """The values a deal's stage had, by deal."""
    found = {}
    for start in range(0, len(ids), WITH_HISTORY_AT_ONCE):
        wanted = ids[start : start + WITH_HISTORY_AT_ONCE]
        answer = client.post(
            "/crm/v3/objects/deals/batch/read",
            json={
                "inputs": [{"id": each} for each in wanted],
                "properties": ["dealstage"],
                "propertiesWithHistory": ["dealstage"],
            },
        )
        for record in records_of(answer, "results"):
            values = inner(record, "propertiesWithHistory").get("dealstage")
            found[id_of(record.get("id"))] = values if isinstance(values, list) else []
    return found


def _deal(
    record: Mapping[str, Any], words: Words, histories: dict[str, list[Any]]
) -> DealEntry | None:
    properties, external_id = inner(record, "properties"), id_of(record.get("id"))
    made = day_of(properties.get("createdate") or record.get("createdAt"))
    if not external_id or made is None:
        return None
    code = text_of(properties.get("dealstage"))
    stage, is_won = words.stages.get(code, (code[:60], None))
    return DealEntry(
        external_id=external_id,
        date=made,
        amount_paise=paise_of(properties.get("amount")),
        stage=stage,
        closed_on=day_of(properties.get("closedate")) if is_won is not None else None,
        is_won=is_won,
        came_from=_came_from(properties),
        owner=_owner(properties, words.owners),
        history=_stays(external_id, histories.get(external_id, []), words),
        updated_at_remote=moment_of(properties.get(DEAL_CHANGED)),
        is_removed=record.get("archived") is True,
    )


def _stays(deal: str, values: list[Any], words: Words) -> tuple[StageEntry, ...]:
    """They come newest first; the moments part the stays."""
    dated = []
    for value in values:
        at = moment_of(value.get("timestamp")) if isinstance(value, dict) else None
        code = text_of(value.get("value")) if at is not None else ""
        if at is not None and code:
            dated.append((at, words.stages.get(code, (code[:60], None))[0]))
    dated.sort()
    ends = [at for at, _stage in dated[1:]] + [None]
    return tuple(
        StageEntry(stage, at, left, f"{deal}:{stamp(at)}")
        for (at, stage), left in zip(dated, ends, strict=True)
    ) if dated else ()  # fmt: skip


def _contact(record: Mapping[str, Any], owners: Mapping[str, str]) -> ContactEntry | None:
    properties, external_id = inner(record, "properties"), id_of(record.get("id"))
    if not external_id:
        return None
    return ContactEntry(
        external_id=external_id,
        date=day_of(properties.get("createdate")),
        account=text_of(properties.get("company")),
        region=text_of(properties.get("state"), 60),
        lifecycle=text_of(properties.get("lifecyclestage"), 60),
        came_from=_came_from(properties),
        owner=_owner(properties, owners),
        email_hash=email_hash(text_of(properties.get("email"), 320)),
        updated_at_remote=moment_of(properties.get(CONTACT_CHANGED)),
        is_removed=record.get("archived") is True,
    )


def _came_from(properties: Mapping[str, Any]) -> str:
    """Their codes, as PAID_SEARCH, in the words that files use."""
    return channel_of(text_of(properties.get("hs_analytics_source")).replace("_", " ").lower())


def _owner(properties: Mapping[str, Any], owners: Mapping[str, str]) -> str:
    code = text_of(properties.get("hubspot_owner_id"))
    return owners.get(code, code)


def _merged(records: list[dict[str, Any]]) -> tuple[str, ...]:
    told = (text_of(inner(each, "properties").get(MERGED), 2_000) for each in records)
    return tuple(each.strip() for text in told for each in text.split(";") if id_of(each.strip()))


def _reached(
    records: list[dict[str, Any]], name: str, position: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    stamps = (moment_of(inner(each, "properties").get(name)) for each in records)
    return reached(stamps, position, now)


HUBSPOT = Reader("hubspot", account_of, (Stream("contact", contacts), Stream("deal", deals)))
