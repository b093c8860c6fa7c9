from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("users", "0006_joined_accounts")]

    operations = [
        ValidateConstraint(model_name="user", name="a_person_has_a_number_or_an_email"),
    ]
