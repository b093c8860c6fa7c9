"""The door: what is signed is stored once; what is not is stored nowhere."""

import json

import pytest
from django.test import Client

from local.automation.whatsapp.models import ChatMessage, DeliveryStatus
from local.automation.whatsapp.services import receiving
from local.automation.whatsapp.services.receiving import delivery_apply
from marketing_platform.inbox.errors import AccountTaken
from marketing_platform.inbox.models import ExternalAccount, InboundEvent
from marketing_platform.inbox.services import account_claim, account_release
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from tests.local.automation.whatsapp.conftest import (
    ACCOUNT,
    NOON,
    NUMBER,
    delivery,
    message,
    signed,
    status,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(local_tenant):
    return account_claim(
        provider="whatsapp", account_id=NUMBER, parent_id=ACCOUNT, tenant=local_tenant, now=NOON
    )


def stored():
    return InboundEvent.objects.filter(provider="whatsapp")


def test_a_signed_delivery_is_stored_once_and_queued_once(post_webhook, claimed, local_tenant):
    body = delivery({"messages": [message("wamid.1", "Namaste")]})
    assert post_webhook(body).json() == {"received": True, "is_new": True}
    assert post_webhook(body).json() == {"received": True, "is_new": False}
    (event,) = stored()
    assert (event.tenant_id, event.state, event.kind) == (local_tenant.pk, "stored", "messages")
    (work,) = DueWork.objects.filter(task="whatsapp.delivery")
    assert work.tenant_id == local_tenant.pk


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "sha256=स्ते"},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40},
    ],
)
def test_what_is_not_signed_is_stored_nowhere(post_webhook, claimed, headers):
    body = delivery({"messages": [message("wamid.1", "A")]})
    assert post_webhook(body, headers=headers).status_code == 401
    assert not stored().exists()
    assert not DueWork.objects.filter(task="whatsapp.delivery").exists()


def test_another_secrets_signature_is_refused(post_webhook, claimed):
    body = delivery({"messages": [message("wamid.1", "A")]})
    assert post_webhook(body, secret="wrong").status_code == 401
    assert not stored().exists()


def test_without_a_secret_of_ours_nothing_is_taken(settings):
    settings.META_APP_SECRET = ""
    raw, headers = signed(delivery({}), "")
    answer = Client(HTTP_HOST=settings.BASE_HOST).post(
        "/webhooks/whatsapp/", raw, content_type="application/json", headers=headers
    )
    assert answer.status_code == 401


def test_a_number_that_nobody_connected_is_stored_and_ignored(post_webhook, claimed):
    assert (
        post_webhook(delivery({"messages": [message("w.1", "A")]}, number="1")).status_code == 200
    )
    (event,) = stored()
    assert (event.state, event.tenant_id) == ("ignored", None)
    assert "no workspace" in event.outcome
    assert not DueWork.objects.filter(task="whatsapp.delivery").exists()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'"' + b"a" * 50, b"[NaN]", b"[1e999]"]
)
def test_signed_nonsense_is_400_and_stored_nowhere(post_webhook, raw):
    assert post_webhook(raw).status_code == 400
    assert not stored().exists()


@pytest.mark.parametrize("body", [[], {}, 7, "x", {"object": "page"}, {"entry": [{"changes": 7}]}])
def test_signed_json_of_another_shape_is_kept_and_ignored(post_webhook, body):
    assert post_webhook(body).status_code == 200
    assert [event.state for event in stored()] == ["ignored"]


def test_nul_and_half_characters_are_stored_without_them(tell, claimed):
    raw = json.dumps(delivery({"messages": [message("wamid.1", "XXX")]}))
    event = tell(raw.replace("XXX", "a\\u0000b\\ud800c").encode())
    assert event.state == "applied"
    with tenant_context(claimed.tenant):
        assert ChatMessage.objects.get().text == "ab?c"


def test_a_delivery_that_is_too_large_is_413(post_webhook, claimed):
    body = delivery({"messages": [message("wamid.1", "x" * 3_200_000)]})
    assert post_webhook(body).status_code == 413
    assert not stored().exists()


