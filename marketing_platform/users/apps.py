from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "marketing_platform.users"
    label = "users"
    default_auto_field = "django.db.models.BigAutoField"
