"""The world of the isolation suite: a database of its own, made once for a run's worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from marketing_platform.operations import template_database
from tests.isolation import world as worlds

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def world_template(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, dict[str, str]]]:
    """The database that each module copies, and the keys in clear by slug."""
    above = request.config.pluginmanager.get_plugin(str(TESTS / "conftest.py"))
    url, template = above.SERVICES.database_url, request.config.stash[above.TEMPLATE]
    before, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        tests_database = connections["default"].settings_dict["NAME"]
        connections.close_all()
        name = template_database.copy_create(url, template, kind="world")
        above._use_database(name)
        keys = worlds.world_make(above._make_workspace)
        above._use_database(tests_database)
    settings.MEDIA_ROOT = before
    yield name, keys
    template_database.copy_drop(url, name)


@pytest.fixture(scope="module", autouse=True)
def _world_database(
    request: pytest.FixtureRequest,
    world_template: tuple[str, dict[str, str]],
    django_db_blocker: Any,
) -> Iterator[None]:
    """The tests of a module run in a copy; what one commits is undone as everywhere."""
    above = request.config.pluginmanager.get_plugin(str(TESTS / "conftest.py"))
    before = request.config.stash[above.TEMPLATE]
    with django_db_blocker.unblock():
        connections.close_all()
        request.config.stash[above.TEMPLATE] = world_template[0]
        template_database.copy_create(above.SERVICES.database_url, world_template[0])
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        request.config.stash[above.TEMPLATE] = before
        template_database.copy_create(above.SERVICES.database_url, before)


@pytest.fixture
def world(
    db: None, _own_media_and_empty_cache: None, world_template: tuple[str, dict[str, str]]
) -> worlds.World:
    """A and B; each has the same files, keys and columns, and its own canaries in them."""
    made = worlds.world_read(world_template[1])
    worlds.files_write(made)
    return made
