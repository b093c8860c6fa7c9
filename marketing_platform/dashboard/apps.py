from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "marketing_platform.dashboard"
    label = "platform_dashboard"
