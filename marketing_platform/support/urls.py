from django.urls import path

from marketing_platform.support import views

urlpatterns = [
    path("help/", views.help_page, name="help"),
    path("help/<slug:slug>/", views.help_topic, name="help-topic"),
]
public_urlpatterns = [*urlpatterns, path("talk/", views.talk, name="talk")]
