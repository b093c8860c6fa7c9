"""What stands on these pages only after something happened is in Hindi too."""

import pytest

from tests.local.automation.whatsapp.conftest import Aside

pytestmark = pytest.mark.django_db


def test_states_and_forecasts_are_said_in_hindi(
    session_for, asha, local_tenant, template, customer_new, propose
):
    owner = Aside(session_for(asha, local_tenant))
    customer_new()
    campaign = propose(way="hand")
    page = owner.get(f"/chat/campaigns/{campaign.pk}/", headers={"Accept-Language": "hi"})
    text = page.content.decode()
    assert "मंज़ूरी बाक़ी है" in text
    assert "1 व्यक्ति को मिलेगा" in text
    assert "Waits for approval" not in text
    listed = owner.get("/chat/templates/", headers={"Accept-Language": "hi"}).content.decode()
    assert "Approved" not in listed
