"""Two rows of one person became one: what was written with either belongs to the one that stays."""

from local.automation.whatsapp.models import CampaignRecipient, Conversation, RecipientState
from local.customers.models import Customer
from marketing_platform.core.text import mark as _

JOINED = _("Two rows of this customer were joined; the other one got the message.")


def traces_join(kept: Customer, other: Customer) -> None:
    """Conversations and messages move, so that pace and history count for the person.

    A campaign has one row per customer. If it had reached the other row only, the kept one does
    not get it again; if both were reached, the second stays with the emptied row.
    """
    Conversation.objects.filter(customer=other).update(customer=kept)
    mine = CampaignRecipient.objects.filter(customer=kept)
    theirs = CampaignRecipient.objects.filter(customer=other)
    begun = theirs.filter(sent_at__isnull=False).values("campaign_id")
    mine.filter(state=RecipientState.PLANNED, campaign_id__in=begun).update(
        state=RecipientState.SKIPPED, reason=JOINED, customer=None
    )
    theirs.exclude(campaign_id__in=mine.values("campaign_id")).update(customer=kept)
