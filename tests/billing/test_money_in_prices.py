"""Which price a word of the gateway may name: the present one, or one of before a change."""

from dataclasses import replace

import pytest

from billing.errors import EventRefused
from billing.gateways.base import Charge
from billing.models import Checkout, Subscription
from billing.services.matching import parties_check, parties_of, price_split, subscription_charge
from tests.billing.changing_world import PAID_AT, TENTH, begin, live
from tests.billing.fake_gateway import Prorating

pytestmark = pytest.mark.django_db
MONTH = Charge(117_882, "INR", "local", "month")


@pytest.fixture
def yearly(subscribed, local_tenant):
    """Asha changed from the month to the year in the middle of April."""
    begin(subscribed("prorating"), "year")
    return live(local_tenant)


def word(row, charge):
    told = Prorating().fetch_subscription(row.gateway_subscription_id)
    told = replace(told, subscription=replace(told.subscription, charge=charge))
    parties = parties_of("prorating", told)
    assert parties.subscription == row
    parties_check(parties, told)


def test_a_late_word_names_the_amount_and_the_interval_of_before(yearly):
    assert subscription_charge(yearly) == Charge(1_178_820, "INR", "local", "year")
    word(yearly, subscription_charge(yearly))
    word(yearly, MONTH)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount_paise": 117_881}, "amount_paise"),
        ({"interval": "2 weeks"}, "interval"),
        ({"plan": "enterprise"}, "plan"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_nothing_else_of_before_is_believed(yearly, changes, why):
    with pytest.raises(EventRefused, match=f"{why} is"):
        word(yearly, replace(MONTH, **changes))


def test_the_present_amount_has_the_present_interval(yearly):
    with pytest.raises(EventRefused, match="interval is 'month', we asked for 'year'"):
        word(yearly, replace(subscription_charge(yearly), interval="month"))


def test_a_link_tells_nothing_of_the_price(subscribed):
    """Also not one of the same amount before tax: it may carry no tax, or another state's."""
    row = subscribed("prorating")
    before = price_split(row)
    assert before.total.paise == 117_882
    Checkout.objects.create(
        tenant=row.tenant,
        subscription=row,
        plan_version=row.plan_version,
        interval="month",
        base_paise=99_900,
        tax_paise=0,
        amount_paise=99_900,
        purpose="pay_link",
        document_number="X/1",
        gateway="prorating",
        remote_id="link_1",
        return_url="http://asha-sweets.localhost/",
        created_at=TENTH,
        expires_at=TENTH,
    )
    assert TENTH > PAID_AT
    assert price_split(Subscription.objects.get(pk=row.pk)) == before
