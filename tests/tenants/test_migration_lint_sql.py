"""What RunSQL may and may not do: each rule refuses one text and lets its better sister pass."""

import pytest

from marketing_platform.tenants.migration_lint_sql import sql_findings

TABLE = "ALTER TABLE notes_note"


def rules(text: str, *, has_reason: bool = False, is_small: bool = False) -> list[str]:
    return [
        rule for rule, _sentence in sql_findings(text, has_reason=has_reason, is_small=is_small)
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{TABLE} ALTER COLUMN n TYPE bigint", "alter"),
        (f"{TABLE} DROP n", "contract"),
        (f"{TABLE} DROP CONSTRAINT c, DROP COLUMN IF EXISTS n", "contract"),
        (f"{TABLE} RENAME n TO m", "contract"),
        (f"{TABLE} RENAME TO memo", "contract"),
        (f'{TABLE} ALTER COLUMN "n" SET NOT NULL', "contract"),
        (f"{TABLE} ADD CONSTRAINT c CHECK (n > 0)", "alter"),
        (f"{TABLE} ADD CONSTRAINT c UNIQUE (n)", "alter"),
        (f"{TABLE} ADD UNIQUE (n)", "alter"),
        (f"{TABLE} ADD FOREIGN KEY (n) REFERENCES other (id)", "alter"),
        (f"{TABLE} ADD COLUMN z int NOT NULL", "alter"),
        (f"{TABLE} ADD COLUMN z uuid DEFAULT gen_random_uuid()", "alter"),
        (f"{TABLE} ADD COLUMN y int, ADD COLUMN z bigserial", "alter"),
        (f"{TABLE} ADD COLUMN z int REFERENCES other (id)", "alter"),
        ("alter table only notes_note -- NOT VALID\n add constraint c check (n > 0)", "alter"),
        ("TRUNCATE notes_note", "contract"),
        ("UPDATE notes_note SET n = 1; TRUNCATE TABLE notes_note", "contract"),
        ("CREATE INDEX CONCURRENTLY i ON notes_note (n)", "index"),
        ("REINDEX TABLE CONCURRENTLY notes_note", "index"),
        ("CREATE UNIQUE INDEX i ON notes_note (n)", "index"),
        ("CLUSTER notes_note USING i", "index"),
        ("DO $$ BEGIN LOCK TABLE notes_note; END $$", "index"),
        ("DO $$ BEGIN EXECUTE 'DROP TABLE notes_note'; END $$", "contract"),
        ("DELETE FROM public.tenants_domain", "schema"),
    ],
)
def test_it_is_refused(text: str, rule: str) -> None:
    assert rules(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        f"{TABLE} ADD COLUMN z int NULL",
        f"{TABLE} ADD z numeric(10, 2), ADD COLUMN IF NOT EXISTS y text",
        f"{TABLE} ADD CONSTRAINT c CHECK (n IN (1, 2)) NOT VALID",
        f"{TABLE} VALIDATE CONSTRAINT c",
        "UPDATE notes_note SET text = 'drop table; truncate it''s public.x'",
        "UPDATE notes_note SET text = E'it\\'s drop table'",
        'UPDATE notes_note SET cluster = 1, "lock" = 2, truncate = 3 -- drop table',
        "CREATE TRIGGER t BEFORE TRUNCATE ON notes_note EXECUTE FUNCTION refuse()",
    ],
)
def test_it_passes(text: str) -> None:
    assert rules(text) == []


def test_reasons_are_heard() -> None:
    assert rules(f"{TABLE} DROP n", has_reason=True) == []
    assert rules(f"{TABLE} ADD UNIQUE (n)", is_small=True) == []
    assert rules("CREATE INDEX i ON notes_note (n)", is_small=True) == []


def test_that_a_table_is_small_excuses_no_contraction() -> None:
    assert rules(f"{TABLE} DROP n", is_small=True) == ["contract"]
