from django.urls import path

from local.business import views

urlpatterns = [
    path("settings/business/", views.profile, name="local-business"),
    path("settings/business/save/", views.profile_save, name="local-business-save"),
]
