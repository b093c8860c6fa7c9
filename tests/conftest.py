"""Every test runs on real PostgreSQL and Valkey, with the same three people and two workspaces.

asha owns a Local shop, vikram an Enterprise company, meera is a stranger with an account. Their
world is made once per version of the schema and copied for each run (operations.testing and
operations.template_database); a test leaves no trace in it, committed or not.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.test.client import RequestFactory
from django.utils import translation
from django.utils.module_loading import import_string
from xdist.scheduler import LoadScopeScheduling

from marketing_platform.operations import template_database, testing
from marketing_platform.tenants.host_cache import hosts
from tests.twins_fixtures import google_twin, meta_twin, running_google, running_meta  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1,::1"
LOCAL_SHOP = {"name": "Asha Sweets", "category": "sweet_shop", "city": "pune", "languages": ["en"]}
COMPANY = {
    "name": "Veda Appliances",
    "industry": "consumer_durables",
    "city": "Bengaluru",
    "state": "KA",
}

TEMPLATE = pytest.StashKey[str]()
SERVICES = testing.services_start(os.environ)


# In a worker of its own: Playwright leaves a loop running, in which Django has other connections.
BROWSER = "running product"
# Tests of one folder that share something costly run in one worker. By path: the suffix with which
# xdist's own marks would say it is not in the ids of this pytest.
TOGETHER = {
    "tests/browser/": BROWSER,
    "tests/celery/": "real workers",
    "tests/isolation/": "world",
    "tests/tenants/test_pooler.py": "pgbouncer",
}


class ByFolder(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((name for path, name in TOGETHER.items() if nodeid.startswith(path)), nodeid)

    """A group stays in one worker. With three workers the last has nothing but the browser.

    Those tests wait for the product most of the time, while the others keep the processors busy.
    """

    def _assign_work_unit(self, node: Any) -> None:
        if BROWSER in self.workqueue:
            is_theirs = len(self.nodes) > 2 and node is self.nodes[-1]
            self.workqueue.move_to_end(BROWSER, last=not is_theirs)
            if is_theirs:
                super()._assign_work_unit(node)
                node.shutdown()
                return
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    return ByFolder(config, log)


def pytest_configure(config: pytest.Config) -> None:
    _point_settings_at_services()
    # WhiteNoise warns without it; files are found in their source folders here.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    # Before pytest-socket reads them: nothing outside this machine can be reached.
    config.option.allow_hosts = LOOPBACK
    config.option.allow_unix_socket = True
    # Playwright's loop stays in its thread between tests; the code under test is synchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # A copy of the database is made afresh instead, which is quicker and forgets nothing.
    TransactionTestCase._fixture_teardown = lambda self: None


def _point_settings_at_services() -> None:
    """In place, because pytest-django reads the settings before this file."""
    postgresql = import_string(f"{settings.SETTINGS_MODULE}.postgresql")
    database = connections["default"].settings_dict
    database.update(postgresql(SERVICES.database_url))
    # One connection a thread, closed with it: a pool would hold the database that we drop.
    database["OPTIONS"] = {}
    redis_url = testing.own_redis(SERVICES.redis_url)
    settings.CACHES["default"]["LOCATION"] = redis_url
    settings.REDIS_URL = settings.CELERY_BROKER_URL = redis_url
    os.environ["REDIS_URL"] = redis_url


# --- the database of this run


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        template = template_database.template_ensure(
            SERVICES.database_url, _schema_version(), _make_world
        )
        name = template_database.copy_create(SERVICES.database_url, template)
        _use_database(name)
    request.config.stash[TEMPLATE] = template
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        template_database.copy_drop(SERVICES.database_url, name)


def _schema_version() -> str:
    """Changes with whatever the world is made from; daily, because trials end."""
    packages = ("marketing_platform", "enterprise", "local", "billing")
    patterns = (
        *("**/migrations/*.py", "tenants/*.py", "settings/*.py"),
        *("**/services.py", "**/services/*.py"),
    )
    files = [
        path for package in packages for glob in patterns for path in (ROOT / package).glob(glob)
    ]
    tiers = ",".join(settings.TIERS)
    return template_database.version_of(
        [*files, Path(__file__)], tiers, datetime.now(UTC).date().isoformat()
    )


def _use_database(name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    # For the processes that a test starts.
    os.environ["DATABASE_URL"] = template_database.database_url(SERVICES.database_url, name)


def _make_world(database: str) -> None:
    from marketing_platform.schedule.models import DueWork
    from marketing_platform.users.models import User

    _use_database(database)
    call_command("migrate_platform", verbosity=0)
    asha = User.objects.create_user(phone="+919800000001", full_name="Asha Kulkarni")
    vikram = User.objects.create_user(
        email="vikram@veda.example", password="a-long-password-1", full_name="Vikram Rao"
    )
    User.objects.create_user(
        email="meera@example.in", password="a-long-password-2", full_name="Meera Iyer"
    )
    for tier, owner, details in (("local", asha, LOCAL_SHOP), ("enterprise", vikram, COMPANY)):
        if tier in settings.TIERS:
            _make_workspace(tier, owner, details)
    # A test that looks at due work sees its own.
    DueWork.objects.all().delete()
    connections.close_all()


def _make_workspace(tier: str, owner: Any, details: dict[str, Any]) -> None:
    """As sign-up does it, with a trial, and provisioned."""
    from billing.services import trial_start
    from marketing_platform.core import clock
    from marketing_platform.tenants.services import tenant_reserve, workspace_provision
    from marketing_platform.tiers.contracts import resolve
    from marketing_platform.tiers.registry import REGISTRY
    from marketing_platform.users.permissions import Role
    from marketing_platform.users.services import membership_add

    now = clock.now()
    profile = resolve(REGISTRY[tier].profile)()
    form = resolve(REGISTRY[tier].signup_form)(data=details, language="en")
    assert form.is_valid(), form.errors
    tenant = tenant_reserve(
        tier=tier, name=details["name"], language="en", actor_id=owner.pk, now=now
    )
    profile.create(tenant=tenant, cleaned=form.cleaned_data)
    membership_add(tenant=tenant, user=owner, role=Role.OWNER, now=now)
    trial_start(tenant=tenant, now=now)
    tenant.refresh_from_db()
    workspace_provision(tenant, now=now)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After the fixtures are gone: back to the public side, and what was committed is undone."""
    yield
    if _uses_database(item) and _commits(item):
        connections.close_all()
        template_database.copy_create(SERVICES.database_url, item.config.stash[TEMPLATE])


