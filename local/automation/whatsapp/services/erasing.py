"""Erasing a person (DPDP Act 2023, s.12): WhatsApp's ids hold the number, so they go too."""

from local.automation.whatsapp.models import CampaignRecipient, ChatMessage, DeliveryStatus
from local.customers.models import Customer
from marketing_platform.effects.models import Effect


def traces_erase(customer: Customer) -> None:
    """What is kept beyond the rows that go with the customer: message ids, and words in the ledger.

    The campaign's counts stay, and name nobody.
    """
    joined = Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)
    people = [customer.pk, *joined]
    recipients = CampaignRecipient.objects.filter(customer__in=people)
    bubbles = ChatMessage.objects.filter(conversation__customer__in=people)
    wamids = {*recipients.values_list("wamid", flat=True), *bubbles.values_list("wamid", flat=True)}
    DeliveryStatus.objects.filter(wamid__in=wamids - {""}).delete()
    replies = list(bubbles.exclude(effect_id=None).values_list("effect_id", flat=True))
    sent = list(recipients.exclude(effect_id=None).values_list("effect_id", flat=True))
    over = Effect.objects.filter(pk__in=[*replies, *sent], ended_at__isnull=False)
    over.update(payload={}, prepared=None, subject="", remote_id="")
    recipients.update(wamid="")
