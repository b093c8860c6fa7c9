from django.apps import AppConfig


class MarketIntelligenceConfig(AppConfig):
    name = "enterprise.market_intelligence"
    label = "enterprise_market_intelligence"
    default_auto_field = "django.db.models.BigAutoField"
