"""Long work of a workspace: its page and its API, in both tiers."""

from django.urls import path

from marketing_platform.jobs import views
from marketing_platform.jobs.api import JobCancelView, JobView

urlpatterns = [
    path("jobs/<uuid:job_id>/", views.job_page, name="job"),
    path("jobs/<uuid:job_id>/status/", views.job_status, name="job-status"),
    path("jobs/<uuid:job_id>/cancel/", views.job_stop, name="job-cancel"),
]
api_urlpatterns = [
    path("jobs/<uuid:job_id>", JobView.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancel", JobCancelView.as_view(), name="api-job-cancel"),
]
