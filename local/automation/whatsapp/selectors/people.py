"""Who may be written to: consent, numbers and pace of customers, read in bulk."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from local.automation.whatsapp.engine.forecast import Past, Person
from local.automation.whatsapp.engine.pace import COOL_OFF, MONTH
from local.automation.whatsapp.models import Campaign, CampaignRecipient, Conversation
from local.automation.whatsapp.selectors.campaigns import EFFECT_WITHIN, TAKEN, sent_times
from local.customers.models import Customer, Purpose
from local.customers.selectors import may_message_ids, segment_members, visits_between

PURPOSES = {"marketing": Purpose.WHATSAPP_MARKETING, "utility": Purpose.WHATSAPP_SERVICE}
# Own campaigns of this past tell what to expect.
PAST = timedelta(days=180)


def members_of(segment: str, now: datetime) -> list[Customer]:
    """In the order of their ids, so that a forecast and its approval see the same people first."""
    ids = segment_members(segment, now)
    return list(Customer.objects.filter(pk__in=ids).order_by("pk"))


def left_of(campaign: Campaign) -> list[Customer]:
    """Who of a campaign that was begun was not written to yet."""
    waiting = Q(campaign_messages__campaign=campaign, campaign_messages__state="planned")
    return list(Customer.objects.filter(waiting).order_by("pk"))


def people_of(members: list[Customer], *, category: str, now: datetime) -> list[Person]:
    """What the forecast judges by, in the order of the members; a handful of queries."""
    ids = [each.pk for each in members]
    agreed = may_message_ids(ids, PURPOSES[category])
    sent = sent_times(ids, now - max(MONTH, COOL_OFF * 3))
    talks = {
        row.customer_id: row
        for row in Conversation.objects.filter(customer_id__in=ids).order_by("last_inbound_at")
    }
    return [
        _person(each, each.pk in agreed, sent, talks.get(each.pk), category, now)
        for each in members
    ]


def _person(
    customer: Customer,
    agreed: bool,
    sent: dict[UUID, list[datetime]],
    talk: Conversation | None,
    category: str,
    now: datetime,
) -> Person:
    inbound = talk.last_inbound_at if talk else None
    after_ad = bool(talk and talk.free_until and talk.free_until > now)
    in_window = category == "utility" and bool(inbound and inbound > now - timedelta(hours=24))
    return Person(
        customer_id=customer.pk,
        agreed=agreed,
        has_number=bool(customer.phone or customer.bsuid),
        sent_at=tuple(sent.get(customer.pk, ())),
        last_inbound_at=inbound,
        may_be_free=after_ad or in_window,
    )


def past_of(now: datetime) -> Past:
    """The shop's own messages of half a year, and how many came within 7 days."""
    rows = list(
        CampaignRecipient.objects.filter(
            sent_at__gt=now - PAST, sent_at__lte=now - EFFECT_WITHIN, state__in=(*TAKEN, "failed")
        ).values_list("customer_id", "state", "sent_at")
    )
    if not rows:
        return Past()
    arrived = [(who, at) for who, state, at in rows if state in ("delivered", "read")]
    visits: dict[UUID, list[datetime]] = {}
    for visit in visits_between(min(at for *_rest, at in rows), now):
        if visit.customer_id is not None:
            visits.setdefault(visit.customer_id, []).append(visit.happened_at)
    came = sum(
        any(at < when <= at + EFFECT_WITHIN for when in visits.get(who, ())) for who, at in arrived
    )
    return Past(sent=len(rows), delivered=len(arrived), visitors=came)
