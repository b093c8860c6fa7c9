import uuid
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.whatsapp.engine.money import in_rupees
from local.automation.whatsapp.front_door import WhatsAppAutomation
from local.automation.whatsapp.models import Campaign, CampaignState, Conversation
from local.automation.whatsapp.selectors.campaigns import (
    PAGE,
    CampaignCounts,
    campaign_of,
    campaigns_page,
    counts_of,
)
from local.automation.whatsapp.selectors.chat import conversations_page, window_of
from local.automation.whatsapp.services.campaigns import CampaignWish
from local.business.selectors import business_of
from local.customers.selectors import Segment
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_phone
from marketing_platform.users.permissions import Permission

MOST = 100
CURL = 'curl "$WORKSPACE_URL/api/local/automation/whatsapp'
KEY = '" \\\n  -H "Authorization: Bearer $API_KEY"'
EXAMPLE = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "title": "Diwali",
    "state": "proposed",
    "way": "api",
    "segment": "all_agreed",
    "template": 3,
    "starts_at": "2026-11-23T05:30:00Z",
    "expires_at": "2026-11-25T05:30:00Z",
    "cap_paise": 30000,
    "cap_people": 500,
    "content": "5f8c…",
    "reason": "",
    "forecast": {"recipients": 312, "held_out": 0, "cost_low_paise": 31776},
    "counts": {"planned": 312},
    "cost_paise": 0,
    "created_at": "2026-11-22T09:30:00Z",
}


class CampaignOutput(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=CampaignState.values)
    way = serializers.ChoiceField(choices=["api", "hand"])
    segment = serializers.CharField()
    template = serializers.IntegerField(source="template_id")
    starts_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    cap_paise = serializers.IntegerField()
    cap_people = serializers.IntegerField()
    content = serializers.CharField(
        source="content_hash", help_text="What an approval must name: it changes with every edit."
    )
    reason = serializers.CharField(allow_blank=True)
    forecast = serializers.JSONField()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "WhatsAppCampaign"


class CampaignDetailOutput(CampaignOutput):
    counts = serializers.DictField(child=serializers.IntegerField())
    cost_paise = serializers.IntegerField(help_text="Charged or expected so far, with tax.")

    class Meta:
        ref_name = "WhatsAppCampaignDetail"


def _detail(campaign: Campaign, counts: CampaignCounts) -> dict[str, Any]:
    plain = CampaignOutput(campaign).data
    return {**plain, "counts": counts.states, "cost_paise": in_rupees(counts.cost).paise}


