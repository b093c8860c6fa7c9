from django.urls import path

from local.occasions import views

urlpatterns = [
    path("occasions/", views.occasion_list, name="local-occasions"),
    path("occasions/move/", views.move, name="local-occasion-move"),
    path("occasions/mute/", views.mute, name="local-occasion-mute"),
    path("occasions/add/", views.add, name="local-occasion-add"),
    path("occasions/restore/", views.restore, name="local-occasion-restore"),
]
