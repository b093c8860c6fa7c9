"""An invented shop for demonstrations: two years of bills, customers who agreed, reviews."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction

from local.automation.google_business.services.reviews import review_paste
from local.business.engine import LANGUAGES
from local.business.models import LocalBusiness
from local.business.selectors import facts_of
from local.business.services import business_create
from local.customers.models import (
    ConsentAction,
    ConsentEvent,
    ConsentSource,
    Customer,
    Purpose,
    Visit,
    VisitSource,
)
from local.customers.services.consent import wording_here
from local.intelligence.services import insights_compute
from marketing_platform.core import clock
from marketing_platform.core.clock import IST
from marketing_platform.tenants.models import Tenant

DETAILS = {
    "category": "sweet_shop",
    "city": "pune",
    "languages": LANGUAGES,
    "phone": "020 2612 3456",
    "address": "12 Laxmi Road, Pune 411030",
    "licence_number": "11526000000123",
    "monthly_budget_band": "up_to_2000",
}
YEARS = 2
PEOPLE = 220
AGREED_SHARE = 0.65
FIRST_NAMES = (
    *("Meenal", "Suresh", "Kavita", "Imran", "Prajakta", "Rohan", "Sneha", "Vijay", "Farida"),
    *("Aniket", "Lata", "Nilesh", "Shubhangi", "Deepak", "Anjali", "Ganesh", "Pooja", "Sachin"),
)
LAST_NAMES = (
    *("Joshi", "Patil", "Shaikh", "Deshmukh", "Pawar", "Kamble", "More", "Gokhale", "Mane"),
    *("Inamdar", "Bhosale", "Thorat", "Sane", "Ghate"),
)
ITEMS = ("Kaju katli 500 g", "Motichoor laddoo 1 kg", "Bakarwadi 500 g", "Pedha 250 g", "Mixed box")
# Bills written down an hour on a usual day, from ten in the morning on; afternoons are quiet.
HOURS = {10: 2, 11: 3, 12: 3, 13: 2, 14: 2, 15: 1, 16: 1, 17: 3, 18: 4, 19: 4, 20: 3}
REVIEWS = (
    (5, "Kaju katli is fresh and soft, staff polite. Best in Laxmi Road.", "Meenal J."),
    (5, "मिठाई ताज़ी रहती है, दाम भी ठीक हैं।", "सुरेश पाटील"),
    (2, "Waited 25 minutes in the evening queue.", "Imran S."),
    (5, "बाकरवडी एकदम मस्त! सेवा पण चांगली.", "प्राजक्ता"),
    (4, "Good taste but parking is a problem.", "Rohan D."),
    (5, "Delicious motichoor laddoo, packed very well.", "Sneha P."),
    (1, "Order was late and nobody picked up the phone.", "Vijay K."),
    (5, "Shop is clean, owner is helpful.", "Farida M."),
    (4, "Swad accha hai, line thodi lambi thi.", "Aniket G."),
    (5, "Fresh pedha every time.", "Lata M."),
    (3, "Sweets nice, a little expensive.", "Nilesh I."),
    (5, "दिवाळीला खूप छान पॅकिंग केलं.", "शुभांगी"),
    (2, "Long wait, only one person at the counter.", "Deepak B."),
    (5, "Staff bahut accha hai, sab samjhate hain.", "Anjali T."),
    (5, "Quality has stayed the same for years.", "Ganesh S."),
    (4, "Tasty. Parking nahi milti.", "Pooja G."),
    (5, "Very hygienic kitchen, you can see it.", "Sachin M."),
    (4, "Reasonable prices for this quality.", "Kavita P."),
)


def seed(tenant: Tenant, *, today: date) -> None:
    """Give the workspace a sweet shop in Pune under its own name; a second call changes nothing."""
    # Of this morning, or of now when it is earlier.
    now = min(datetime.combine(today, time(9), tzinfo=IST), clock.now())
    business = LocalBusiness.objects.filter(tenant=tenant).first()
    if business is None:
        business = business_create(tenant=tenant, name=tenant.name, now=now, **DETAILS)
    if Customer.objects.exists():
        return
    with transaction.atomic():
        _fill(today, now)
    insights_compute(facts=facts_of(business), today=clock.today(), now=clock.now())


def _fill(today: date, now: datetime) -> None:
    lots = random.Random("asha-sweets")  # noqa: S311 - invented people, not secrets
    people = Customer.objects.bulk_create(_people(lots, now))
    ConsentEvent.objects.bulk_create(_agreements(lots, people, now))
    Visit.objects.bulk_create([*_bills(lots, people, today, now)], batch_size=2_000)
    for place, (stars, text, reviewer) in enumerate(REVIEWS):
        review_paste(
            stars=stars,
            text=text,
            reviewer=reviewer,
            written_on=today - timedelta(days=2 + 9 * place),
            now=now,
        )


def _people(lots: random.Random, now: datetime) -> Iterator[Customer]:
    for number in range(PEOPLE):
        yield Customer(
            phone=f"+9199999{10_000 + number:05d}",
            name=f"{lots.choice(FIRST_NAMES)} {lots.choice(LAST_NAMES)}",
            language=lots.choice(("mr", "mr", "hi", "en")),
            created_at=now - timedelta(days=lots.randint(20, 365 * YEARS)),
        )


def _agreements(
    lots: random.Random, people: list[Customer], now: datetime
) -> Iterator[ConsentEvent]:
    """Two of three agreed at the counter, in words they could read; a few took it back."""
    for person in people:
        if lots.random() > AGREED_SHARE:
            continue
        wording = wording_here(Purpose.WHATSAPP_MARKETING, language=person.language)
        common = {
            "customer": person,
            "purpose": Purpose.WHATSAPP_MARKETING,
            "source": ConsentSource.COUNTER,
            "recorded_at": now,
        }
        yield ConsentEvent(
            action=ConsentAction.GRANTED,
            wording=wording.text,
            wording_version=wording.version,
            wording_language=wording.language,
            happened_at=person.created_at,
            **common,
        )
        if lots.random() < 0.05:
            yield ConsentEvent(
                action=ConsentAction.WITHDRAWN,
                happened_at=now - timedelta(days=lots.randint(1, 19)),
                **common,
            )


def _bills(
    lots: random.Random, people: list[Customer], today: date, now: datetime
) -> Iterator[Visit]:
    """Everybody's own rhythm, and bills without a number between them."""
    for person in people:
        yield from _own_bills(lots, person, today, now)
    for passed in range(365 * YEARS, 0, -1):
        day = today - timedelta(days=passed)
        if day.weekday() == 0 and lots.random() < 0.1:
            continue  # closed for a day off
        for hour, usual in HOURS.items():
            for _each in range(lots.randint(0, usual)):
                yield _bill(lots, day, hour, now, None)


def _own_bills(
    lots: random.Random, person: Customer, today: date, now: datetime
) -> Iterator[Visit]:
    gap = lots.choice((12, 18, 24, 30, 45))
    # One in six has stopped coming at some time.
    last = today - timedelta(days=lots.randint(1, 150) if lots.random() < 0.17 else 0)
    day = person.created_at.astimezone(IST).date()
    while day < last:
        yield _bill(lots, day, lots.choice((11, 12, 18, 18, 19, 20)), now, person)
        day += timedelta(days=max(2, round(lots.gauss(gap, gap / 5))))


def _bill(
    lots: random.Random, day: date, hour: int, now: datetime, person: Customer | None
) -> Visit:
    moment = datetime.combine(day, time(hour, lots.randint(0, 59)), tzinfo=IST)
    return Visit(
        customer=person,
        amount_paise=lots.choice((12_000, 18_500, 24_000, 36_000, 52_000, 95_000)),
        happened_at=moment,
        items=lots.choice(ITEMS),
        source=VisitSource.COUNTER,
        created_at=now,
    )
