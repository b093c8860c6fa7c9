from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.selectors import job_of
from marketing_platform.jobs.services import job_cancel
from marketing_platform.jobs.views import said
from marketing_platform.users.permissions import Permission


class JobOutput(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=["queued", "running", "done", "failed", "cancelled"])
    progress = serializers.FloatField(help_text="From 0 to 1.")
    message = serializers.CharField(allow_blank=True)
    result = serializers.JSONField(allow_null=True)
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Job"

    def to_representation(self, instance: Job) -> dict:
        shown = super().to_representation(instance)
        shown["message"] = said(instance.message, instance.message_params)
        shown["error"] = said(instance.error, instance.error_params)
        return shown


EXAMPLE = OpenApiExample(
    "A job that runs",
    value={
        "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
        "kind": "enterprise.fit",
        "state": "running",
        "progress": 0.4,
        "message": "Fitting channel 3 of 8",
        "result": None,
        "error_code": "",
        "error": "",
        "created_at": "2026-11-22T09:30:00Z",
        "ended_at": None,
    },
    response_only=True,
)


class JobView(WorkspaceAPIView):
    permission = Permission.READ

    @extend_schema(
        operation_id="job",
        summary="How far a job is",
        description="Ask once a second while `state` is `queued` or `running`.\n\n```\n"
        'curl "$WORKSPACE_URL/api/jobs/$JOB" -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: JobOutput},
        examples=[EXAMPLE],
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(JobOutput(job_of(job_id)).data)


class JobCancelView(WorkspaceAPIView):
    permission = Permission.WORK

    @extend_schema(
        operation_id="job_cancel",
        summary="Cancel a job",
        description="A job that runs stops at its next step. 409 `job_is_over` for one that is "
        'over.\n\n```\ncurl -X POST "$WORKSPACE_URL/api/jobs/$JOB/cancel" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        request=None,
        responses={200: JobOutput},
        examples=[EXAMPLE],
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        return Response(JobOutput(job_cancel(job_id=job_id, now=clock.now())).data)
