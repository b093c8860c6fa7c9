"""The first page of a new workspace, opened in several tabs at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.services import sample
from marketing_platform.tenants.context import tenant_context

TABS = 3


def opened_together(workspace_client: Callable[..., Client], tenant: Any, user: Any) -> list[int]:
    clients = [workspace_client(tenant, user) for _tab in range(TABS)]
    together, statuses = threading.Barrier(TABS), []

    def look(client: Client) -> None:
        client.raise_request_exception = False
        together.wait(20)
        try:
            statuses.append(client.get("/").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


@pytest.mark.django_db(transaction=True)
def test_a_company_s_first_tabs_all_show_one_sample(
    workspace_client: Callable[..., Client],
    enterprise_tenant: Any,
    vikram: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _makes_together(monkeypatch)
    assert opened_together(workspace_client, enterprise_tenant, vikram) == [200] * TABS
    with tenant_context(enterprise_tenant):
        hashes = list(ImportBatch.objects.values_list("sha256", flat=True))
    assert len(hashes) == len(set(hashes)) > 0


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_second_tab_would_break(
    workspace_client: Callable[..., Client],
    enterprise_tenant: Any,
    vikram: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: only the constraint of the files is left then."""
    _makes_together(monkeypatch)
    monkeypatch.setattr(sample, "_one_at_a_time", lambda: None)
    statuses = opened_together(workspace_client, enterprise_tenant, vikram)
    assert sorted(statuses) == [200, 500, 500]


@pytest.mark.django_db(transaction=True)
def test_a_shop_s_first_tabs_all_show_today(
    workspace_client: Callable[..., Client], local_tenant: Any, asha: Any
) -> None:
    assert opened_together(workspace_client, local_tenant, asha) == [200] * TABS


def _makes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tab has looked, and found nothing, before any of them writes."""
    make, looked = sample.sample, threading.Barrier(TABS)

    def made(today: Any) -> Any:
        looked.wait(20)
        return make(today)

    monkeypatch.setattr(sample, "sample", made)
