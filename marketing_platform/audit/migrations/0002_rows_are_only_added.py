"""The database itself refuses to change what was written."""

from django.db import migrations

# Without schema names: every workspace has its own function and trigger.
REFUSE = """
CREATE FUNCTION platform_audit_rows_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER rows_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON platform_audit_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION platform_audit_rows_are_only_added();
"""
ALLOW = """
DROP TRIGGER rows_are_only_added ON platform_audit_auditentry;
DROP FUNCTION platform_audit_rows_are_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("platform_audit", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
