"""Today and its tasks."""

from django.urls import path

from local.execution.api import TaskApproveView, TaskDismissView, TaskFinishView, TodayView
from local.execution.views import first_hour, today

urlpatterns = [
    path("", today.today, name="home"),
    path("first/", first_hour.begin, name="local-first"),
    path("first/put-away/", first_hour.put_away, name="local-first-put-away"),
    path("first/<slug:step>/", first_hour.step_page, name="local-first-step"),
    path("tasks/minutes/", today.minutes_save, name="local-task-minutes"),
    path("tasks/<uuid:action_id>/approve/", today.approve, name="local-task-approve"),
    path("tasks/<uuid:action_id>/not-today/", today.not_today, name="local-task-not-today"),
    path("tasks/<uuid:action_id>/back/", today.back, name="local-task-back"),
    path("tasks/<uuid:action_id>/start/", today.start, name="local-task-start"),
    path("tasks/<uuid:action_id>/finish/", today.finish, name="local-task-finish"),
]
api_urlpatterns = [
    path("today", TodayView.as_view(), name="api-local-today"),
    path("tasks/<uuid:action_id>/approve", TaskApproveView.as_view(), name="api-local-approve"),
    path("tasks/<uuid:action_id>/dismiss", TaskDismissView.as_view(), name="api-local-dismiss"),
    path("tasks/<uuid:action_id>/finish", TaskFinishView.as_view(), name="api-local-finish"),
]