class CampaignProposeView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        title = serializers.CharField(max_length=80)
        template = serializers.IntegerField(min_value=1, max_value=2**31)
        segment = serializers.ChoiceField(choices=[each.value for each in Segment])
        values = serializers.DictField(child=serializers.CharField(max_length=200), default=dict)
        way = serializers.ChoiceField(choices=["api", "hand"], default="hand")
        starts_at = serializers.DateTimeField(required=False, help_text="Now when left out.")
        cap_paise = serializers.IntegerField(min_value=0, max_value=2_000_000)
        cap_people = serializers.IntegerField(min_value=1, max_value=3_000)

        class Meta:
            ref_name = "WhatsAppCampaignInput"

    @extend_schema(
        operation_id="local_whatsapp_campaign_create",
        summary="Propose a WhatsApp campaign",
        description=(
            "Keeps it with a forecast (who gets it, cost with tax, visits if they can be told) and"
            " sends nothing: approve it with the `content` it answers. Errors: 400 names the"
            " field, 404 `template_not_found`.\n\n```\ncurl -X POST"
            ' "$WORKSPACE_URL/api/local/automation/whatsapp/campaigns/propose" \\\n'
            '  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\\n'
            '  -d \'{"title": "Diwali", "template": 3, "segment": "all_agreed",'
            ' "values": {"name": "ji"}, "cap_paise": 30000, "cap_people": 500}\'\n```'
        ),
        request=Input,
        responses={201: CampaignDetailOutput},
        examples=[OpenApiExample("A proposed campaign", value=EXAMPLE, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        given, now = self.parse(self.Input, request), clock.now()
        plain = request._request
        wish = CampaignWish(
            title=given["title"],
            template_id=given["template"],
            segment=given["segment"],
            values=given["values"],
            way=given["way"],
            starts_at=given.get("starts_at") or now,
            cap=Rupees(given["cap_paise"]),
            cap_people=given["cap_people"],
        )
        door = WhatsAppAutomation(business_of(plain.tenant))
        campaign = door.propose(wish, now=now, actor_id=_actor(request))
        return Response(_detail(campaign, counts_of(campaign.pk)), status=201)


class CampaignsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        campaigns = CampaignOutput(many=True)
        next = serializers.IntegerField(allow_null=True, help_text="The next page.")

        class Meta:
            ref_name = "WhatsAppCampaigns"

    @extend_schema(
        operation_id="local_whatsapp_campaigns",
        summary="WhatsApp campaigns",
        description=f"Newest first, {PAGE} a page.\n\n```\n{CURL}/campaigns?page=1{KEY}\n```",
        parameters=[OpenApiParameter("page", int, description="From 1.")],
        responses={200: Output},
    )
    def get(self, request: Request) -> Response:
        page = _whole(request.query_params.get("page", "1"), "page", 10_000)
        rows, has_more = campaigns_page(page)
        answer = {"campaigns": rows, "next": page + 1 if has_more else None}
        return Response(self.Output(answer).data)


class CampaignView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    @extend_schema(
        operation_id="local_whatsapp_campaign",
        summary="One campaign and what became of its messages",
        description=f"```\n{CURL}/campaigns/$CAMPAIGN{KEY}\n```",
        responses={200: CampaignDetailOutput},
        examples=[OpenApiExample("A campaign", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return Response(_detail(campaign_of(campaign_id), counts_of(campaign_id)))


class CampaignApproveView(WorkspaceAPIView):
    permission = Permission.APPROVE_SPEND
    tier = "local"

    class Input(serializers.Serializer):
        content = serializers.CharField(max_length=64, help_text="As the campaign answers it.")

        class Meta:
            ref_name = "WhatsAppApproveInput"

    @extend_schema(
        operation_id="local_whatsapp_campaign_approve",
        summary="Approve a campaign",
        description=(
            "Starts exactly what was seen. 409 `campaign_changed` when it was edited since,"
            " `nobody_left`, `template_unusable`, `whatsapp_not_connected`.\n\n```\ncurl -X POST"
            ' "$WORKSPACE_URL/api/local/automation/whatsapp/campaigns/$CAMPAIGN/approve" \\\n'
            '  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\\n'
            '  -d \'{"content": "5f8c…"}\'\n```'
        ),
        request=Input,
        responses={200: CampaignDetailOutput},
        examples=[OpenApiExample("A campaign", value=EXAMPLE, response_only=True)],
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        door = WhatsAppAutomation(business_of(request._request.tenant))
        campaign = door.approve(
            campaign_id, content=given["content"], now=clock.now(), actor_id=_actor(request)
        )
        return Response(_detail(campaign, counts_of(campaign_id)))


class ConversationOutput(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True, help_text="Its last digits.")
    unread = serializers.IntegerField()
    last_message_at = serializers.DateTimeField()
    reply_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then one may answer freely."
    )

    class Meta:
        ref_name = "WhatsAppConversation"


class ConversationsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        conversations = ConversationOutput(many=True)
        cursor = serializers.CharField(allow_null=True)

        class Meta:
            ref_name = "WhatsAppConversations"

    @extend_schema(
        operation_id="local_whatsapp_conversations",
        summary="Conversations, the latest first",
        description=(
            f"Pass `cursor` on to go further.\n\n```\n{CURL}/conversations?limit=30{KEY}\n```"
        ),
        parameters=[
            OpenApiParameter("cursor", str, description="From the answer before."),
            OpenApiParameter("limit", int, description=f"1 to {MOST}."),
        ],
        responses={200: Output},
    )
    def get(self, request: Request) -> Response:
        limit = _whole(request.query_params.get("limit", "30"), "limit", MOST)
        before = _moment(request.query_params.get("cursor", ""))
        rows, has_more = conversations_page(before=before, limit=limit)
        answer = {
            "conversations": [_conversation(each) for each in rows],
            "cursor": rows[-1].last_message_at.isoformat() if has_more else None,
        }
        return Response(self.Output(answer).data)


def _conversation(talk: Conversation) -> dict[str, Any]:
    window = window_of(talk, clock.now())
    return {
        "id": talk.pk,
        "name": (talk.customer.name if talk.customer else "") or talk.name,
        "phone": mask_phone(talk.phone) if talk.phone else "",
        "unread": talk.unread,
        "last_message_at": talk.last_message_at,
        "reply_until": window.closes_at if window.is_open else None,
    }


def _whole(text: str, field: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise InvalidInput(_("Write a whole number from 1 to %(most)d."), field=field, most=most)
    return int(text)


def _moment(text: str) -> Any:
    if not text:
        return None
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(_("This is not a cursor that we gave."), field="cursor")
    return moment


def _actor(request: Request) -> uuid.UUID | None:
    user = request._request.user
    return user.pk if user.is_authenticated else None
