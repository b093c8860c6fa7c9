from django.apps import AppConfig


class EnterpriseOptimizationEngineConfig(AppConfig):
    name = "enterprise.optimization_engine"
    label = "enterprise_optimization_engine"
    default_auto_field = "django.db.models.BigAutoField"
