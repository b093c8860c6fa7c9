"""Invented customers, to see what the lists show before there are any of one's own.

They have no number, so nobody can be written to; no figure, finding, plan or file counts them; and
they go when the first own customer comes.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from local.customers.models import BatchState, Customer, ImportBatch, Visit, VisitSource
from local.customers.selectors.customers import customers_living
from marketing_platform.core.clock import IST
from marketing_platform.core.clock import today as day_of

PEOPLE = 24
DAYS = 240
NAMES = (
    *("Meenal Joshi", "Suresh Patil", "Kavita More", "Imran Shaikh", "Prajakta Sane"),
    *("Rohan Deshmukh", "Sneha Pawar", "Vijay Kamble", "Farida Inamdar", "Aniket Gokhale"),
    *("Lata Bhosale", "Nilesh Thorat", "Shubhangi Mane", "Deepak Ghate", "Anjali Kale"),
    *("Ganesh Shinde", "Pooja Rane", "Sachin Jadhav", "Tanvi Apte", "Yusuf Khan"),
    *("Ritu Sharma", "Manoj Nair", "Harpreet Gill", "Asmita Dange"),
)
# Days between two visits, and days since the last one: each list has somebody in it.
RHYTHMS = ((7, 2), (14, 5), (21, 21), (28, 28), (20, 31), (30, 8), (30, 75), (45, 160))
AMOUNTS = (12_000, 18_500, 24_000, 36_000, 52_000, 95_000)


def sample_show(*, now: datetime, actor_id: UUID | None = None) -> bool:
    """Put them into an empty list; does nothing beside customers, of one's own or invented."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            key = f"customers:{connection.schema_name}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
        if customers_living().exists():
            return False
        batch = ImportBatch.objects.create(
            is_sample=True,
            state=BatchState.IMPORTED,
            file_name="sample",
            sha256=f"sample {uuid4()}",
            actor_id=actor_id,
            created_at=now,
            imported_at=now,
        )
        lots = random.Random(str(day_of(now)))  # noqa: S311 - invented people, not secrets
        people = Customer.objects.bulk_create(_people(batch, lots, now))
        Visit.objects.bulk_create(_visits(batch, people, lots, now))
    return True


def sample_clear() -> int:
    """Remove them with their visits, for good. Answers how many people went."""
    batches = ImportBatch.objects.filter(is_sample=True)
    if not batches.exists():
        return 0
    with transaction.atomic():
        Visit.objects.filter(batch__is_sample=True).delete()
        invented = Customer.objects.filter(batch__is_sample=True)
        Visit.objects.filter(customer__in=invented).delete()
        count = invented.count()
        invented.delete()
        batches.delete()
    return count


def _people(batch: ImportBatch, lots: random.Random, now: datetime) -> Iterator[Customer]:
    soon = day_of(now) + timedelta(days=3)
    for place, name in enumerate(NAMES[:PEOPLE]):
        birthday = soon if place == 0 else date(2000, lots.randint(1, 12), lots.randint(1, 28))
        yield Customer(
            name=name,
            language=("mr", "hi", "en")[place % 3],
            birth_month=birthday.month if place % 4 == 0 else None,
            birth_day=birthday.day if place % 4 == 0 else None,
            batch=batch,
            created_at=now - timedelta(days=lots.randint(5, DAYS)),
        )


def _visits(
    batch: ImportBatch, people: list[Customer], lots: random.Random, now: datetime
) -> Iterator[Visit]:
    for place, person in enumerate(people):
        gap, since = RHYTHMS[place % len(RHYTHMS)]
        passed = since
        while passed <= (DAYS if place % 6 else since):
            moment = time(lots.choice((11, 12, 18, 19)), lots.randint(0, 59))
            day = day_of(now) - timedelta(days=passed)
            yield Visit(
                customer=person,
                batch=batch,
                amount_paise=lots.choice(AMOUNTS) * (3 if place % 8 == 7 else 1),
                happened_at=datetime.combine(day, moment, tzinfo=IST),
                source=VisitSource.IMPORT,
                created_at=now,
            )
            passed += max(2, round(lots.gauss(gap, gap / 6)))