def test_the_challenge_is_echoed_only_with_our_word(settings):
    settings.META_WEBHOOK_WORD = "our-word"
    client = Client(HTTP_HOST=settings.BASE_HOST)
    asked = {"hub.mode": "subscribe", "hub.verify_token": "our-word", "hub.challenge": "<b>42</b>"}
    answer = client.get("/webhooks/whatsapp/", asked)
    assert (answer.status_code, answer.content) == (200, b"<b>42</b>")
    assert answer["Content-Type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "x"}, {"hub.verify_token": "शब्द"}):
        assert client.get("/webhooks/whatsapp/", asked | wrong).status_code == 403
    settings.META_WEBHOOK_WORD = ""
    assert client.get("/webhooks/whatsapp/", asked | {"hub.verify_token": ""}).status_code == 403


def test_a_provider_without_a_door_is_404(settings):
    assert Client(HTTP_HOST=settings.BASE_HOST).post("/webhooks/nobody/").status_code == 404


def test_a_batch_of_two_workspaces_is_two_rows_each_with_its_own(
    post_webhook, claimed, enterprise_tenant
):
    account_claim(provider="whatsapp", account_id="42", tenant=enterprise_tenant, now=NOON)
    one = delivery({"messages": [message("wamid.1", "mine")]})
    two = delivery({"messages": [message("wamid.2", "theirs")]}, number="42")
    both = {"object": one["object"], "entry": one["entry"] + two["entry"]}
    assert post_webhook(both).json()["is_new"]
    assert not post_webhook(both).json()["is_new"]
    rows = {event.tenant_id: json.dumps(event.payload) for event in stored()}
    assert len(rows) == 2
    assert "theirs" not in rows[claimed.tenant_id]
    assert "mine" not in rows[enterprise_tenant.pk]


def test_news_of_a_business_account_reach_every_workspace_below_it(
    post_webhook, claimed, enterprise_tenant
):
    account_claim(
        provider="whatsapp", account_id="42", parent_id=ACCOUNT, tenant=enterprise_tenant, now=NOON
    )
    body = delivery({"event": "APPROVED"}, field="message_template_status_update")
    del body["entry"][0]["changes"][0]["value"]["metadata"]
    assert post_webhook(body).json()["is_new"]
    assert stored().count() == 2


def test_an_account_belongs_to_one_workspace(claimed, enterprise_tenant):
    with pytest.raises(AccountTaken):
        account_claim(provider="whatsapp", account_id=NUMBER, tenant=enterprise_tenant, now=NOON)
    args = {"provider": "whatsapp", "account_id": NUMBER}
    assert not account_release(**args, tenant=enterprise_tenant)
    assert ExternalAccount.objects.get().tenant_id == claimed.tenant_id
    assert account_release(**args, tenant=claimed.tenant)
    account_claim(**args, tenant=enterprise_tenant, now=NOON)


def test_an_item_that_fails_is_not_lost_and_the_others_are_done(
    post_webhook, claimed, local_tenant, monkeypatch, time_is
):
    whole = receiving.inbound_apply

    def breaks(news, *, now):
        if news.wamid == "wamid.2":
            raise RuntimeError("the database was away")
        return whole(news, now=now)

    items = [message(f"wamid.{n}", "A") for n in (1, 2, 3)]
    told = [status("wamid.9", "sent")]
    post_webhook(delivery({"messages": items, "statuses": told}))
    event = stored().get()
    with tenant_context(local_tenant):
        monkeypatch.setattr(receiving, "inbound_apply", breaks)
        with pytest.raises(RuntimeError):
            delivery_apply(event_id=event.pk, now=NOON)
        event.refresh_from_db()
        assert event.state == "stored"
        assert set(ChatMessage.objects.values_list("wamid", flat=True)) == {"wamid.1", "wamid.3"}
        monkeypatch.setattr(receiving, "inbound_apply", whole)
        delivery_apply(event_id=event.pk, now=NOON)
        delivery_apply(event_id=event.pk, now=NOON)
        assert ChatMessage.objects.count() == 3
        assert DeliveryStatus.objects.count() == 1
    event.refresh_from_db()
    assert event.state == "applied"


def test_a_workspaces_work_does_not_read_anothers_delivery(
    post_webhook, claimed, enterprise_tenant, time_is
):
    post_webhook(delivery({"messages": [message("wamid.1", "A")]}))
    event = stored().get()
    with tenant_context(enterprise_tenant):
        delivery_apply(event_id=event.pk, now=NOON)
    event.refresh_from_db()
    assert event.state == "stored"
