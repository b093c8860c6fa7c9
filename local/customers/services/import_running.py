"""Bringing a confirmed file in, all of it or nothing; and taking it back."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from local.customers.engine import importing
from local.customers.engine.importing import MOST_ROWS, Entry, Refusal
from local.customers.engine.wordings import IMPORT_DECLARATION, Wording, wording_of
from local.customers.errors import ImportChanged, UndoneLater
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
from local.customers.selectors.consent import AS_SAID, counting
from local.customers.selectors.customers import used_elsewhere
from local.customers.services.consent import subjects_record
from local.customers.services.customers import customers_lock, room_check
from local.customers.services.import_drafts import mapping_loaded
from local.customers.services.sample import sample_clear
from marketing_platform.core.clock import IST
from marketing_platform.core.clock import today as day_of
from marketing_platform.core.tables import csv_write, table_read
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import SubjectAct

Progress = Callable[..., None]
AT_ONCE = 2_000
READING, SAVING = _("Reading the file"), _("Saving row %(row)d of %(rows)d")


@dataclass
class _Run:
    """What one import has made so far."""

    batch: ImportBatch
    now: datetime
    by_phone: dict[str, Customer]
    said: dict[Any, ConsentEvent]
    earlier: dict[tuple[Any, ...], list[int | None]]
    noes: frozenset[str]
    leans_on: set[int | None] = field(default_factory=set)
    made: list[Customer] = field(default_factory=list)
    filled: dict[Any, Customer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    consents: list[ConsentEvent] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)


def import_run(*, batch_id: int, progress: Progress, now: datetime) -> ImportBatch:
    """Make customers, bills and agreements of a running batch; one transaction.

    `progress(done, message, **params)` may raise to stop it: then nothing has changed. On a batch
    that is imported already it changes nothing. Raises ImportChanged when it was thrown away, and
    TooManyCustomers when the plan filled up since it was confirmed.
    """
    batch = ImportBatch.objects.filter(pk=batch_id).first()
    if batch is None or batch.state != BatchState.RUNNING:
        return _ended(batch)
    progress(0.02, READING)
    table = table_read(bytes(batch.content), most_rows=MOST_ROWS)
    parsed = importing.parse(table, mapping_loaded(batch.mapping), today=day_of(now))
    progress(0.3, READING)
    with transaction.atomic():
        customers_lock()
        batch = ImportBatch.objects.filter(pk=batch_id).first()
        if batch is None or batch.state != BatchState.RUNNING:
            # Another worker was quicker, or the run was given up while this one was slow.
            return _ended(batch)
        run = _begin(batch, parsed.entries, now)
        for number, entry in enumerate(parsed.entries, 1):
            _take(run, entry)
            if number % 500 == 0:
                done = 0.3 + 0.4 * number / len(parsed.entries)
                progress(done, SAVING, row=number, rows=len(parsed.entries))
        _noes(run)
        _write(run, progress)
        return _finish(run, list(parsed.refusals), len(parsed.entries))


def _ended(batch: ImportBatch | None) -> ImportBatch:
    if batch is None or batch.state != BatchState.IMPORTED:
        raise ImportChanged
    return batch


def import_release(*, batch_id: int) -> None:
    """A run that failed or was cancelled changed nothing: the file waits for a yes again."""
    ImportBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING).update(
        state=BatchState.DRAFT, job_id=None
    )


def import_undo(*, batch_id: int, now: datetime) -> ImportBatch:
    """Take out what an import made, but for what has been used since.

    Its bills go. Its customers go unless they were changed, came again, agreed, asked something or
    were written to since; those stay and lose the agreement that the file had brought. A no that
    the file brought stays. Raises ImportChanged, UndoneLater.
    """
    with transaction.atomic():
        customers_lock()
        _leaning_check(batch_id)
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
        # What the file said of those who stay does not count any more (selectors.consent).
        voided = ConsentEvent.objects.filter(batch=batch, action=ConsentAction.GRANTED).count()
        batch.counts |= {
            "undone_visits": visits,
            "undone_customers": len(mine - kept),
            "kept_customers": len(kept),
            "undone_consents": voided,
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
    sample_clear()
    room_check(len(numbers) - len(by_phone))
    last = counting().filter(customer__phone__in=numbers, purpose=Purpose.WHATSAPP_MARKETING)
    said = {
        row.customer_id: row
        for row in last.order_by("customer_id", *AS_SAID).distinct("customer_id")
    }
    noes = frozenset(entry.phone for entry in entries if entry.says_no and entry.phone)
    return _Run(batch, now, by_phone, said, _bills_there(entries), noes)


def _bills_there(entries: tuple[Entry, ...]) -> dict[tuple[Any, ...], list[int | None]]:
    """Bills that earlier files brought for the same days, each with its file: lists overlap."""
    moments = [entry.moment.at for entry in entries if entry.moment]
    found: dict[tuple[Any, ...], list[int | None]] = {}
    if not moments:
        return found
    rows = Visit.objects.filter(
        source=VisitSource.IMPORT, happened_at__gte=min(moments), happened_at__lte=max(moments)
    ).order_by()
    names = ("batch_id", "customer__phone", "happened_at", "amount_paise", "items")
    for batch_id, *bill in rows.values_list(*names).iterator(5_000):
        found.setdefault(tuple(bill), []).append(batch_id)
    return found


def _take(run: _Run, entry: Entry) -> None:
    customer = None
    if entry.phone is not None:
        customer = _customer(run, entry)
    if entry.moment is not None:
        _visit(run, entry, customer)
    if customer is None or entry.phone in run.noes:
        return
    if entry.says_yes and run.batch.declaration:
        _consent(run, entry, customer)


def _customer(run: _Run, entry: Entry) -> Customer:
    found = run.by_phone.get(entry.phone or "")
    if found is not None:
        if entry.phone not in run.met:
            run.counts["merged"] += 1
        _fill(run, found, entry)
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
    there = run.earlier.get(bill)
    if there:
        run.leans_on.add(there.pop())
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
    stands = run.said.get(customer.pk)
    if stands is not None:
        # Whoever said no says yes again only in person, never by a list.
        run.counts["consent_not_taken"] += stands.action == ConsentAction.WITHDRAWN
        run.leans_on.add(stands.batch_id)
        return
    if customer.number_since_at is not None and customer.number_since_at > at:
        run.counts["consent_for_old_number"] += 1
        return
    wording = _wording(run.batch)
    said = _event(run, customer, ConsentAction.GRANTED, at)
    said.wording, said.wording_version = wording.text, wording.version
    said.wording_language = wording.language
    said.note = (entry.consent_how or run.batch.declaration["how"])[:300]
    run.said[customer.pk] = said


def _event(run: _Run, customer: Customer, action: str, at: datetime) -> ConsentEvent:
    made = ConsentEvent(
        customer=customer,
        purpose=Purpose.WHATSAPP_MARKETING,
        action=action,
        source=ConsentSource.IMPORT,
        happened_at=at,
        recorded_at=run.now,
        actor_id=run.batch.actor_id,
        batch=run.batch,
    )
    run.consents.append(made)
    return made


def _noes(run: _Run) -> None:
    """A no in the list ends what somebody had agreed to; of others it says nothing new."""
    for phone in sorted(run.noes):
        customer = run.by_phone.get(phone)
        stands = run.said.get(customer.pk) if customer else None
        if customer and stands is not None and stands.action == ConsentAction.GRANTED:
            _event(run, customer, ConsentAction.WITHDRAWN, run.now)
            subjects_record(
                customer, SubjectAct.OPTED_OUT, now=run.now, purpose=Purpose.WHATSAPP_MARKETING
            )
            run.counts["withdrawn"] += 1


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


def _leans_on(run: _Run) -> list[int]:
    """Earlier files whose rows this one left out, or whose customers it has nothing new of."""
    more = {each.customer_id for each in (*run.visits, *run.consents)}
    met = [run.by_phone[phone] for phone in run.met]
    files = run.leans_on | {each.batch_id for each in met if each.pk not in more}
    return sorted(each for each in files if each is not None and each != run.batch.pk)


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
        "consents": len(run.consents) - run.counts["withdrawn"],
        "refused": len(refused),
        "rows": used + len(refused),
    }
    if leans_on := _leans_on(run):
        run.batch.counts["leans_on"] = leans_on
    run.batch.save()
    return run.batch


# --- undoing


def _leaning_check(batch_id: int) -> None:
    """In the order of a pile: what a later file left out would otherwise be gone from both."""
    later = ImportBatch.objects.filter(
        state=BatchState.IMPORTED, counts__leans_on__contains=[batch_id]
    )
    found = later.only("file_name").first()
    if found is not None:
        raise UndoneLater(file=found.file_name)


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
