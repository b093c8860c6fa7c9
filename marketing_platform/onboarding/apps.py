from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "marketing_platform.onboarding"
    label = "platform_onboarding"
