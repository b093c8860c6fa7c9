"""Campaign documents for programs: make, list, read, approve, take away."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.campaign_generator.engine.creatives import ACTIONS
from enterprise.campaign_generator.engine.stored import as_json
from enterprise.campaign_generator.front_door import CSV, FILES, XLSX, CampaignGenerator
from enterprise.campaign_generator.selectors import StoredCampaign, campaign_of, campaigns_page
from enterprise.campaign_generator.services.asking import MOST_PAISE, CampaignRequest
from enterprise.optimization_engine.api.fits import PAGE
from enterprise.optimization_engine.api.shapes import page_asked
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

ASKED: dict[str, Any] = {
    "name": "Winter launch",
    "goal": "Sell the new water heater in December",
    "product": "Veda Geyser 15 L",
    "benefits": ["5-star energy rating", "Five-year warranty"],
    "landing_url": "https://veda.example/geyser",
    "first_on": "2026-12-01",
    "weeks": 4,
    "channels": [{"channel": "google_ads", "share": 2}, {"channel": "meta_ads", "share": 1}],
    "budget_paise": 60_000_000,
    "metric": "orders",
    "target": 900,
}
EXAMPLE: dict[str, Any] = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "name": "Winter launch",
    "state": "draft",
    "version": 1,
    "content_hash": "5f2b…",
    "document": {"name": "Winter launch", "grid": {"budget_paise": 60_000_000}},
    "checks": [{"code": "target_not_judged", "blocks": False, "field": "target"}],
}
CURL = """

