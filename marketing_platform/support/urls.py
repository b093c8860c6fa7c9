from django.urls import path

from marketing_platform.support import views

ANSWER = path("help/<slug:slug>/useful/", views.help_useful, name="help-useful")
urlpatterns = [
    path("help/", views.help_page, name="help"),
    path("help/<slug:slug>/", views.help_topic, name="help-topic"),
    ANSWER,
]
# The public site has the help pages at an address of each language (urls.public).
public_urlpatterns = [ANSWER, path("talk/", views.talk, name="talk")]
