"""Taking everything along over the API: POST packs, the job tells when, GET hands it out."""

from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.errors import PermissionMissing
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.operations.export_pages import file_answer
from marketing_platform.operations.taking_along import (
    NothingPacked,
    packed_now,
    packed_take,
    packing_start,
)
from marketing_platform.users.models import Membership
from marketing_platform.users.permissions import Permission, allowed
from marketing_platform.users.selectors import membership_by_user_id

CURL = '\n\n```\ncurl {0} -H "Authorization: Bearer $API_KEY"\n```'


def owner_of(request: Request) -> Membership:
    """A key may do it while whoever made it is an owner. Raises PermissionMissing."""
    plain = request._request
    if plain.api_key is None:
        return plain.membership
    place = membership_by_user_id(plain.api_key.created_by_id, plain.tenant)
    if place is None or not allowed(place.role, Permission.CLOSE):
        raise PermissionMissing
    return place


class PackedOutput(serializers.Serializer):
    job_id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="Until then it can be taken.")
    bytes = serializers.IntegerField()
    tables = serializers.IntegerField()
    rows = serializers.IntegerField()
    files = serializers.IntegerField()

    class Meta:
        ref_name = "PackedWorkspace"


class PackingOutput(serializers.Serializer):
    job_id = serializers.UUIDField(help_text="Ask /api/jobs/<job_id> until its state is done.")

    class Meta:
        ref_name = "WorkspacePacking"


PACKED = {
    "job_id": "4f7f1f0e-7f5a-4a57-9c0e-5b1a5b0c8e11",
    "made_at": "2026-11-20T06:30:00Z",
    "until": "2026-11-27T06:30:00Z",
    "bytes": 1048576,
    "tables": 61,
    "rows": 4210,
    "files": 38,
}


class ExportView(WorkspaceAPIView):
    permission = Permission.CLOSE

    @extend_schema(
        summary="The packed file of this workspace",
        description="What can be taken now; 404 when nothing is packed." + CURL.format("…/export"),
        responses=PackedOutput,
        examples=[OpenApiExample("Packed", PACKED, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        owner_of(request)
        packed = packed_now(request._request.tenant, now=clock.now())
        if packed is None:
            raise NothingPacked
        return Response(PackedOutput(packed).data)

    @extend_schema(
        summary="Pack everything of this workspace into one file",
        description="Starts a job, or answers the one that runs. Owners are told."
        + CURL.format("-X POST …/export"),
        request=None,
        responses={202: PackingOutput},
    )
    def post(self, request: Request) -> Response:
        owner = owner_of(request)
        job = packing_start(actor_id=owner.user_id, by=str(owner.user), now=clock.now())
        return Response({"job_id": str(job.pk)}, status=202)


class ExportFileView(WorkspaceAPIView):
    permission = Permission.CLOSE

    @extend_schema(
        summary="Take the packed file",
        description="A zip of CSV tables and files." + CURL.format("…/export/<job_id>/file"),
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, job_id: UUID) -> FileResponse:
        tenant, owner = request._request.tenant, owner_of(request)
        packed = packed_take(tenant, job_id=job_id, actor_id=owner.user_id, now=clock.now())
        return file_answer(tenant, packed)