```
curl {method}"$WORKSPACE_URL/api/enterprise/campaigns{path}" \\
  -H "Authorization: Bearer $API_KEY"{more}
```"""
JSON_BODY = ' -H "Content-Type: application/json" -d @campaign.json'


class CampaignOutput(serializers.Serializer):
    class CheckOutput(serializers.Serializer):
        code = serializers.CharField()
        blocks = serializers.BooleanField()
        field = serializers.CharField(allow_blank=True)

        class Meta:
            ref_name = "EnterpriseCampaignCheck"

    id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()
    content_hash = serializers.CharField()
    document = serializers.DictField()
    checks = CheckOutput(many=True)

    class Meta:
        ref_name = "EnterpriseCampaign"


def answer_of(found: StoredCampaign) -> dict[str, Any]:
    """The whole document; money in paise, checks by code."""
    checks = CampaignGenerator().checks(found, clock.now())
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "version": found.number,
        "content_hash": found.content_hash,
        "document": as_json(found.document),
        "checks": checks,
    }


def actor_of(request: Request) -> UUID | None:
    user = request._request.user
    return user.pk if user.is_authenticated else None


class CampaignsView(WorkspaceAPIView):
    tier = "enterprise"

    @property
    def permission(self) -> Permission:
        return Permission.WORK if self.request.method == "POST" else Permission.READ

    class Input(serializers.Serializer):
        class ChannelInput(serializers.Serializer):
            channel = serializers.CharField(max_length=60)
            share = serializers.IntegerField(min_value=0, max_value=10**6, default=1)

            class Meta:
                ref_name = "EnterpriseCampaignChannel"

        name = serializers.CharField(max_length=80)
        goal = serializers.CharField(max_length=300)
        product = serializers.CharField(max_length=60)
        benefits = serializers.ListField(
            child=serializers.CharField(max_length=120), min_length=1, max_length=6
        )
        offer = serializers.CharField(max_length=120, default="", allow_blank=True)
        action = serializers.ChoiceField(choices=list(ACTIONS), default="learn_more")
        landing_url = serializers.CharField(max_length=500, default="", allow_blank=True)
        language = serializers.ChoiceField(choices=["en", "hi"], default="en")
        first_on = serializers.DateField()
        weeks = serializers.IntegerField(min_value=1, max_value=52)
        channels = ChannelInput(many=True, required=False, max_length=20)
        budget_paise = serializers.IntegerField(min_value=0, max_value=MOST_PAISE, default=0)
        metric = serializers.CharField(max_length=60, default="", allow_blank=True)
        unit = serializers.CharField(max_length=20, default="", allow_blank=True)
        target = serializers.FloatField(min_value=0, max_value=1e15, required=False)
        audience = serializers.CharField(max_length=300, default="", allow_blank=True)
        audience_size = serializers.IntegerField(
            min_value=0, max_value=2_000_000_000, required=False
        )
        audience_from_crm = serializers.BooleanField(default=False)
        consent = serializers.CharField(max_length=300, default="", allow_blank=True)
        base_rate = serializers.FloatField(min_value=0.0001, max_value=0.99, required=False)
        lift = serializers.FloatField(min_value=0.01, max_value=10, required=False)
        visit_paise = serializers.IntegerField(min_value=1, max_value=10**9, required=False)
        allocation_id = serializers.UUIDField(required=False)

        class Meta:
            ref_name = "EnterpriseCampaignInput"

    class Output(serializers.Serializer):
        campaigns = CampaignOutput(many=True)
        next_cursor = serializers.CharField(allow_null=True)

        class Meta:
            ref_name = "EnterpriseCampaigns"

    @extend_schema(
        operation_id="enterprise_campaign_make",
        summary="Make a campaign from a goal or a budget proposal",
        description="With `allocation_id` channels, budget and the target's range come from the "
        "proposal. 400 `campaign_detail` names the field."
        + CURL.format(method="-X POST ", path="", more=JSON_BODY),
        request=Input,
        responses={201: CampaignOutput},
        examples=[
            OpenApiExample("A goal", value=ASKED, request_only=True),
            OpenApiExample("A campaign", value=EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = self.parse(self.Input, request)
        asked = CampaignRequest(
            **{
                **sent,
                "benefits": tuple(sent["benefits"]),
                "channels": tuple(
                    (one["channel"], one["share"]) for one in sent.get("channels", ())
                ),
            }
        )
        made = CampaignGenerator().generate_campaign(
            asked, tenant=request._request.tenant, actor_id=actor_of(request), now=clock.now()
        )
        return Response(CampaignOutput(answer_of(made)).data, status=201)

    @extend_schema(
        operation_id="enterprise_campaigns",
        summary="Campaigns, newest change first",
        description=CURL.format(method="", path="", more=""),
        parameters=PAGE,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One", value={"campaigns": [EXAMPLE], "next_cursor": None}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        limit, before = page_asked(request)
        found = campaigns_page(limit + 1, before)
        shown = found[:limit]
        cursor = shown[-1].changed_at.isoformat() if len(found) > limit else None
        answer = {"campaigns": [answer_of(one) for one in shown], "next_cursor": cursor}
        return Response(self.Output(answer).data)


class CampaignView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.READ

    @extend_schema(
        operation_id="enterprise_campaign",
        summary="One campaign",
        description=CURL.format(method="", path="/$ID", more=""),
        responses={200: CampaignOutput},
        examples=[OpenApiExample("A campaign", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return Response(CampaignOutput(answer_of(campaign_of(campaign_id))).data)


class CampaignApproveView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.APPROVE_SPEND

    class Input(serializers.Serializer):
        content_hash = serializers.CharField(max_length=64)

        class Meta:
            ref_name = "EnterpriseCampaignApproval"

    @extend_schema(
        operation_id="enterprise_campaign_approve",
        summary="Approve exactly this content",
        description="409 `campaign_changed` for another hash, `campaign_blocked` while a check "
        "stops it." + CURL.format(method="-X POST ", path="/$ID/approve", more=JSON_BODY),
        request=Input,
        responses={200: CampaignOutput},
        examples=[
            OpenApiExample("The hash read", value={"content_hash": "5f2b…"}, request_only=True),
            OpenApiExample("A campaign", value=EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        sent = self.parse(self.Input, request)
        found = CampaignGenerator().approve(
            campaign_id, sent["content_hash"], actor_id=actor_of(request), now=clock.now()
        )
        return Response(CampaignOutput(answer_of(found)).data)


class CampaignFileView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.EXPORT

    @extend_schema(
        operation_id="enterprise_campaign_file",
        summary="An approved campaign as a file",
        description="`kind` is google-ads (CSV) or media-plan (XLSX). 409 `campaign_step` before "
        "approval." + CURL.format(method="-o plan.xlsx ", path="/$ID/files/media-plan", more=""),
        responses={
            (200, CSV): OpenApiResponse(OpenApiTypes.BINARY),
            (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, campaign_id: UUID, kind: str) -> HttpResponse:
        content = CampaignGenerator().export(
            campaign_id, kind, actor_id=actor_of(request), now=clock.now()
        )
        return HttpResponse(content, content_type=FILES[kind][0])
