"""Bringing a confirmed file in, all of it or nothing; and taking it back."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from local.customers.engine import importing
from local.customers.engine.facts import ConsentState
from local.customers.engine.importing import MOST_ROWS, Entry, Refusal
from local.customers.engine.wordings import IMPORT_DECLARATION, Wording, wording_of
from local.customers.errors import ImportChanged, TooManyCustomers
from local.customers.models import (
    BatchState,
    ConsentAction,
    ConsentEvent,
    ConsentSource,
    Customer,
    Enquiry,
    ImportBatch,
    Purpose,
    Visit,
    VisitSource,
)
from local.customers.selectors.consent import AS_SAID
from local.customers.selectors.customers import used_elsewhere
from local.customers.services.customers import customers_lock, limit_sentence_params, room
from local.customers.services.import_drafts import mapping_loaded
from marketing_platform.core.clock import IST
from marketing_platform.core.clock import today as day_of
from marketing_platform.core.tables import csv_write, table_read
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant

Progress = Callable[..., None]
AT_ONCE = 2_000
READING, SAVING = _("Reading the file"), _("Saving row %(row)d of %(rows)d")


@dataclass
class _Run:
    """What one import has made so far."""

    batch: ImportBatch
    now: datetime
    room: int | None
    by_phone: dict[str, Customer]
    said: dict[Any, tuple[str, datetime]]
    earlier: Counter
    made: list[Customer] = field(default_factory=list)
    filled: dict[Any, Customer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    consents: list[ConsentEvent] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)


def import_run(*, batch_id: int, progress: Progress, now: datetime) -> ImportBatch:
    """Make customers, bills and agreements of a running batch; one transaction.

    `progress(done, message, **params)` may raise to stop it: then nothing has changed. On a batch
    that is imported already it changes nothing. Raises ImportChanged when it was thrown away.
    """
    batch = ImportBatch.objects.filter(pk=batch_id).first()
    if batch is None or batch.state not in (BatchState.RUNNING, BatchState.IMPORTED):
        raise ImportChanged
    if batch.state == BatchState.IMPORTED:
        return batch
    progress(0.02, READING)
    table = table_read(bytes(batch.content), most_rows=MOST_ROWS)
    parsed = importing.parse(table, mapping_loaded(batch.mapping), today=day_of(now))
    progress(0.3, READING)
    with transaction.atomic():
        customers_lock()
        run = _begin(batch, parsed.entries, now)
        for number, entry in enumerate(parsed.entries, 1):
            _take(run, entry)
            if number % 500 == 0:
                done = 0.3 + 0.4 * number / len(parsed.entries)
                progress(done, SAVING, row=number, rows=len(parsed.entries))
        _write(run, progress)
        return _finish(run, [*parsed.refusals, *run.refused], len(parsed.entries))


def import_release(*, batch_id: int) -> None:
    """A run that failed or was cancelled changed nothing: the file waits for a yes again."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING).update(
        state=BatchState.DRAFT, job_id=None
    )


def import_undo(*, batch_id: int, now: datetime) -> ImportBatch:
    """Take out what an import made, but for what has been used since.

    Its bills go. Its customers go unless they were changed, came again, agreed, asked something or
    were written to since; those stay and lose the agreement that the file had brought. Raises
    ImportChanged.
    """
    with transaction.atomic():
        customers_lock()
        changed = ImportBatch.objects.filter(pk=batch_id, state=BatchState.IMPORTED).update(
            state=BatchState.UNDONE, undone_at=now
        )
        if not changed:
            raise ImportChanged
        batch = ImportBatch.objects.get(pk=batch_id)
        visits, _each = Visit.objects.filter(batch=batch).delete()
        mine = set(Customer.objects.filter(batch=batch).values_list("pk", flat=True))
        kept = _used_since(batch, mine)
        Customer.objects.filter(pk__in=mine - kept).delete()
        withdrawn = _consent_withdraw_of(batch, now)
        batch.counts |= {
            "undone_visits": visits,
            "undone_customers": len(mine - kept),
            "kept_customers": len(kept),
            "undone_consents": withdrawn,
        }
        batch.save(update_fields=["counts"])
    return batch


