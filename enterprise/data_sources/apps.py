from django.apps import AppConfig


class DataSourcesConfig(AppConfig):
    name = "enterprise.data_sources"
    label = "enterprise_data_sources"
    default_auto_field = "django.db.models.BigAutoField"
