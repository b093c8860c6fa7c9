"""The database itself refuses to change what somebody agreed to."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION legal_rows_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_acceptance
FOR EACH STATEMENT EXECUTE FUNCTION legal_rows_are_only_added();
"""
ALLOW = """
DROP TRIGGER rows_are_only_added ON legal_acceptance;
DROP FUNCTION legal_rows_are_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
