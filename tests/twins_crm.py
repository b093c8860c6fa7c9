"""The twins of the three CRMs, connecting them and syncing, for tests that act in a workspace."""

import uuid

import pytest

from enterprise.data_sources.models import Contact, Deal, Lead
from enterprise.data_sources.services import sync
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.tokens import token_connect
from marketing_platform.core import clock
from tests.twins_fixtures import load, start

TWINS = {"salesforce": "Salesforce", "hubspot": "Hubspot", "marketo": "Marketo"}
TABLES = {
    "salesforce": {"Contact": Contact, "Opportunity": Deal},
    "hubspot": {"contacts": Contact, "deals": Deal},
    "marketo": {"leads": Lead},
}
LIST = {"salesforce": "/query", "hubspot": "/search", "marketo": "leadchanges"}
CRMS = sorted(TWINS)


@pytest.fixture(scope="module")
def running_crms():
    made = {}
    for provider, name in TWINS.items():
        made[provider] = start(getattr(load(provider), name))
    yield made
    for twin in made.values():
        twin.server.shutdown()
        twin.server.server_close()


@pytest.fixture
def crm_twins(running_crms, settings, monkeypatch):
    for twin in running_crms.values():
        twin.twin.reset()
    settings.CONNECTIONS_MODE = "sandbox"
    urls = {provider: twin.url for provider, twin in running_crms.items()}
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, **urls}
    monkeypatch.setattr(sync, "sleep", lambda seconds: None)
    return {provider: twin.twin for provider, twin in running_crms.items()}


def connect(provider):
    known = PROVIDERS[provider]
    fields = {row.name: row.sandbox for row in known.token_fields if row.sandbox}
    return token_connect(provider=known, fields=fields, actor_id=None, now=clock.now())


def run(provider, *, is_full=False, ticket=None, progress=lambda *_told, **_params: None):
    return sync.sync_run(
        provider=provider,
        is_full=is_full,
        ticket=ticket or uuid.uuid4(),
        actor_id=None,
        progress=progress,
    )


def figures(found):
    return found.rows_new, found.rows_changed, found.rows_unchanged


def counts(provider):
    return {name: model.objects.count() for name, model in TABLES[provider].items()}
