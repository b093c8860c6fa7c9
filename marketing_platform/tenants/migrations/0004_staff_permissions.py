from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_visits"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="tenant",
            options={
                "permissions": [
                    ("visit_tenant", "Can look into a workspace, read only"),
                    ("send_sign_in_link", "Can send an owner a link to sign in"),
                    ("export_lists", "Can take lists out of the staff admin as files"),
                ]
            },
        ),
    ]
