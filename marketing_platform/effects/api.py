from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.effects.said import shown
from marketing_platform.effects.selectors import PAGE, SHOWS, effects_page
from marketing_platform.effects.services import effect_answer, effect_of_id
from marketing_platform.effects.states import State
from marketing_platform.users.permissions import Permission

MOST = 100
EXAMPLE = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "kind": "meta.facebook_post",
    "label": "Facebook post",
    "subject": "Diwali post",
    "state": "needs_check",
    "words": "Needs you: did it go out?",
    "reason": "We could not find out whether it went out. Please look and tell us.",
    "late_minutes": 0,
    "attempts": 1,
    "remote_id": "",
    "due_at": "2026-11-08T13:00:00Z",
    "expires_at": "2026-11-08T20:00:00Z",
    "ended_at": None,
}


class EffectOutput(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    label = serializers.CharField(help_text="What kind of thing it is.")
    subject = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=State.values)
    words = serializers.CharField(help_text="The state as people read it.")
    reason = serializers.CharField(allow_blank=True, help_text="Why it waits, failed or stopped.")
    late_minutes = serializers.IntegerField(help_text="0 when it was on time.")
    attempts = serializers.IntegerField(help_text="How often it was sent.")
    remote_id = serializers.CharField(allow_blank=True, help_text="Its id at the provider.")
    due_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Effect"


class EffectsView(WorkspaceAPIView):
    permission = Permission.READ

    class Output(serializers.Serializer):
        effects = EffectOutput(many=True)
        next_cursor = serializers.CharField(allow_blank=True, help_text="Empty on the last page.")

        class Meta:
            ref_name = "Effects"

    @extend_schema(
        operation_id="effects",
        summary="What was sent, and what is planned",
        description="The latest by planned time. `show` is one of `all`, `needs-you`, `waiting`, "
        "`live`, `not-sent`.\n\n```\n"
        'curl "$WORKSPACE_URL/api/effects?show=needs-you" -H "Authorization: Bearer $API_KEY"\n```',
        parameters=[
            OpenApiParameter("show", OpenApiTypes.STR, enum=list(SHOWS)),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="`next_cursor` of a page."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MOST}."),
        ],
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A page", value={"effects": [EXAMPLE], "next_cursor": ""}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        show = request.query_params.get("show", "all")
        if show not in SHOWS:
            raise InvalidInput(
                _("Use one of: %(allowed)s."), field="show", allowed=", ".join(SHOWS)
            )
        page = effects_page(
            show=show, cursor=request.query_params.get("cursor", ""), limit=_limit(request)
        )
        found = [shown(effect) for effect in page.effects]
        return Response(self.Output({"effects": found, "next_cursor": page.next_cursor}).data)


class EffectView(WorkspaceAPIView):
    permission = Permission.READ

    @extend_schema(
        operation_id="effect",
        summary="One thing that was sent or is planned",
        description='```\ncurl "$WORKSPACE_URL/api/effects/$EFFECT" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: EffectOutput},
        examples=[OpenApiExample("Needs a look", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, effect_id: UUID) -> Response:
        return Response(EffectOutput(shown(effect_of_id(effect_id))).data)


class EffectAnswerView(WorkspaceAPIView):
    permission = Permission.APPROVE_POSTS

    class Input(serializers.Serializer):
        happened = serializers.BooleanField(help_text="Whether somebody saw it live.")
        again = serializers.BooleanField(
            required=False, default=False, help_text="Send it again, when it did not happen."
        )

        class Meta:
            ref_name = "EffectAnswerInput"

    @extend_schema(
        operation_id="effect_answer",
        summary="Say whether it went out",
        description="For an effect in the state `needs_check`. 409 `effect_not_asked` for any "
        "other, so a second answer changes nothing; 409 `effect_too_late` when it shall be sent "
        "again after its last moment.\n\n```\n"
        'curl -X POST "$WORKSPACE_URL/api/effects/$EFFECT/answer" \\\n'
        '  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\\n'
        "  -d '{\"happened\": true}'\n```",
        request=Input,
        responses={
            200: EffectOutput,
            (409, "application/problem+json"): OpenApiResponse(
                OpenApiTypes.OBJECT, description="Nobody has to check it, or it is too late."
            ),
        },
        examples=[OpenApiExample("It is live", value={"happened": True}, request_only=True)],
    )
    def post(self, request: Request, effect_id: UUID) -> Response:
        said = self.parse(self.Input, request)
        effect = effect_answer(
            effect_id=effect_id,
            happened=said["happened"],
            again=said["again"] and not said["happened"],
            actor_id=getattr(request.user, "pk", None),
            now=clock.now(),
        )
        return Response(EffectOutput(shown(effect)).data)


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(PAGE))
    if not (given.isascii() and given.isdecimal() and len(given) < 5 and 1 <= int(given) <= MOST):
        raise InvalidInput(_("Use a number from 1 to %(most)s."), field="limit", most=MOST)
    return int(given)