def refused_csv(*, batch: ImportBatch, say: Callable[[str], str], head: list[str]) -> bytes:
    """The rows that were left out, with their reasons in the reader's language."""
    rows = [head]
    for row in batch.refused:
        reason = say(row["reason"])
        reason = reason % row["params"] if row["params"] else reason
        rows.append([str(row["line"]), row["column"], row["value"], reason])
    return csv_write(rows)


# --- the steps of a run


def _begin(batch: ImportBatch, entries: tuple[Entry, ...], now: datetime) -> _Run:
    numbers = list(importing.people(entries))
    by_phone = {row.phone: row for row in Customer.objects.filter(phone__in=numbers)}
    said = {
        row.customer_id: (row.action, row.happened_at)
        for row in ConsentEvent.objects.filter(
            customer__phone__in=numbers, purpose=Purpose.WHATSAPP_MARKETING
        )
        .order_by("customer_id", *AS_SAID)
        .distinct("customer_id")
    }
    return _Run(batch, now, room(), by_phone, said, _bills_there(entries))


def _bills_there(entries: tuple[Entry, ...]) -> Counter:
    """Bills that earlier files brought for the same days: lists often overlap."""
    moments = [entry.moment.at for entry in entries if entry.moment]
    if not moments:
        return Counter()
    rows = Visit.objects.filter(
        source=VisitSource.IMPORT, happened_at__gte=min(moments), happened_at__lte=max(moments)
    ).order_by()
    return Counter(
        rows.values_list("customer__phone", "happened_at", "amount_paise", "items").iterator(5_000)
    )


def _take(run: _Run, entry: Entry) -> None:
    customer = None
    if entry.phone is not None:
        customer = _customer(run, entry)
        if customer is None:
            return
    if entry.moment is not None:
        _visit(run, entry, customer)
    if entry.says_yes and customer is not None and run.batch.declaration:
        _consent(run, entry, customer)


def _customer(run: _Run, entry: Entry) -> Customer | None:
    found = run.by_phone.get(entry.phone or "")
    if found is not None:
        if entry.phone not in run.met:
            run.counts["merged"] += 1
        _fill(run, found, entry)
    elif run.room is not None and len(run.made) >= run.room:
        sentence, params = TooManyCustomers.sentence, limit_sentence_params()
        run.refused.append(Refusal(entry.line, "", entry.phone or "", sentence, params))
        return None
    else:
        found = Customer(
            phone=entry.phone,
            batch=run.batch,
            actor_id=run.batch.actor_id,
            created_at=run.now,
        )
        _set(found, entry)
        run.made.append(found)
        run.by_phone[entry.phone or ""] = found
    run.met.add(entry.phone or "")
    return found


def _fill(run: _Run, customer: Customer, entry: Entry) -> None:
    """What the shop wrote itself stays; empty places are filled."""
    if _set(customer, entry) and not customer._state.adding:
        run.filled[customer.pk] = customer


def _set(customer: Customer, entry: Entry) -> bool:
    month, day = entry.birthday or (None, None)
    wanted = {
        "name": entry.name,
        "language": entry.language,
        "birth_month": month,
        "birth_day": day,
        "note": entry.note,
    }
    empty = {name: value for name, value in wanted.items() if value and not getattr(customer, name)}
    for name, value in empty.items():
        setattr(customer, name, value)
    return bool(empty)


def _visit(run: _Run, entry: Entry, customer: Customer | None) -> None:
    bill = (entry.phone, entry.moment.at, entry.paise, entry.items)  # type: ignore[union-attr]
    if run.earlier[bill] > 0:
        run.earlier[bill] -= 1
        run.counts["there_already"] += 1
        return
    run.counts["without_number"] += customer is None
    run.visits.append(
        Visit(
            customer=customer,
            amount_paise=entry.paise,
            happened_at=entry.moment.at,  # type: ignore[union-attr]
            has_time=entry.moment.has_time,  # type: ignore[union-attr]
            items=entry.items,
            source=VisitSource.IMPORT,
            batch=run.batch,
            actor_id=run.batch.actor_id,
            created_at=run.now,
        )
    )


