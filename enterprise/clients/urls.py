"""Pages of the company's details."""

from django.urls import path

from enterprise.clients import views

urlpatterns = [
    path("settings/company/", views.profile, name="enterprise-profile"),
    path("settings/company/save/", views.profile_save, name="enterprise-profile-save"),
]
