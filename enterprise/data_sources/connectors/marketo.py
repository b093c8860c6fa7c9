"""Marketo's REST API: who was made or changed, from a paging token on, then those leads by id.

Source: Adobe's Marketo developer guide (paging tokens, lead changes, deleted leads, leads). Marketo
answers lead changes of a limited past only, so a first sync begins FIRST_DAYS ago. A page may hold
fewer leads than asked for although more follow.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from enterprise.data_sources.connectors.contracts import (
    Batch,
    Page,
    Reader,
    Stream,
    day_of,
    id_of,
    moment_of,
    reached,
    records_of,
    since_of,
    stamp,
    text_of,
)
from enterprise.data_sources.engine.channels import channel_of
from enterprise.data_sources.engine.contracts import LeadRecordEntry
from enterprise.data_sources.engine.row_kinds import email_hash
from enterprise.data_sources.errors import CrmAnswerOdd
from marketing_platform.connections.http import ProviderClient

FIRST_DAYS = 90
# A change of any of these makes a lead worth reading again.
WATCHED = "leadStatus,leadSource,email"
FIELDS = "id,createdAt,updatedAt,leadStatus,leadSource,email"
LEADS_AT_ONCE = 300


def account_of(client: ProviderClient) -> str:
    return client.connection.account_id


def leads(client: ProviderClient, position: dict[str, Any], now: datetime) -> Iterator[Page]:
    """The position moves with the last page, to the last change by Marketo's own clock: a token
    only orders within one reading, and what changes while it lasts comes with the next."""
    first = now - timedelta(days=FIRST_DAYS)
    since = max(since_of(position) or first, first)
    upto = dict(position)
    for changes in _following(client, "leadchanges", since, {"fields": WATCHED}):
        upto = reached((moment_of(each.get("activityDate")) for each in changes), upto, now)
        ids = dict.fromkeys(id_of(each.get("leadId")) for each in changes)
        batch = Batch(_lead)
        batch.take(_leads(client, [each for each in ids if each]))
        yield Page(tuple(batch.entries), dict(position), batch.unreadable)
    for gone in _following(client, "deletedleads", since, {}):
        yield Page(tuple(_gone(gone)), dict(position))
    yield Page((), upto)


def _following(
    client: ProviderClient, what: str, since: datetime, params: dict[str, str]
) -> Iterator[list[dict[str, Any]]]:
    token = _token(
        client.get("/rest/v1/activities/pagingtoken.json", params={"sinceDatetime": stamp(since)})
    )
    while True:
        answer = client.get(
            f"/rest/v1/activities/{what}.json", params={**params, "nextPageToken": token}
        )
        # A page without anything has no "result" at all.
        rows = records_of(answer, "result") if "result" in answer else []
        if answer.get("success") is not True:
            raise CrmAnswerOdd
        if rows:
            yield [each for each in rows if isinstance(each, dict)]
        if answer.get("moreResult") is not True:
            return
        before, token = token, _token(answer)
        if token == before:
            raise CrmAnswerOdd


def _leads(client: ProviderClient, ids: list[str]) -> Iterator[Any]:
    for start in range(0, len(ids), LEADS_AT_ONCE):
        wanted = ",".join(ids[start : start + LEADS_AT_ONCE])
        answer = client.get(
            "/rest/v1/leads.json",
            params={"filterType": "id", "filterValues": wanted, "fields": FIELDS},
        )
        yield from records_of(answer, "result")


def _lead(record: Mapping[str, Any]) -> LeadRecordEntry | None:
    external_id, made = id_of(record.get("id")), day_of(record.get("createdAt"))
    if not external_id or made is None:
        return None
    return LeadRecordEntry(
        external_id=external_id,
        date=made,
        came_from=channel_of(text_of(record.get("leadSource"))),
        stage=text_of(record.get("leadStatus"), 60),
        email_hash=email_hash(text_of(record.get("email"), 320)),
        updated_at_remote=moment_of(record.get("updatedAt")),
    )


def _gone(rows: list[dict[str, Any]]) -> Iterator[LeadRecordEntry]:
    """Only its id is told, and when it went; nothing else of it is kept."""
    for row in rows:
        external_id, at = id_of(row.get("leadId")), moment_of(row.get("activityDate"))
        if external_id and at is not None:
            yield LeadRecordEntry(
                external_id=external_id,
                date=day_of(row.get("activityDate")),
                updated_at_remote=at,
                is_removed=True,
            )


def _token(answer: Mapping[str, Any]) -> str:
    token = answer.get("nextPageToken")
    if not isinstance(token, str) or not token:
        raise CrmAnswerOdd
    return token


MARKETO = Reader("marketo", account_of, (Stream("lead", leads),))