def _consent(run: _Run, entry: Entry, customer: Customer) -> None:
    """A yes counts from the start of its day, so that a no of the same day stands above it."""
    if customer.is_minor:
        return
    day = (
        entry.consent_at.day
        if entry.consent_at
        else date.fromisoformat(run.batch.declaration["collected_on"])
    )
    at = datetime.combine(day, time(0), tzinfo=IST)
    action, when = run.said.get(customer.pk, (ConsentState.NEVER_ASKED, None))
    if when is not None and (action == ConsentAction.WITHDRAWN or when >= at):
        # Whoever said no says yes again only in person, never by a list.
        run.counts["consent_not_taken"] += action == ConsentAction.WITHDRAWN
        return
    run.said[customer.pk] = (ConsentAction.GRANTED, at)
    wording = _wording(run.batch)
    run.consents.append(
        ConsentEvent(
            customer=customer,
            purpose=Purpose.WHATSAPP_MARKETING,
            action=ConsentAction.GRANTED,
            wording=wording.text,
            wording_version=wording.version,
            wording_language=wording.language,
            source=ConsentSource.IMPORT,
            note=(entry.consent_how or run.batch.declaration["how"])[:300],
            happened_at=at,
            recorded_at=run.now,
            actor_id=run.batch.actor_id,
            batch=run.batch,
        )
    )


def _wording(batch: ImportBatch) -> Wording:
    """What the owner declared for the whole list, as it stood on the page."""
    tenant = current_tenant()
    found = wording_of(
        IMPORT_DECLARATION,
        shop=tenant.name if tenant else "",
        language=batch.declaration.get("language", "en"),
    )
    return Wording(found.text, f"{found.version}-declared", found.language)


def _write(run: _Run, progress: Progress) -> None:
    Customer.objects.bulk_create(run.made, batch_size=AT_ONCE)
    progress(0.8, READING)
    Customer.objects.bulk_update(
        run.filled.values(),
        ["name", "language", "birth_month", "birth_day", "note"],
        batch_size=500,
    )
    Visit.objects.bulk_create(run.visits, batch_size=AT_ONCE)
    progress(0.9, READING)
    ConsentEvent.objects.bulk_create(run.consents, batch_size=AT_ONCE)


def _finish(run: _Run, refused: list[Refusal], used: int) -> ImportBatch:
    refused.sort(key=lambda each: each.line)
    run.batch.state = BatchState.IMPORTED
    run.batch.imported_at = run.now
    run.batch.content = None
    run.batch.refused = [asdict(each) for each in refused]
    run.batch.counts = {
        **run.counts,
        "made": len(run.made),
        "visits": len(run.visits),
        "consents": len(run.consents),
        "refused": len(refused),
        "rows": used + len(refused) - len(run.refused),
    }
    run.batch.save()
    return run.batch


# --- undoing


def _used_since(batch: ImportBatch, mine: set[Any]) -> set[Any]:
    used = set(
        Customer.objects.filter(batch=batch, changed_at__isnull=False).values_list("pk", flat=True)
    )
    for model in (Visit, Enquiry, ConsentEvent):
        rows = model.objects.filter(customer__batch=batch)
        if model is ConsentEvent:
            rows = rows.exclude(batch=batch)
        used |= set(rows.order_by().values_list("customer_id", flat=True))
    joined = Customer.objects.filter(merged_into__batch=batch)
    used |= set(joined.values_list("merged_into_id", flat=True))
    return used | used_elsewhere(list(mine))


def _consent_withdraw_of(batch: ImportBatch, now: datetime) -> int:
    """Whoever stays, and agreed by this file alone, is as if they had said no."""
    last = (
        ConsentEvent.objects.filter(
            customer__consentevent__batch=batch, purpose=Purpose.WHATSAPP_MARKETING
        )
        .order_by("customer_id", *AS_SAID)
        .distinct("customer_id")
    )
    rows = [
        ConsentEvent(
            customer_id=row.customer_id,
            purpose=row.purpose,
            action=ConsentAction.WITHDRAWN,
            source=ConsentSource.OWNER,
            happened_at=now,
            recorded_at=now,
            batch=batch,
        )
        for row in last
        if row.batch_id == batch.pk and row.action == ConsentAction.GRANTED
    ]
    ConsentEvent.objects.bulk_create(rows, batch_size=AT_ONCE)
    return len(rows)
