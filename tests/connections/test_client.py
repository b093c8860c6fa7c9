"""Calls to a provider: once, bounded, and every answer in one of the known kinds."""

import logging
import socket
import threading
from typing import Any

import pytest

from marketing_platform.connections import calling
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import client_for
from marketing_platform.connections.models import Connection
from marketing_platform.connections.selectors import connection_for
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import CrossTenantError

PAGE = "100200300400"
FEED = f"/{PAGE}/feed"
TOKEN = f"page-token-{PAGE}"


def failed(call: Any) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        call()
    return caught.value


def test_a_post_goes_out_once_and_is_found(page: Connection, meta_twin: Any) -> None:
    client = client_for(page)

    made = client.post(FEED, json={"message": "Fresh motichoor today"})

    assert [post["id"] for post in client.get(FEED)["data"]] == [made["id"]]
    posts = meta_twin.ledger("facebook.post")
    assert [post["message"] for post in posts] == ["Fresh motichoor today"]


@pytest.mark.parametrize(
    ("fault", "kind", "outcome", "applied"),
    [
        ("fail_before", "server", "unknown", 0),
        ("fail_after_apply", "server", "unknown", 1),
        ("reply_lost", "unreachable", "unknown", 1),
        ("not_json", "server", "unknown", 1),
        ("huge", "server", "unknown", 1),
        ("rate_limit", "rate_limited", "not_applied", 0),
        ("expired_token", "needs_sign_in", "not_applied", 0),
    ],
)
def test_a_write_is_never_sent_twice(
    page: Connection, meta_twin: Any, fault: str, kind: str, outcome: str, applied: int
) -> None:
    meta_twin.control(**{fault: 1})

    failure = failed(lambda: client_for(page).post(FEED, json={"message": "Once"}))

    assert (failure.kind, failure.outcome) == (kind, outcome)
    assert len(meta_twin.ledger("facebook.post")) == applied


def test_a_write_that_meets_an_expired_google_token_is_not_repeated(
    place: Connection, google_twin: Any
) -> None:
    google_twin.control(expired_token=1)
    path = "/accounts/3001/locations/4001/localPosts"
    post = {"topicType": "STANDARD", "summary": "Fresh", "languageCode": "en"}

    failure = failed(lambda: client_for(place).post(path, json=post))

    assert (failure.kind, failure.outcome) == ("unreachable", "not_applied")
    assert [entry["what"] for entry in google_twin.ledger()] == ["google.refresh"]
    assert connection_for("google_business") is not None


def test_a_question_that_meets_an_expired_token_is_asked_again(
    place: Connection, google_twin: Any
) -> None:
    google_twin.control(expired_token=1)

    answer = client_for(place).get("/accounts", base="accounts")

    assert [row["name"] for row in answer["accounts"]] == ["accounts/3001"]
    assert len(google_twin.ledger("google.refresh")) == 1


def test_a_late_answer_is_an_unknown_outcome(
    page: Connection, meta_twin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT", 0.3)
    meta_twin.control(slow_seconds=1)

    failure = failed(lambda: client_for(page).post(FEED, json={"message": "Slow"}))

    assert (failure.kind, failure.outcome) == ("timeout", "unknown")
    assert len(meta_twin.ledger("facebook.post")) == 1


def test_an_answer_that_drips_for_ever_ends(
    page: Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LONGEST_SECONDS", 0.5)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server, stop), daemon=True).start()
        settings.PROVIDER_URLS = {"meta": f"http://127.0.0.1:{server.getsockname()[1]}"}

        failure = failed(lambda: client_for(page).post(FEED, json={"message": "Drip"}))
    stop.set()

    assert (failure.kind, failure.outcome) == ("timeout", "unknown")


def _drip(server: socket.socket, stop: threading.Event) -> None:
    taken, _address = server.accept()
    with taken:
        taken.recv(65_536)
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.1):
            try:
                taken.sendall(b" ")
            except OSError:
                return


def test_nobody_listening_means_nothing_was_applied(page: Connection, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings.PROVIDER_URLS = {"meta": f"http://127.0.0.1:{port}"}

    failure = failed(lambda: client_for(page).post(FEED, json={"message": "Nobody"}))

    assert (failure.kind, failure.outcome) == ("unreachable", "not_applied")
    assert connection_for("meta") is not None


def test_the_owner_is_told_once_that_a_sign_in_is_needed(page: Connection, meta_twin: Any) -> None:
    from marketing_platform.notifications.models import Notification

    meta_twin.control(expired_token=True)
    client = client_for(page)
    for _time in range(3):
        failed(lambda: client.get(FEED))

    page.refresh_from_db()
    assert page.state == "needs_sign_in"
    assert Notification.objects.filter(kind="connection").count() == 1


def test_a_provider_that_refuses_says_why_in_its_own_words(page: Connection) -> None:
    failure = failed(lambda: client_for(page).post(FEED, json={}))

    assert (failure.kind, failure.outcome, failure.code) == ("rejected", "rejected", 100)
    assert failure.english == "Facebook refused this: (#100) Missing message or attachment"


def test_a_token_is_in_no_log_line_and_in_no_error(
    page: Connection, meta_twin: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = []
    client_for(page).post(FEED, json={"message": "Secret"})
    # The last one stops all calls for a while.
    for fault in ("fail_after_apply", "reply_lost", "not_json", "rate_limit"):
        meta_twin.control(**{fault: 1})
        failure = failed(lambda: client_for(page).post(FEED, json={"message": "Secret"}))
        texts.append(f"{failure!r} {failure.params} {failure.english}")

    # httpcore shows headers when asked for everything; what is ours never does.
    ours = [line.getMessage() for line in caplog.records if not line.name.startswith("httpcore")]
    assert any("meta POST" in text for text in ours)
    assert not [text for text in (*ours, *texts) if TOKEN in text]


def test_a_provider_that_repeats_our_token_is_not_quoted(page: Connection) -> None:
    assert calling.without(f"The token {TOKEN} is bad", [TOKEN]) == "The token *** is bad"


def test_a_client_works_in_its_own_workspace_only(
    page: Connection, enterprise_tenant: Any, meta_twin: Any
) -> None:
    client = client_for(page)

    with tenant_context(enterprise_tenant), pytest.raises(CrossTenantError):
        client.post(FEED, json={"message": "Not ours"})

    assert meta_twin.ledger() == []


def test_near_the_limit_everybody_slows_down_and_then_stops(
    page: Connection, meta_twin: Any, settings: Any
) -> None:
    meta_twin.control(app_usage=92)
    client = client_for(page)
    client.get(FEED)

    failure = failed(lambda: client.post(FEED, json={"message": "Later"}))

    assert (failure.kind, failure.outcome) == ("rate_limited", "not_applied")
    assert 0 < failure.retry_after <= 300
    assert meta_twin.ledger("facebook.post") == []


def test_one_workspace_cannot_use_up_the_share_of_others(page: Connection, settings: Any) -> None:
    settings.META_CALLS_PER_WORKSPACE = 2
    client = client_for(page)
    client.get(FEED)
    client.get(FEED)

    assert failed(lambda: client.get(FEED)).kind == "rate_limited"
