"""Connecting over the web: both ways in, everything that may be wrong with an answer, and out."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.test import Client

from marketing_platform.connections.models import AccountChoice, Connection
from marketing_platform.connections.sealing import unseal
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

LIST = "/settings/connections/"


@pytest.fixture
def shop(session_for: Any, asha: Any, local_tenant: Any) -> Client:
    return session_for(asha, local_tenant)


def depart(shop: Client, provider: str = "meta") -> str:
    response = shop.post(f"{LIST}{provider}/connect/")
    assert response.status_code == 302, response.content
    return response["Location"]


def answer_at(url: str, answer: str = "allow") -> str:
    """Press a button of the twin's page; the address to which it sends the browser."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    page = httpx.get(url)
    assert page.status_code == 200
    assert 'action="/dialog/answer"' in page.text
    root = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    sent = httpx.post(f"{root}/dialog/answer", data={**query, "answer": answer})
    return sent.headers["Location"]


def come_back(url: str) -> str:
    """Through the public host; the address on the workspace's host."""
    parts = urlsplit(url)
    response = Client(HTTP_HOST="localhost").get(f"{parts.path}?{parts.query}")
    assert response.status_code == 302, response.content
    return response["Location"]


def arrive(shop: Client, url: str, **more: Any) -> str:
    """The message on the list afterwards."""
    parts = urlsplit(url)
    response = shop.get(f"{parts.path}?{parts.query}", follow=True, **more)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def rows(tenant: Any) -> list[Connection]:
    with tenant_context(tenant):
        return list(Connection.objects.all())


def test_a_page_is_connected_by_signing_in(shop: Client, meta_twin: Any, local_tenant: Any) -> None:
    back = come_back(answer_at(depart(shop)))

    assert urlsplit(back).netloc == f"{local_tenant.slug}.localhost"
    assert arrive(shop, back) == "Asha Sweets is connected."
    (row,) = rows(local_tenant)
    assert (row.account_id, row.state) == ("100200300400", "connected")
    assert row.details["instagram_id"] == "178000000000001"
    with tenant_context(local_tenant):
        assert unseal(row) == {"access_token": "page-token-100200300400"}
    assert b"page-token" not in shop.get(LIST).content


def test_of_two_pages_one_is_chosen(shop: Client, meta_twin: Any, local_tenant: Any) -> None:
    back = urlsplit(come_back(answer_at(depart(shop), "both")))
    choosing = shop.get(f"{back.path}?{back.query}")["Location"]
    assert b"Asha Sweets Baner" in shop.get(choosing).content
    assert rows(local_tenant) == []

    shop.post(choosing, {"account": "100200300401"})

    assert [row.account_id for row in rows(local_tenant)] == ["100200300401"]
    with tenant_context(local_tenant):
        assert AccountChoice.objects.count() == 0