def _uses_database(item: pytest.Item) -> bool:
    names = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(names) or item.get_closest_marker("django_db") is not None


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & set(item.fixturenames)
    return bool(names) or (marker is not None and marker.kwargs.get("transaction", False))


@pytest.fixture(autouse=True)
def _own_media_and_empty_cache(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Files, cache entries and the language of one test are not seen by the next."""
    translation.activate(settings.LANGUAGE_CODE)
    if not _uses_database(request.node):
        yield
        return
    cache.clear()
    hosts.clear()
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("media")
    yield
    settings.MEDIA_ROOT = before
    connection.set_schema_to_public()


# --- the cast


@pytest.fixture
def asha(db: None) -> Any:
    """The owner of the Local shop Asha Sweets in Pune."""
    return _person(phone="+919800000001")


@pytest.fixture
def vikram(db: None) -> Any:
    """The owner of the Enterprise company Veda Appliances."""
    return _person(email="vikram@veda.example")


@pytest.fixture
def meera(db: None) -> Any:
    """Somebody with an account and no workspace: refused everywhere."""
    return _person(email="meera@example.in")


@pytest.fixture
def local_tenant(db: None) -> Any:
    return _workspace("local")


@pytest.fixture
def enterprise_tenant(db: None) -> Any:
    return _workspace("enterprise")


@pytest.fixture
def in_local_workspace(local_tenant: Any) -> Iterator[Any]:
    """The test acts inside asha's workspace."""
    yield from _inside(local_tenant)


@pytest.fixture
def in_enterprise_workspace(enterprise_tenant: Any) -> Iterator[Any]:
    """The test acts inside vikram's workspace."""
    yield from _inside(enterprise_tenant)


@pytest.fixture
def session_for(db: None) -> Callable[..., Client]:
    """session_for(user, tenant=None): a client signed in on the workspace's or the public host."""
    return _signed_in


@pytest.fixture
def workspace_client(db: None) -> Callable[..., Client]:
    """workspace_client(tenant, user=None): a client of the workspace's host, signed in or not."""

    def make(tenant: Any, user: Any = None) -> Client:
        if user is not None:
            return _signed_in(user, tenant)
        return Client(HTTP_HOST=f"{tenant.slug}.{settings.BASE_HOST}")

    return make


def _person(**wanted: str) -> Any:
    from marketing_platform.users.models import User

    return User.objects.get(**wanted)


def _workspace(tier: str) -> Any:
    from marketing_platform.tenants.models import Tenant

    return Tenant.objects.get(tier=tier)


def _inside(tenant: Any) -> Iterator[Any]:
    from marketing_platform.tenants.context import tenant_context

    with tenant_context(tenant):
        yield tenant


def _signed_in(user: Any, tenant: Any = None) -> Client:
    """A session as session_start makes it, without the pages that lead there."""
    from django.contrib.sessions.backends.db import SessionStore

    from marketing_platform.users.sessions import session_start

    host = f"{tenant.slug}.{settings.BASE_HOST}" if tenant else settings.BASE_HOST
    request = RequestFactory(HTTP_HOST=host).get("/")
    request.session = SessionStore()
    request.tenant, request.host_kind = tenant, "workspace" if tenant else "public"
    session_start(request, user)
    request.session.save()
    client = Client(HTTP_HOST=host)
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client
