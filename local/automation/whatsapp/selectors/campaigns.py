"""Campaigns, their people and what became of the messages. Counts are always of the rows."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from local.automation.whatsapp.engine.measuring import Counts, Effect, effect_of
from local.automation.whatsapp.engine.states import COUNTED
from local.automation.whatsapp.errors import CampaignMissing, TemplateMissing
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    MessageTemplate,
    RecipientState,
)
from local.automation.whatsapp.selectors.account import month_start
from local.customers.selectors import visits_between

PAGE = 50
# Visits so long after a message are looked at.
EFFECT_WITHIN = timedelta(days=7)
GOES_ON = (CampaignState.APPROVED, CampaignState.SENDING)
TAKEN = ("accepted", "held", "sent", "delivered", "read")


def campaigns_page(page: int = 1) -> tuple[list[Campaign], bool]:
    """Newest first, and whether there are more."""
    first = (max(1, page) - 1) * PAGE
    rows = list(
        Campaign.objects.select_related("template").annotate(
            taken=Count("recipients", filter=Q(recipients__state__in=(*TAKEN, "self_reported"))),
            people=Count("recipients", filter=~Q(recipients__state=RecipientState.HELD_OUT)),
        )[first : first + PAGE + 1]
    )
    return rows[:PAGE], len(rows) > PAGE


def messages_begun(now: datetime) -> QuerySet[CampaignRecipient]:
    """Through WhatsApp's interface, since the month began in India."""
    ours = CampaignRecipient.objects.filter(campaign__way="api")
    return ours.filter(sent_at__gte=month_start(now))


def messages_of_month(now: datetime) -> QuerySet[CampaignRecipient]:
    """Those, and who still waits in a campaign that goes on: what counts towards the plan."""
    running = Q(state=RecipientState.PLANNED, campaign__state__in=GOES_ON)
    ours = CampaignRecipient.objects.filter(campaign__way="api")
    return ours.filter(Q(sent_at__gte=month_start(now)) | running)


def campaign_of(campaign_id: uuid.UUID) -> Campaign:
    """Raises CampaignMissing."""
    campaign = Campaign.objects.select_related("template").filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignMissing
    return campaign


def templates_all() -> list[MessageTemplate]:
    return list(MessageTemplate.objects.all()[:300])


def template_of(template_id: int) -> MessageTemplate:
    """Raises TemplateMissing."""
    template = MessageTemplate.objects.filter(pk=template_id).first()
    if template is None:
        raise TemplateMissing
    return template


@dataclass(frozen=True)
class CampaignCounts:
    """How many are in each state, and the cost so far in 1/10,000 of a rupee with tax."""

    states: dict[str, int]
    cost: int
    charged: int
    replied: int
    opted_out: int

    def of(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def people(self) -> int:
        return sum(self.states.values()) - self.of(RecipientState.HELD_OUT)


def counts_of(campaign_id: uuid.UUID) -> CampaignCounts:
    rows = CampaignRecipient.objects.filter(campaign_id=campaign_id)
    by_state = dict(rows.order_by().values_list("state").annotate(number=Count("id")))
    totals = rows.aggregate(
        total=Sum(Coalesce("cost", F("expected_cost"))),
        billed=Sum("cost"),
        replied=Count("id", filter=Q(replied_at__isnull=False)),
        opted_out=Count("id", filter=Q(opted_out_at__isnull=False)),
    )
    return CampaignCounts(
        by_state,
        totals["total"] or 0,
        totals["billed"] or 0,
        totals["replied"],
        totals["opted_out"],
    )


def recipients_of(campaign_id: uuid.UUID, states: tuple[str, ...] = ()) -> QuerySet[Any]:
    rows = CampaignRecipient.objects.filter(campaign_id=campaign_id).select_related("customer")
    return rows.filter(state__in=states) if states else rows


def sent_times(customer_ids: list[uuid.UUID], since: datetime) -> dict[uuid.UUID, list[datetime]]:
    """When each of these people was last written to by campaigns."""
    found: dict[uuid.UUID, list[datetime]] = {}
    rows = CampaignRecipient.objects.filter(
        customer_id__in=customer_ids, state__in=COUNTED, sent_at__gte=since
    )
    for customer_id, sent_at in rows.order_by("sent_at").values_list("customer_id", "sent_at"):
        found.setdefault(customer_id, []).append(sent_at)
    return found


def message_counts(since: datetime) -> Counts:
    """What became of all campaign messages since then; for engine.measuring.health_of."""
    rows = CampaignRecipient.objects.filter(sent_at__gte=since, state__in=(*TAKEN, "failed"))
    found = rows.aggregate(
        sent=Count("id"),
        delivered=Count("id", filter=Q(state__in=("delivered", "read"))),
        read=Count("id", filter=Q(state="read")),
        replied=Count("id", filter=Q(replied_at__isnull=False)),
        opted_out=Count("id", filter=Q(opted_out_at__isnull=False)),
        not_now=Count("id", filter=Q(error_code=131049)),
        total=Coalesce(Sum("cost"), 0),
    )
    return Counts(cost=found.pop("total"), **found)


def effect_measured(campaign: Campaign, now: datetime) -> Effect | None:
    """Visits within 7 days of those written to and of those held out; None before they are over,
    without enough held out, or when nobody was written to.
    """
    rows = list(
        CampaignRecipient.objects.filter(
            campaign=campaign, customer__isnull=False, state__in=("held_out", *COUNTED)
        ).values_list("customer_id", "state", "sent_at")
    )
    sent = [at for _customer, _state, at in rows if at is not None]
    if not sent or max(sent) + EFFECT_WITHIN > now:
        return None
    begun = min(sent)
    visitors: dict[uuid.UUID, list[datetime]] = {}
    for visit in visits_between(begun, max(sent) + EFFECT_WITHIN):
        if visit.customer_id is not None:
            visitors.setdefault(visit.customer_id, []).append(visit.happened_at)
    counts = {True: [0, 0], False: [0, 0]}
    for customer_id, state, at in rows:
        # Held out people are looked at from the day on which the sending began.
        start = at or begun
        came = any(start < when <= start + EFFECT_WITHIN for when in visitors.get(customer_id, ()))
        counts[state != "held_out"][0] += 1
        counts[state != "held_out"][1] += came
    return effect_of(
        treated=counts[True][0],
        treated_visits=counts[True][1],
        control=counts[False][0],
        control_visits=counts[False][1],
    )
