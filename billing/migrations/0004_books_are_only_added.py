"""The database itself refuses to rewrite the books, and an entry that does not balance."""

from django.db import migrations

ONLY_ADDED = (
    "billing_planversion",
    "billing_customprice",
    "billing_taxdocument",
    "billing_settlement",
    "billing_journalentry",
    "billing_journalline",
    "billing_periodlock",
)
FUNCTIONS = """
CREATE FUNCTION billing_rows_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION billing_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry bigint := CASE TG_TABLE_NAME WHEN 'billing_journalentry' THEN NEW.id ELSE NULL END;
    total numeric; lines bigint; strangers bigint; written bigint; here bigint; age bigint;
BEGIN
    IF entry IS NULL THEN
        entry := NEW.entry_id;
        -- Visible and still in progress is only what this very transaction wrote. A row's xmin has
        -- the lower 32 bits of its (sub)transaction's number; the rest is as of the present one.
        SELECT head.xmin::text::bigint INTO written FROM billing_journalentry head
         WHERE head.id = entry;
        here := pg_current_xact_id()::text::bigint;
        age := ((here - written) % 4294967296 + 4294967296) % 4294967296;
        IF age > 2147483647 THEN age := age - 4294967296; END IF;
        IF here - age < 3 OR pg_xact_status((here - age)::text::xid8) IS DISTINCT FROM 'in progress'
        THEN
            RAISE EXCEPTION 'journal entry % is closed', entry USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    SELECT coalesce(sum(line.amount_paise), 0), count(line.id),
           count(line.id) FILTER (WHERE line.tenant_id IS DISTINCT FROM head.tenant_id)
      INTO total, lines, strangers
      FROM billing_journalentry head LEFT JOIN billing_journalline line ON line.entry_id = head.id
     WHERE head.id = entry;
    IF total <> 0 OR lines < 2 OR strangers > 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance', entry USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
BALANCE = """
CREATE CONSTRAINT TRIGGER an_entry_balances AFTER INSERT ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_entry_balances();
"""
GUARD = """
CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION billing_rows_are_only_added();
"""
BALANCED = ("billing_journalentry", "billing_journalline")


def forwards() -> str:
    guards = [GUARD.format(table=table) for table in ONLY_ADDED]
    balances = [BALANCE.format(table=table) for table in BALANCED]
    return "".join((FUNCTIONS, *guards, *balances))


def backwards() -> str:
    drops = [f"DROP TRIGGER rows_are_only_added ON {table};" for table in ONLY_ADDED]
    drops += [f"DROP TRIGGER an_entry_balances ON {table};" for table in BALANCED]
    functions = ("billing_rows_are_only_added", "billing_entry_balances")
    return "".join((*drops, *(f"DROP FUNCTION {name}();" for name in functions)))


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_the_books")]
    small_table = "new tables, and prices of which there is one a year"

    operations = [migrations.RunSQL(forwards(), backwards())]
