from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.social_media.engine import GREATEST_VARIANT, LANGUAGES, NETWORKS
from local.automation.social_media.front_door import SocialMediaAutomation
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import planned_page
from local.business.selectors import business_of
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission

MOST, PAGE = 100, 30
EXAMPLE = {
    "id": "0192f7a0-7d3c-4cc1-8f4e-0c6d1a7b9e10",
    "on": "2026-11-22",
    "network": "facebook",
    "language": "en",
    "variant": 0,
    "caption": "Fresh jalebi from four today.\n\nCome and try",
    "state": "proposed",
    "content_hash": "3f8a0c5e" * 8,
    "is_edited": False,
    "approved_at": None,
    "scheduled_at": None,
    "zone": "Asia/Kolkata",
    "expires_at": "2026-11-22T18:30:00Z",
    "live_at": None,
    "late_minutes": 0,
    "remote_url": "",
    "effect_id": None,
}
POSTS_DESCRIPTION = """GET lists the planned posts, the newest first. POST proposes the post of one
day and network, from the same content as `automation/social-media`; with `caption` in your own
words, which the rules for the trade are held against. The same day and network again answers the
same post.

```
curl -X POST "$WORKSPACE_URL/api/local/automation/posts" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"on": "2026-11-22", "network": "facebook"}'
```

Nothing is sent before it is approved with its `content_hash`. Errors: 400 `day_over`,
`caption_refused`, `words_break_a_rule`; 409 `nothing_to_post`, `post_settled`.
"""
APPROVE_DESCRIPTION = """Say yes to exactly what `content_hash` names, and plan it: at `at`, or at
the trade's usual time, which is an assumption. A time that has passed becomes the next good one of
the day. Approving the same words again changes nothing.

```
curl -X POST "$WORKSPACE_URL/api/local/automation/posts/$POST/approve" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"content_hash": "3f8a…"}'
```

Errors: 409 `post_changed` (it changed since you read it), `post_settled`, `facts_gone`; 403
`network_not_connected`; 400 `time_wrong` (not on the day of the post), `day_over`.
"""


class PlannedPostOutput(serializers.ModelSerializer):
    class Meta:
        model = PlannedPost
        ref_name = "PlannedPost"
        fields = list(EXAMPLE)


class PostsView(WorkspaceAPIView):
    tier = "local"

    @property
    def permission(self) -> Permission:  # type: ignore[override]
        return Permission.READ if self.request.method == "GET" else Permission.APPROVE_POSTS

    class Input(serializers.Serializer):
        on = serializers.DateField(help_text="ISO date in India.")
        network = serializers.ChoiceField(choices=NETWORKS)
        language = serializers.ChoiceField(choices=LANGUAGES, required=False)
        variant = serializers.IntegerField(required=False, min_value=0, max_value=GREATEST_VARIANT)
        caption = serializers.CharField(required=False, max_length=70_000, trim_whitespace=False)

        class Meta:
            ref_name = "PlannedPostInput"

    class Output(serializers.Serializer):
        posts = PlannedPostOutput(many=True)
        next_cursor = serializers.CharField(allow_blank=True, help_text="Empty on the last page.")

        class Meta:
            ref_name = "PlannedPosts"

    @extend_schema(
        operation_id="local_posts",
        summary="Planned and sent posts",
        description=POSTS_DESCRIPTION,
        parameters=[
            OpenApiParameter("on", OpenApiTypes.DATE, description="Only of this day."),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="`next_cursor` of a page."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MOST}."),
        ],
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A page", value={"posts": [EXAMPLE], "next_cursor": ""}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        posts, next_cursor = planned_page(
            cursor=request.query_params.get("cursor", ""), limit=_limit(request), on=_on(request)
        )
        return Response(self.Output({"posts": posts, "next_cursor": next_cursor}).data)

    @extend_schema(
        operation_id="local_post_propose",
        summary="Propose a day's post",
        description=POSTS_DESCRIPTION,
        request=Input,
        responses={200: PlannedPostOutput},
        examples=[
            OpenApiExample(
                "A proposal", value={"on": "2026-11-22", "network": "facebook"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        caption, door, who = given.pop("caption", None), _door(request), _who(request)
        made = door.propose(given.pop("on"), given.pop("network"), **given, **who)
        if caption is not None:
            made = door.edit(made.pk, caption, **who)
        return Response(PlannedPostOutput(made).data)


class PostView(WorkspaceAPIView):
    tier = "local"
    permission = Permission.READ

    @extend_schema(
        operation_id="local_post",
        summary="One planned post",
        description='```\ncurl "$WORKSPACE_URL/api/local/automation/posts/$POST" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: PlannedPostOutput},
        examples=[OpenApiExample("A post", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, post_id: UUID) -> Response:
        return Response(PlannedPostOutput(_door(request).state(post_id)).data)


class PostApproveView(WorkspaceAPIView):
    tier = "local"
    permission = Permission.APPROVE_POSTS

    class Input(serializers.Serializer):
        content_hash = serializers.RegexField(r"^[0-9a-f]{64}$")
        at = serializers.DateTimeField(
            required=False, allow_null=True, help_text="With its offset; on the post's day."
        )

        class Meta:
            ref_name = "PlannedPostApproval"

    @extend_schema(
        operation_id="local_post_approve",
        summary="Approve a post, and plan it",
        description=APPROVE_DESCRIPTION,
        request=Input,
        responses={200: PlannedPostOutput},
        examples=[OpenApiExample("Yes", value={"content_hash": "3f8a0c5e" * 8}, request_only=True)],
    )
    def post(self, request: Request, post_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        post = _door(request).approve_and_schedule(
            post_id, given["content_hash"], at=given.get("at"), **_who(request)
        )
        return Response(PlannedPostOutput(post).data)


class PostCancelView(WorkspaceAPIView):
    tier = "local"
    permission = Permission.APPROVE_POSTS

    @extend_schema(
        operation_id="local_post_cancel",
        summary="Stop a planned post",
        description="While nothing has left; twice is no error. 409 `post_underway` or "
        "`post_settled` afterwards.\n\n```\n"
        'curl -X POST "$WORKSPACE_URL/api/local/automation/posts/$POST/cancel" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        request=None,
        responses={200: PlannedPostOutput},
        examples=[OpenApiExample("Stopped", value=EXAMPLE, response_only=True)],
    )
    def post(self, request: Request, post_id: UUID) -> Response:
        return Response(PlannedPostOutput(_door(request).cancel(post_id, **_who(request))).data)


def _door(request: Request) -> SocialMediaAutomation:
    return SocialMediaAutomation(business_of(request._request.tenant))


def _who(request: Request) -> dict[str, Any]:
    """A person, or None behind a key."""
    return {"now": clock.now(), "actor_id": getattr(request._request.user, "pk", None)}


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(PAGE))
    if not (given.isascii() and given.isdecimal() and len(given) < 5 and 1 <= int(given) <= MOST):
        raise InvalidInput(_("Use a number from 1 to %(most)s."), field="limit", most=MOST)
    return int(given)


def _on(request: Request) -> date | None:
    given = request.query_params.get("on", "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise InvalidInput(_("Write the day as 2026-11-22."), field="on") from error
