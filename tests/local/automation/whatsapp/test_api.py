"""The API, as a program meets it."""

from datetime import timedelta

import pytest
from django.test import Client

from local.automation.whatsapp.models import Conversation
from marketing_platform.api.keys import key_create
from tests.local.automation.whatsapp.conftest import NOON, Aside

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(local_tenant, asha, settings, time_is):
    from marketing_platform.tenants.context import public_context

    with public_context():
        _row, secret = key_create(
            tenant=local_tenant,
            name="x",
            scopes=("read", "write"),
            is_test=False,
            created_by_id=asha.pk,
            expires_at=None,
            now=time_is(),
        )
    host = f"{local_tenant.slug}.{settings.BASE_HOST}"
    return Aside(Client(HTTP_HOST=host, headers={"Authorization": f"Bearer {secret}"}))


BASE = "/api/local/automation/whatsapp"


def test_a_campaign_over_the_api(api, template, customer_new, time_is):
    customer_new()
    wish = {
        "title": "Diwali",
        "template": template.pk,
        "segment": "all_agreed",
        "values": {"name": "ji", "sweet": "barfi"},
        "way": "hand",
        "cap_paise": 0,
        "cap_people": 10,
    }
    made = api.post(f"{BASE}/campaigns/propose", wish, content_type="application/json")
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["forecast"]["recipients"], body["counts"]) == ("proposed", 1, {})
    one = f"{BASE}/campaigns/{body['id']}"
    stale = api.post(f"{one}/approve", {"content": "x"}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "campaign_changed")
    seen = {"content": body["content"]}
    assert api.post(f"{one}/approve", seen, content_type="application/json").status_code == 200
    assert api.get(one).json()["counts"] == {"planned": 1}
    assert [row["id"] for row in api.get(f"{BASE}/campaigns").json()["campaigns"]] == [body["id"]]


@pytest.mark.parametrize(
    "changes",
    [{"template": 0}, {"segment": "x"}, {"values": []}, {"values": {"sweet": "a\x00"}}, {"way": 7},
     {"starts_at": "x"}, {"cap_paise": 10**30}, {"cap_people": "many"}, {"template": 999}],
)  # fmt: skip
def test_a_bad_body_is_never_a_500(api, template, changes):
    wish = {"title": "x", "template": template.pk, "segment": "new", "values": {"name": "a"}}
    wish |= {"cap_paise": 0, "cap_people": 1}
    answer = api.post(f"{BASE}/campaigns/propose", wish | changes, content_type="application/json")
    assert answer.status_code in (400, 404)


def test_conversations_over_the_api_in_pages(api, in_local_workspace, time_is):
    for number in range(5):
        Conversation.objects.create(
            phone=f"+91999990001{number}",
            last_message_at=NOON - timedelta(minutes=number),
            last_inbound_at=NOON,
            created_at=NOON,
        )
    first = api.get(f"{BASE}/conversations?limit=3").json()
    second = api.get(f"{BASE}/conversations", {"limit": 3, "cursor": first["cursor"]}).json()
    phones = [row["phone"] for row in first["conversations"] + second["conversations"]]
    assert phones == [f"+91 •••••• 001{number}" for number in range(5)]
    assert second["cursor"] is None
    for wrong in ("limit=0", "limit=x", "limit=1e9", "cursor=x"):
        assert api.get(f"{BASE}/conversations?{wrong}").status_code == 400
