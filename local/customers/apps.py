from django.apps import AppConfig


class LocalCustomersConfig(AppConfig):
    name = "local.customers"
    label = "local_customers"
    default_auto_field = "django.db.models.BigAutoField"
