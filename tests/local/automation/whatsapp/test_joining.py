"""When two rows of a person become one, their chats and messages do too."""

import pytest

from local.automation.whatsapp.models import CampaignRecipient, Conversation, DeliveryStatus
from local.automation.whatsapp.selectors.campaigns import sent_times
from local.customers.services import customer_erase, customers_merge
from marketing_platform.effects.models import Effect
from tests.local.automation.whatsapp.conftest import NOON, delivery, message, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def reached(connected, tell, customer_new, propose, approve, known_at_meta, run_campaign, time_is):
    """Meena got a campaign's message and wrote back; then her second row turns up."""
    meena = customer_new()
    run_campaign(approve(propose()))
    row = CampaignRecipient.objects.get()
    tell(delivery({"statuses": [status(row.wamid, "sent")]}))
    tell(delivery({"messages": [message("wamid.9", "Hi", phone=meena.phone[1:])]}))
    return meena, customer_new("Meena"), row


def test_chat_and_pace_move_to_the_row_that_stays(reached, time_is):
    other, kept, row = reached
    customers_merge(kept_id=kept.pk, other_id=other.pk, now=time_is())
    row.refresh_from_db()
    assert Conversation.objects.get().customer_id == row.customer_id == kept.pk
    assert len(sent_times([kept.pk], NOON)[kept.pk]) == 1


def test_nobody_gets_a_campaign_twice_by_being_joined(reached, time_is):
    other, kept, row = reached
    waiting = CampaignRecipient.objects.create(
        campaign=row.campaign, customer=kept, state_at=time_is()
    )
    customers_merge(kept_id=kept.pk, other_id=other.pk, now=time_is())
    waiting.refresh_from_db()
    row.refresh_from_db()
    assert (waiting.state, waiting.customer_id) == ("skipped", None)
    assert (row.state, row.customer_id) == ("sent", kept.pk)


def test_an_erased_person_leaves_no_number_of_a_joined_row(reached, time_is):
    other, kept, row = reached
    CampaignRecipient.objects.create(
        campaign=row.campaign, customer=kept, state="sent", sent_at=time_is(), state_at=time_is()
    )
    customers_merge(kept_id=kept.pk, other_id=other.pk, now=time_is())
    customer_erase(customer_id=kept.pk, now=time_is())
    row.refresh_from_db()
    assert (row.customer_id, row.wamid, row.state) == (None, "", "sent")
    assert not DeliveryStatus.objects.exists()
    assert not Conversation.objects.exists()
    effect = Effect.objects.get()
    assert (effect.remote_id, effect.payload, effect.subject) == ("", {}, "")
