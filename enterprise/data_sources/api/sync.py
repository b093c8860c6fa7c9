"""The API of connected CRMs: their freshness, a sync on demand, the log."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.data_sources.connectors import READERS
from enterprise.data_sources.errors import PlaceUnknown
from enterprise.data_sources.models import SyncRun
from enterprise.data_sources.selectors.sync import CrmState, crms, sync_runs
from enterprise.data_sources.services.sync import sync_start
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

PAGE = 50
LONGEST_ID = 15
PROVIDER = OpenApiParameter("provider", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(READERS))


class CrmShape(serializers.Serializer):
    provider = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["connected", "needs_sign_in", "paused", "not_connected"]
    )
    source = serializers.CharField(allow_null=True, help_text="Its name in Data.")
    fresh_at = serializers.DateTimeField(
        allow_null=True, help_text="When a sync last reached the end."
    )
    goes_on_at = serializers.DateTimeField(allow_null=True, help_text="It asked us to wait.")
    job = serializers.UUIDField(allow_null=True, help_text="The sync that waits or runs.")
    contacts = serializers.IntegerField()
    deals = serializers.IntegerField()
    leads = serializers.IntegerField()

    class Meta:
        ref_name = "EnterpriseCrm"


class CrmsOutput(serializers.Serializer):
    crms = CrmShape(many=True)

    class Meta:
        ref_name = "EnterpriseCrms"


class SyncInput(serializers.Serializer):
    full = serializers.BooleanField(
        required=False, default=False, help_text="Read everything again, not only what changed."
    )

    class Meta:
        ref_name = "EnterpriseSyncInput"


class SyncStarted(serializers.Serializer):
    job = serializers.UUIDField(help_text="Ask /api/jobs/<job> how far it is.")
    state = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseSyncStarted"


class RunShape(serializers.ModelSerializer):
    source = serializers.CharField(source="source.name")
    provider = serializers.CharField(source="source.kind")
    error = serializers.SerializerMethodField()

    class Meta:
        ref_name = "EnterpriseSyncRun"
        model = SyncRun
        fields = (
            *("id", "provider", "source", "state", "is_full", "started_at", "ended_at"),
            *("goes_on_at", "pages", "rows_new", "rows_changed", "rows_unchanged"),
            *("rows_unreadable", "amounts_left_out", "error_code", "error"),
        )

    def get_error(self, run: SyncRun) -> str:
        text = gettext(run.error) if run.error else ""
        return text % run.error_params if text and run.error_params else text


class RunsOutput(serializers.Serializer):
    syncs = RunShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="`before` of the next page.")

    class Meta:
        ref_name = "EnterpriseSyncRuns"


class CrmsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"
    Output = CrmsOutput

    @extend_schema(
        operation_id="enterprise_crm",
        summary="Connected CRMs and how fresh they are",
        description='```\ncurl "$WORKSPACE_URL/api/enterprise/crm" '
        '-H "Authorization: Bearer $API_KEY"\n```',
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One CRM",
                value={
                    "crms": [
                        {
                            "provider": "salesforce",
                            "state": "connected",
                            "source": "Salesforce veda.my.salesforce.com",
                            "fresh_at": "2026-11-22T08:41:07Z",
                            "goes_on_at": None,
                            "job": None,
                            "contacts": 4120,
                            "deals": 812,
                            "leads": 0,
                        }
                    ]
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        return Response(self.Output({"crms": [_crm(state) for state in crms()]}).data)


class SyncStartView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "enterprise"
    Input, Output = SyncInput, SyncStarted

    @extend_schema(
        operation_id="enterprise_crm_sync",
        summary="Sync a CRM now",
        description="While one of this CRM waits or runs, its job is answered. 404 `crm_unknown`; "
        '409 `crm_not_connected`.\n\n```\ncurl -X POST "$WORKSPACE_URL/api/enterprise/crm/hubspot'
        '/sync" \\\n  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" '
        "\\\n  -d '{}'\n```",
        parameters=[PROVIDER],
        request=Input,
        responses={202: Output},
        examples=[
            OpenApiExample("Only what changed", value={"full": False}, request_only=True),
            OpenApiExample(
                "Ordered",
                value={"job": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10", "state": "queued"},
                response_only=True,
                status_codes=["202"],
            ),
        ],
    )
    def post(self, request: Request, provider: str) -> Response:
        sent = self.parse(self.Input, request)
        plain = request._request
        job = sync_start(
            provider=provider,
            is_full=sent["full"],
            actor_id=plain.user.pk if plain.user.is_authenticated else None,
            now=clock.now(),
        )
        return Response(self.Output({"job": job.pk, "state": job.state}).data, status=202)


class SyncRunsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"
    Output = RunsOutput

    @extend_schema(
        operation_id="enterprise_crm_syncs",
        summary="What the syncs did",
        description="Newest first, kept for 90 days.\n\n```\n"
        'curl "$WORKSPACE_URL/api/enterprise/crm/syncs?provider=hubspot" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        parameters=[
            OpenApiParameter("provider", OpenApiTypes.STR, enum=list(READERS)),
            OpenApiParameter("before", OpenApiTypes.INT, description="`next` of the page before."),
        ],
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One sync",
                value={
                    "syncs": [
                        {
                            "id": 31,
                            "provider": "hubspot",
                            "source": "HubSpot 4400123",
                            "state": "done",
                            "is_full": False,
                            "started_at": "2026-11-22T08:40:58Z",
                            "ended_at": "2026-11-22T08:41:07Z",
                            "goes_on_at": None,
                            "pages": 4,
                            "rows_new": 12,
                            "rows_changed": 31,
                            "rows_unchanged": 6,
                            "rows_unreadable": 0,
                            "amounts_left_out": 0,
                            "error_code": "",
                            "error": "",
                        }
                    ],
                    "next": None,
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        runs = sync_runs(request.query_params.get("provider", ""))
        before = request.query_params.get("before")
        if before is not None:
            if not (before.isascii() and before.isdigit() and len(before) <= LONGEST_ID):
                raise PlaceUnknown(field="before")
            runs = runs.filter(pk__lt=int(before))
        page = list(runs[: PAGE + 1])
        following = page[PAGE - 1].pk if len(page) > PAGE else None
        return Response(self.Output({"syncs": page[:PAGE], "next": following}).data)


def _crm(state: CrmState) -> dict[str, Any]:
    return {
        "provider": state.provider,
        "state": state.connection.state if state.connection else "not_connected",
        "source": state.source.name if state.source else None,
        "fresh_at": state.fresh_at,
        "goes_on_at": state.run.goes_on_at if state.run else None,
        "job": state.job.pk if state.job else None,
        "contacts": state.contacts,
        "deals": state.deals,
        "leads": state.leads,
    }
