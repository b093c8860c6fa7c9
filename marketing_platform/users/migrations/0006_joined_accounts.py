from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0005_second_factor")]

    operations = [
        migrations.RemoveConstraint(
            model_name="user",
            name="a_person_has_a_number_or_an_email",
        ),
        migrations.AddField(
            model_name="user",
            name="joined_into_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="verificationcode",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("sign_in", "Sign in"),
                    ("sign_up", "Sign up"),
                    ("contact", "New number or e-mail"),
                ],
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("phone__isnull", False),
                    ("email__isnull", False),
                    models.Q(("is_active", False), ("joined_into_id__isnull", False)),
                    _connector="OR",
                ),
                name="a_person_has_a_number_or_an_email",
            ),
        ),
    ]
