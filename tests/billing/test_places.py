"""The State is known before there is a price with tax: from sign-up, in both tiers."""

import pytest

from billing.engine.gst import STATES
from billing.engine.states import GST_CODES, gst_code
from billing.selectors.accounts import payer_facts
from enterprise.clients.engine import STATES as BY_LETTERS
from enterprise.clients.models import EnterpriseClient
from local.business.engine import CITIES


def test_every_city_of_a_shop_lies_in_a_state_of_gst():
    unknown = [city.slug for city in CITIES.values() if gst_code(city.state) not in STATES]
    assert unknown == []


def test_a_company_chooses_among_the_states_of_gst_by_the_same_names():
    assert {gst_code(letters): name for letters, name in BY_LETTERS.items()} == {
        code: name for code, name in STATES.items() if code != "97"
    }
    assert set(BY_LETTERS) <= set(GST_CODES)


@pytest.mark.django_db
def test_the_first_payer_of_a_company_has_its_state(enterprise_tenant):
    payer = payer_facts(enterprise_tenant)
    assert (payer.city, payer.state_code) == ("Bengaluru", "29")
    # One that came before it was asked: the billing page asks.
    EnterpriseClient.objects.filter(tenant=enterprise_tenant).update(state="")
    assert payer_facts(enterprise_tenant).state_code == ""
