from django.apps import AppConfig


class EnterpriseCampaignGeneratorConfig(AppConfig):
    name = "enterprise.campaign_generator"
    label = "enterprise_campaign_generator"
    default_auto_field = "django.db.models.BigAutoField"
