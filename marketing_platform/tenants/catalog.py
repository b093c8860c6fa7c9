"""What a schema is made of, as readable lines and as one fingerprint.

The schema's own name is left out, so that two workspaces of one version compare equal. Relations
are found through pg_depend, which has an index for it: the cost does not grow with the number of
schemas, as a search of pg_class would.
"""

from collections.abc import Mapping
from typing import Any, Protocol

# kind, object, what it is. Sorted by bytes, so that no collation of a server changes it.
_LINES = """
WITH space AS (SELECT oid FROM pg_namespace WHERE nspname = %(schema)s),
member AS (
  SELECT d.classid, d.objid FROM pg_depend d, space
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = space.oid AND d.objsubid = 0
),
relation AS (
  SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity,
         c.relforcerowsecurity, c.relreplident
  FROM member JOIN pg_class c ON c.oid = member.objid
  WHERE member.classid = 'pg_class'::regclass
),
line (kind, name, content) AS (
  SELECT 'relation', relname::text,
         concat_ws(' ', relkind, relpersistence, relreplident, reloptions::text,
                   CASE WHEN relrowsecurity THEN 'row security' END,
                   CASE WHEN relforcerowsecurity THEN 'forced' END)
  FROM relation
UNION ALL
  SELECT 'column', relname || '.' || attname,
         concat_ws(' ', 'at ' || row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum),
                   format_type(atttypid, atttypmod),
                   CASE WHEN t.typnamespace NOT IN ('pg_catalog'::regnamespace, space.oid)
                        THEN 'type of ' || t.typnamespace::regnamespace END,
                   CASE WHEN attnotnull THEN 'not null' END,
                   CASE WHEN attidentity <> '' THEN 'identity ' || attidentity::text END,
                   CASE WHEN attgenerated <> '' THEN 'generated ' || attgenerated::text END,
                   CASE WHEN attcollation <> t.typcollation
                        THEN 'collate ' || attcollation::regcollation END,
                   'default ' || pg_get_expr(e.adbin, e.adrelid))
  FROM relation r JOIN space ON true
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
  WHERE r.relkind <> 'S'
UNION ALL
  SELECT 'constraint', r.relname || '.' || conname,
         concat_ws(' ', pg_get_constraintdef(k.oid),
                   CASE WHEN f.relnamespace <> space.oid
                        THEN 'into ' || f.relnamespace::regnamespace END,
                   CASE WHEN NOT k.convalidated THEN 'not validated' END)
  FROM relation r JOIN space ON true JOIN pg_constraint k ON k.conrelid = r.oid
    AND (k.contype <> 'n' OR NOT k.convalidated)
  LEFT JOIN pg_class f ON f.oid = k.confrelid
UNION ALL
  SELECT 'index', c.relname::text,
         concat_ws(' ', pg_get_indexdef(i.indexrelid),
                   CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'not valid' END,
                   CASE WHEN i.indisreplident THEN 'replica identity' END,
                   CASE WHEN i.indisclustered THEN 'clustered' END)
  FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
UNION ALL
  SELECT 'sequence', r.relname::text,
         concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin,
                   s.seqmax, s.seqcache, s.seqcycle,
                   'of ' || owner.relname || '.' || a.attname || ' (' || d.deptype::text || ')')
  FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_class owner ON owner.oid = d.refobjid
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
UNION ALL
  SELECT 'trigger', r.relname || '.' || t.tgname,
         concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled,
                   CASE WHEN p.pronamespace <> space.oid
                        THEN 'function of ' || p.pronamespace::regnamespace END)
  FROM relation r JOIN space ON true JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  JOIN pg_proc p ON p.oid = t.tgfoid
UNION ALL
  SELECT 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
         concat_ws(' ', pg_get_function_result(p.oid), l.lanname, p.provolatile, p.prosecdef,
                   p.proisstrict, p.proconfig::text, p.prosrc)
  FROM member JOIN pg_proc p ON p.oid = member.objid JOIN pg_language l ON l.oid = p.prolang
  WHERE member.classid = 'pg_proc'::regclass
UNION ALL
  SELECT 'view', relname::text, pg_get_viewdef(oid) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
  SELECT 'type', t.typname::text,
         concat_ws(' ', t.typtype, format_type(NULLIF(t.typbasetype, 0), t.typtypmod),
                   (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                    FROM pg_enum WHERE enumtypid = t.oid))
  FROM member JOIN pg_type t ON t.oid = member.objid
  WHERE member.classid = 'pg_type'::regclass AND t.typtype IN ('e', 'd', 'r')
),
plain AS (
  SELECT kind, name, replace(replace(content, %(schema)s || '.', ''), 'public.', '') AS content
  FROM line
)
"""

_FINGERPRINT = (
    _LINES
    + """
SELECT encode(sha256(convert_to(coalesce(string_agg(
  concat_ws(' ', kind, name, content), E'\\n' ORDER BY kind, name COLLATE "C", content COLLATE "C"
), ''), 'UTF8')), 'hex') FROM plain"""
)
_OBJECTS = "\n".join([_LINES, "SELECT kind || ' ' || name, content FROM plain"])


class Cursor(Protocol):
    """Django's or psycopg's."""

    def execute(self, query: str, params: Mapping[str, object], /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


def schema_fingerprint(cursor: Cursor, schema_name: str) -> str:
    """sha256 (hex) of tables, columns in their order, constraints, indexes, sequences, triggers,
    functions, views and types. Rows are not part of it. One statement.
    """
    cursor.execute(_FINGERPRINT, {"schema": schema_name})
    return str(cursor.fetchone()[0])


def schema_objects(cursor: Cursor, schema_name: str) -> dict[str, str]:
    """The same as lines: 'column local_post.title' -> 'at 2 character varying(80) not null'.

    Empty when the schema does not exist or is empty.
    """
    cursor.execute(_OBJECTS, {"schema": schema_name})
    return dict(sorted(cursor.fetchall()))


def objects_differ(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """One line for each object that is missing, unexpected or different; empty when equal."""
    lines = [f"missing: {name}" for name in sorted(expected.keys() - found.keys())]
    lines += [f"unexpected: {name}" for name in sorted(found.keys() - expected.keys())]
    lines += [
        f"different: {name} is {found[name]!r}, expected {expected[name]!r}"
        for name in sorted(expected.keys() & found.keys())
        if expected[name] != found[name]
    ]
    return lines
