from django.urls import path

from local.guidance import views
from local.guidance.api import GuideFinishView, GuideStepsView, GuidesView, GuideView

urlpatterns = [
    path("guides/", views.guide_list, name="local-guides"),
    path("guides/card/review/", views.card, {"kind": "review"}, name="local-guide-card-review"),
    path(
        "guides/card/whatsapp/", views.card, {"kind": "whatsapp"}, name="local-guide-card-whatsapp"
    ),
    path("guides/<slug:slug>/", views.guide_page, name="local-guide"),
    path("guides/<slug:slug>/step/", views.guide_step, name="local-guide-step"),
    path("guides/<slug:slug>/finish/", views.guide_finish, name="local-guide-finish"),
    path("guides/<slug:slug>/stop/", views.guide_stop, name="local-guide-stop"),
]
api_urlpatterns = [
    path("guides", GuidesView.as_view(), name="api-local-guides"),
    path("guides/<slug:slug>", GuideView.as_view(), name="api-local-guide"),
    path("guides/<slug:slug>/steps", GuideStepsView.as_view(), name="api-local-guide-steps"),
    path("guides/<slug:slug>/finish", GuideFinishView.as_view(), name="api-local-guide-finish"),
]
