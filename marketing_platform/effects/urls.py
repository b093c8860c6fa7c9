"""What leaves the workspace: its pages and its API, in both tiers."""

from django.urls import path

from marketing_platform.effects import views
from marketing_platform.effects.api import EffectAnswerView, EffectsView, EffectView

urlpatterns = [
    path("effects/", views.effects, name="effects"),
    path("effects/stop/", views.stop, name="effects-stop"),
    path(
        "effects/channels/<uuid:connection_id>/try-again/",
        views.try_again,
        name="effects-channel-try-again",
    ),
    path("effects/<uuid:effect_id>/", views.effect, name="effect"),
    path("effects/<uuid:effect_id>/answer/", views.answer, name="effect-answer"),
    path("effects/<uuid:effect_id>/cancel/", views.cancel, name="effect-cancel"),
]
api_urlpatterns = [
    path("effects", EffectsView.as_view(), name="api-effects"),
    path("effects/<uuid:effect_id>", EffectView.as_view(), name="api-effect"),
    path("effects/<uuid:effect_id>/answer", EffectAnswerView.as_view(), name="api-effect-answer"),
]
