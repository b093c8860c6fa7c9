"""Salesforce by its REST API: SOQL ordered by SystemModstamp, deleted records included.

Source: REST API Developer Guide (queryAll, nextRecordsUrl, sObject describe), Object Reference
(Opportunity, Contact, OpportunityFieldHistory). A page is up to 2,000 records.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
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
    since_of,
    stamp,
    text_of,
)
from enterprise.data_sources.engine.channels import channel_of
from enterprise.data_sources.engine.contracts import ContactEntry, DealEntry, StageEntry
from enterprise.data_sources.engine.row_kinds import email_hash
from enterprise.data_sources.errors import CrmAnswerOdd
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient

API = "/services/data/v60.0"
NEXT = re.compile(r"/services/data/v[0-9.]+/query(?:All)?/[A-Za-z0-9-]{1,80}")
CONTACT_FIELDS = (
    "Id, Account.Name, MailingState, LeadSource, Owner.Name, Email, CreatedDate, IsDeleted, "
    "SystemModstamp"
)
DEAL_FIELDS = (
    "Id, Account.Name, Amount, StageName, CreatedDate, CloseDate, IsClosed, IsWon, LeadSource, "
    "Owner.Name, IsDeleted, SystemModstamp"
)
# 18 letters an id: an address stays well below 8 KB.
IDS_AT_ONCE = 200
# An edition without field history, or a user who may not see it.
NO_HISTORY = frozenset({"INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS"})


def account_of(client: ProviderClient) -> str:
    return client.connection.account_id


def contacts(client: ProviderClient, position: dict[str, Any], now: datetime) -> Iterator[Page]:
    for records in _changed(client, "Contact", CONTACT_FIELDS, position):
        batch = Batch(_contact)
        batch.take(records)
        yield Page(tuple(batch.entries), _reached(records, position, now), batch.unreadable)


def deals(client: ProviderClient, position: dict[str, Any], now: datetime) -> Iterator[Page]:
    """With the whole stage history of each changed opportunity, where the edition keeps it."""
    fields = DEAL_FIELDS
    if _has_currencies(client):
        fields += ", CurrencyIsoCode"
    for records in _changed(client, "Opportunity", fields, position):
        history = _history(client, [id_of(each.get("Id")) for each in records])
        foreign = 0
        for record in records:
            if (record.get("CurrencyIsoCode") or "INR") != "INR":
                foreign += record.get("Amount") is not None
                record["Amount"] = None

        batch = Batch(lambda each, known=history: _deal(each, known))
        batch.take(records)
        yield Page(
            tuple(batch.entries), _reached(records, position, now), batch.unreadable, foreign
        )


def _changed(
    client: ProviderClient, thing: str, fields: str, position: Mapping[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    since = since_of(position)
    where = f" WHERE SystemModstamp >= {stamp(since)}" if since else ""
    soql = f"SELECT {fields} FROM {thing}{where} ORDER BY SystemModstamp, Id"  # noqa: S608
    yield from _pages(client, soql, all_of_them=True)


def _pages(
    client: ProviderClient, soql: str, *, all_of_them: bool = False
) -> Iterator[list[dict[str, Any]]]:
    path = f"{API}/{'queryAll' if all_of_them else 'query'}"
    answer = client.get(path, params={"q": soql})
    seen = set()
    while True:
        records = records_of(answer, "records")
        yield [each for each in records if isinstance(each, dict)]
        if answer.get("done") is not False:
            return
        following = answer.get("nextRecordsUrl")
        # An address of theirs is called with our token: only within their API, and never twice.
        if not isinstance(following, str) or not NEXT.fullmatch(following) or following in seen:
            raise CrmAnswerOdd
        seen.add(following)
        answer = client.get(following)


def _has_currencies(client: ProviderClient) -> bool:
    """Only an organisation with several currencies has the field, and asking for it fails else."""
    described = client.get(f"{API}/sobjects/Opportunity/describe")
    names = (each.get("name") for each in records_of(described, "fields") if isinstance(each, dict))
    return "CurrencyIsoCode" in names


def _history(client: ProviderClient, ids: list[str]) -> dict[str, list[dict[str, Any]]] | None:
    """Changes of stage by deal; None where the organisation does not tell."""
    found: dict[str, list[dict[str, Any]]] = {}
    wanted = [each for each in ids if each]
    for start in range(0, len(wanted), IDS_AT_ONCE):
        quoted = ",".join(f"'{each}'" for each in wanted[start : start + IDS_AT_ONCE])
        soql = (
            "SELECT Id, OpportunityId, OldValue, NewValue, CreatedDate "  # noqa: S608
            "FROM OpportunityFieldHistory WHERE Field = 'StageName' "
            f"AND OpportunityId IN ({quoted}) ORDER BY CreatedDate, Id"
        )
        try:
            for records in _pages(client, soql):
                for record in records:
                    found.setdefault(id_of(record.get("OpportunityId")), []).append(record)
        except ProviderFailure as failure:
            if failure.code not in NO_HISTORY:
                raise
            return None
    return found


def _deal(
    record: Mapping[str, Any], history: dict[str, list[dict[str, Any]]] | None
) -> DealEntry | None:
    external_id, created = id_of(record.get("Id")), moment_of(record.get("CreatedDate"))
    if not external_id or created is None:
        return None
    is_over = record.get("IsClosed") is True
    stage = text_of(record.get("StageName"), 60)
    return DealEntry(
        external_id=external_id,
        date=day_of(record.get("CreatedDate")),
        account=text_of(inner(record, "Account").get("Name")),
        amount_paise=paise_of(record.get("Amount")),
        stage=stage,
        # Of an open deal it is the day it is hoped to close.
        closed_on=day_of(record.get("CloseDate")) if is_over else None,
        is_won=record.get("IsWon") is True if is_over else None,
        came_from=channel_of(text_of(record.get("LeadSource"))),
        owner=text_of(inner(record, "Owner").get("Name")),
        history=()
        if history is None
        else _stays(external_id, stage, is_over, created, history.get(external_id, [])),
        updated_at_remote=moment_of(record.get("SystemModstamp")),
        is_removed=record.get("IsDeleted") is True,
    )


def _stays(
    deal: str, stage: str, is_over: bool, created: datetime, changes: list[dict[str, Any]]
) -> tuple[StageEntry, ...]:
    """Changes name the stage before and after; the first stay began when the deal was made.

    A deal that is over and never changed its stage was not tracked: nobody knows when it moved.
    """
    if is_over and not changes:
        return ()
    known = [(moment_of(each.get("CreatedDate")), each) for each in changes]
    dated = [(at, each) for at, each in known if at is not None and at >= created]
    dated.sort(key=lambda pair: pair[0])
    first = text_of(dated[0][1].get("OldValue"), 60) if dated else stage
    begun = [(first, created, f"{deal}:first")]
    begun += [
        (text_of(each.get("NewValue"), 60), at, id_of(each.get("Id")) or f"{deal}:{stamp(at)}")
        for at, each in dated
    ]
    ends = [at for _stage, at, _name in begun[1:]] + [None]
    return tuple(
        StageEntry(name, at, left, f"{external}")
        for (name, at, external), left in zip(begun, ends, strict=True)
        if name
    )


def _contact(record: Mapping[str, Any]) -> ContactEntry | None:
    external_id = id_of(record.get("Id"))
    if not external_id:
        return None
    return ContactEntry(
        external_id=external_id,
        date=day_of(record.get("CreatedDate")),
        account=text_of(inner(record, "Account").get("Name")),
        region=text_of(record.get("MailingState"), 60),
        came_from=channel_of(text_of(record.get("LeadSource"))),
        owner=text_of(inner(record, "Owner").get("Name")),
        email_hash=email_hash(text_of(record.get("Email"), 320)),
        updated_at_remote=moment_of(record.get("SystemModstamp")),
        is_removed=record.get("IsDeleted") is True,
    )


def _reached(
    records: list[dict[str, Any]], position: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return reached((moment_of(each.get("SystemModstamp")) for each in records), position, now)


SALESFORCE = Reader("salesforce", account_of, (Stream("contact", contacts), Stream("deal", deals)))
