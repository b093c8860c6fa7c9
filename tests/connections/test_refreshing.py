"""A token is renewed early and once; a bad network ends nothing."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import client_for
from marketing_platform.connections.models import Connection
from marketing_platform.connections.refreshing import token_alive
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context


def ends_in(row: Connection, minutes: int) -> None:
    row.token_expires_at = clock.now() + timedelta(minutes=minutes)
    row.save(update_fields=["token_expires_at"])


def test_a_token_with_six_minutes_left_is_used(place: Connection, google_twin: Any) -> None:
    ends_in(place, 6)

    client_for(place).get("/accounts", base="accounts")

    assert google_twin.ledger("google.refresh") == []


def test_a_token_with_four_minutes_left_is_renewed(place: Connection, google_twin: Any) -> None:
    ends_in(place, 4)

    client_for(place).get("/accounts", base="accounts")

    place.refresh_from_db()
    assert len(google_twin.ledger("google.refresh")) == 1
    assert place.token_expires_at > clock.now() + timedelta(minutes=50)


@pytest.mark.parametrize("fault", [{"fail_before": 1}, {"rate_limit": 1}, {"not_json": 1}])
def test_a_fault_while_renewing_leaves_it_connected(
    place: Connection, google_twin: Any, fault: dict[str, int]
) -> None:
    ends_in(place, 0)
    google_twin.control(**fault, only="/token")

    with pytest.raises(ProviderFailure) as caught:
        client_for(place).get("/accounts", base="accounts")

    place.refresh_from_db()
    assert caught.value.kind != "needs_sign_in"
    assert caught.value.outcome == "not_applied"
    assert place.state == "connected"


def test_an_ended_sign_in_asks_the_owner(place: Connection, google_twin: Any) -> None:
    ends_in(place, 0)
    google_twin.control(invalid_grant=1)

    with pytest.raises(ProviderFailure) as caught:
        client_for(place).get("/accounts", base="accounts")

    place.refresh_from_db()
    assert (caught.value.kind, place.state) == ("needs_sign_in", "needs_sign_in")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_renew_once(local_tenant: Any, google_twin: Any, save: Any) -> None:
    with tenant_context(local_tenant):
        secrets = {"access_token": "old", "refresh_token": "google-refresh-4001"}
        row = save("google_business", "4001", secrets, expires_at=clock.now())
    google_twin.control(slow_seconds=0.3, only="/token")
    barrier, tokens = threading.Barrier(2), []

    def renew() -> None:
        with tenant_context(local_tenant):
            mine = Connection.objects.get(pk=row.pk)
            barrier.wait()
            tokens.append(token_alive(mine, now=clock.now())["access_token"])
        connections.close_all()

    threads = [threading.Thread(target=renew) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(google_twin.ledger("google.refresh")) == 1
    assert len(tokens) == 2 and len(set(tokens)) == 1


def test_a_call_with_an_old_token_does_not_end_the_new_sign_in(
    page: Connection, meta_twin: Any, save: Any
) -> None:
    client = client_for(page)
    details = page.details
    save("meta", page.account_id, {"access_token": "signed-in-anew"}, details=details)
    meta_twin.control(expired_token=1)

    with pytest.raises(ProviderFailure):
        client.get("/100200300400/feed")

    page.refresh_from_db()
    assert page.state == "connected"
