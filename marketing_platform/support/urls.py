from django.urls import path

from marketing_platform.support import views

urlpatterns = [path("help/", views.help_page, name="help")]
public_urlpatterns = [*urlpatterns, path("talk/", views.talk, name="talk")]
