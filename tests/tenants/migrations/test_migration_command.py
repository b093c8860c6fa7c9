"""migrate_platform: public, snapshots, then every workspace that is behind."""

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from marketing_platform.tenants.migration_executor import Outcome
from marketing_platform.tenants.migration_progress import ProgressLines
from marketing_platform.tenants.migrations_runner import workspaces_behind
from marketing_platform.tenants.models import SchemaSnapshot

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "local_occasions_note"
ADD_FIELD = 'migrations.AddField("note", "rank", models.IntegerField(default=7, db_default=7))'
Ask = Callable[..., list[tuple]]


def migrate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("migrate_platform", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_it_tells_what_it_did(release) -> None:
    release.workspaces(3)
    release.add(ADD_FIELD)

    said = migrate()

    assert "[1/3] shop-001 (local) operations" in said
    assert "the first of its tier" in said
    assert "3 workspaces are up to date (1 by operations, 2 by replay), in " in said
    assert workspaces_behind() == []


def test_it_says_nothing_when_there_is_nothing_to_do(release) -> None:
    release.workspaces(2)

    assert migrate() == ""


def test_it_names_the_failed_and_goes_on(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    ask(shops[1], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    release.add(ADD_FIELD)

    with pytest.raises(CommandError, match=r"shop-002: .*already exists"):
        migrate()

    assert [tenant.slug for tenant in workspaces_behind()] == ["shop-002"]


def test_a_failed_first_one_keeps_the_others_as_they_are(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    ask(shops[0], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    release.add(ADD_FIELD)

    with pytest.raises(CommandError, match="2 other local workspaces were left as they are"):
        migrate()
    assert len(workspaces_behind()) == 3


def test_the_first_one_is_compared_with_what_a_new_workspace_is_made_from(
    release, ask: Ask
) -> None:
    shops = release.workspaces(2)
    ask(shops[0], f"CREATE INDEX by_hand ON {TABLE} (text)")
    release.add(ADD_FIELD)

    with pytest.raises(CommandError, match="unexpected: index by_hand"):
        migrate()
    assert SchemaSnapshot.objects.filter(tier="local").exists()

    # Another may go first, and then the altered one fails alone.
    with pytest.raises(CommandError, match="shop-001: ") as raised:
        migrate("--canary", "shop-002")
    assert "were left as they are" not in str(raised.value)
    assert [tenant.slug for tenant in workspaces_behind()] == ["shop-001"]


def test_many_are_told_of_once_a_second_and_every_failure_at_once() -> None:
    lines: list[str] = []
    tell = ProgressLines(lines.append, 4, is_terse=True)

    for slug, error in (("a", ""), ("b", ""), ("c", "torn"), ("d", "")):
        tell(Outcome(slug, "local", "replay", 0.01, error))

    assert lines == ["[1/4] a (local) replay 10 ms", "[3/4] c (local) FAILED: torn"]