def test_a_choice_takes_only_what_was_shown(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    back = urlsplit(come_back(answer_at(depart(shop), "both")))
    choosing = shop.get(f"{back.path}?{back.query}")["Location"]

    shop.post(choosing, {"account": "999"})

    assert rows(local_tenant) == []


def test_google_is_connected_with_a_token_that_can_be_renewed(
    shop: Client, google_twin: Any, local_tenant: Any
) -> None:
    said = arrive(shop, come_back(answer_at(depart(shop, "google_business"))))

    assert said == "Asha Sweets is connected."
    (row,) = rows(local_tenant)
    assert row.details["location"] == "locations/4001"
    assert row.token_expires_at > clock.now()


def test_google_without_a_refresh_token_is_refused(
    shop: Client, google_twin: Any, local_tenant: Any
) -> None:
    google_twin.control(no_refresh_token=1)

    said = arrive(shop, come_back(answer_at(depart(shop, "google_business"))))

    assert "did not allow us to work while you are away" in said
    assert rows(local_tenant) == []


def test_a_no_at_the_provider_connects_nothing(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    said = arrive(shop, come_back(answer_at(depart(shop), "deny")))

    assert said == "You said no at Facebook, so nothing was connected."
    assert rows(local_tenant) == []


def test_an_answer_is_taken_once(shop: Client, meta_twin: Any, local_tenant: Any) -> None:
    back = come_back(answer_at(depart(shop)))
    nonce = shop.cookies["connect_nonce_meta"].value
    arrive(shop, back)
    shop.cookies["connect_nonce_meta"] = nonce

    assert "was not started here" in arrive(shop, back)


def test_an_answer_without_the_nonce_is_refused(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    back = come_back(answer_at(depart(shop)))
    del shop.cookies["connect_nonce_meta"]

    assert "was not started here" in arrive(shop, back)
    assert rows(local_tenant) == []


def test_an_answer_after_ten_minutes_is_refused(
    shop: Client, meta_twin: Any, local_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    back = answer_at(depart(shop))
    late = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: late)

    parts = urlsplit(back)
    response = Client(HTTP_HOST="localhost").get(f"{parts.path}?{parts.query}")

    assert response.status_code == 400
    assert rows(local_tenant) == []


def test_another_person_cannot_finish_it(
    shop: Client, meta_twin: Any, local_tenant: Any, meera: Any, session_for: Any
) -> None:
    membership_add(tenant=local_tenant, user=meera, role=Role.MANAGER, now=clock.now())
    back = come_back(answer_at(depart(shop)))
    other = session_for(meera, local_tenant)
    other.cookies["connect_nonce_meta"] = shop.cookies["connect_nonce_meta"].value

    assert "was not started here" in arrive(other, back)
    assert rows(local_tenant) == []


def test_a_state_of_one_workspace_does_not_open_another(
    shop: Client, meta_twin: Any, local_tenant: Any, enterprise_tenant: Any
) -> None:
    back = answer_at(depart(shop))
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    stolen = enterprise_tenant.pk.hex + query["state"][32:]

    response = Client(HTTP_HOST="localhost").get(
        f"/connect/meta/?{urlencode({**query, 'state': stolen})}"
    )

    assert response.status_code == 400
    assert rows(local_tenant) == rows(enterprise_tenant) == []


def test_an_answer_of_another_provider_is_refused(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    parts = urlsplit(answer_at(depart(shop)))

    response = Client(HTTP_HOST="localhost").get(f"/connect/google_business/?{parts.query}")

    assert response.status_code == 400


@pytest.mark.parametrize("state", ["", "x", "." * 50, "0" * 32 + ".a:b", "क" * 40])
def test_a_junk_state_is_a_plain_refusal(db: None, state: str) -> None:
    query = urlencode({"state": state, "code": "x"})

    response = Client(HTTP_HOST="localhost").get(f"/connect/meta/?{query}")

    assert response.status_code == 400
    assert b"was not started here" in response.content


def test_a_nul_is_refused_before_it_is_read(db: None) -> None:
    response = Client(HTTP_HOST="localhost").get("/connect/meta/?state=%00&code=%00")

    assert response.status_code == 400


def test_whatsapp_is_connected_by_a_token_that_is_tried(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    fields = {
        "phone_number_id": "500600700800",
        "waba_id": "900800700600",
        "access_token": "whatsapp-token-500600700800",
    }

    shop.post(f"{LIST}whatsapp/token/", fields)

    (row,) = rows(local_tenant)
    assert row.account_id == "500600700800"
    assert row.account_name.startswith("Asha Sweets +91 ")
    assert "access_token" not in row.details


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("phone_number_id", "+91 99999 00001", "Digits only; it is not the phone number."),
        ("access_token", "short", "Paste it whole, without spaces."),
        ("access_token", "wrong-but-long-enough", "WhatsApp needs you to sign in again."),
        ("waba_id", "", "Please fill this in."),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    shop: Client, meta_twin: Any, local_tenant: Any, field: str, text: str, sentence: str
) -> None:
    fields = {
        "phone_number_id": "500600700800",
        "waba_id": "900800700600",
        "access_token": "whatsapp-token-500600700800",
    }

    response = shop.post(f"{LIST}whatsapp/token/", {**fields, field: text})

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert rows(local_tenant) == []


def test_a_page_of_another_workspace_is_not_taken_over(
    shop: Client, meta_twin: Any, local_tenant: Any, enterprise_tenant: Any
) -> None:
    from marketing_platform.inbox.services import account_claim

    account_claim(
        provider="meta", account_id="100200300400", tenant=enterprise_tenant, now=clock.now()
    )

    said = arrive(shop, come_back(answer_at(depart(shop))))

    assert "connected in another workspace" in said
    assert rows(local_tenant) == []


def test_test_and_disconnect(shop: Client, meta_twin: Any, local_tenant: Any) -> None:
    arrive(shop, come_back(answer_at(depart(shop))))
    (row,) = rows(local_tenant)

    tried = shop.post(f"{LIST}{row.pk}/test/", follow=True)
    assert "Facebook answers. Everything is fine." in tried.content.decode()

    gone = shop.post(f"{LIST}{row.pk}/disconnect/", follow=True)
    assert "Facebook is disconnected." in gone.content.decode()
    assert rows(local_tenant)[0].sealed is None
    assert "is connected." in arrive(shop, come_back(answer_at(depart(shop))))


def test_the_page_says_what_is_wrong_in_words(
    shop: Client, meta_twin: Any, local_tenant: Any
) -> None:
    arrive(shop, come_back(answer_at(depart(shop))))
    (row,) = rows(local_tenant)
    meta_twin.control(expired_token=1)

    page = shop.post(f"{LIST}{row.pk}/test/", follow=True).content.decode()

    assert "Facebook needs you to sign in again." in page
    assert "Do it now" in page
    assert shop.get("/api/connections").json()["results"][0]["state"] == "needs_sign_in"


def test_a_person_who_only_works_here_connects_nothing(
    session_for: Any, meera: Any, local_tenant: Any
) -> None:
    membership_add(tenant=local_tenant, user=meera, role=Role.STAFF, now=clock.now())
    staff = session_for(meera, local_tenant)

    assert staff.get(LIST).status_code == 403
    assert staff.post(f"{LIST}meta/connect/").status_code == 403
    assert rows(local_tenant) == []


def test_a_provider_of_the_other_tier_is_not_offered(shop: Client) -> None:
    page = shop.post(f"{LIST}salesforce/connect/", follow=True)

    assert "We cannot connect to this service." in page.content.decode()
    assert "HubSpot" not in shop.get(LIST).content.decode()
