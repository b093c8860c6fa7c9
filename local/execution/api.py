from uuid import UUID

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.business.selectors import business_of
from local.execution.errors import ActionMissing
from local.execution.front_door import HumanAICollaboration, TaskExecutionEngine
from local.execution.models import Action
from local.execution.selectors import action_of, cards_of
from local.execution.services.collaboration import REASONS
from local.execution.services.kinds import KINDS
from local.execution.services.planning import minutes_a_day
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission, allowed

TASK = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "kind": "review_reply",
    "title": "Answer Meenal's review of 5 stars",
    "why": "The reply is written. 3 reviews wait for an answer; this one for 2 days.",
    "effect": "We do not know yet what it brings.",
    "skip": "Whoever reads the reviews next sees no answer.",
    "minutes": 2,
    "grade": "B",
    "state": "awaiting_approval",
    "content_hash": "5f2b6c…",
}


def curl(path: str, body: str = "") -> str:
    sent = f" \\\n  -H \"Content-Type: application/json\" -d '{body}'" if body else ""
    method = "-X POST " if path != "today" else ""
    return (
        f'\n\n```\ncurl {method}"$WORKSPACE_URL/api/local/{path}" \\\n'
        f'  -H "Authorization: Bearer $API_KEY"{sent}\n```'
    )


class TaskOutput(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    why = serializers.CharField()
    effect = serializers.CharField()
    skip = serializers.CharField()
    minutes = serializers.IntegerField()
    grade = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    content_hash = serializers.CharField(
        allow_blank=True, help_text="Of what an approval would carry out; empty: done by hand."
    )

    class Meta:
        ref_name = "LocalTask"


class TodayView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        on = serializers.DateField()
        minutes = serializers.IntegerField(help_text="The owner's minutes a day.")
        tasks = TaskOutput(many=True)

        class Meta:
            ref_name = "LocalToday"

    @extend_schema(
        operation_id="local_today",
        summary="Today's tasks",
        description="At most five within the owner's minutes, the same all day." + curl("today"),
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A day",
                value={"on": "2026-11-22", "minutes": 10, "tasks": [TASK]},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        today = clock.today()
        engine = TaskExecutionEngine(business_of(request._request.tenant))
        actions = engine.plan_day(today=today, now=clock.now())
        answer = {"on": today, "minutes": minutes_a_day(), "tasks": cards_of(actions, language())}
        return Response(self.Output(answer).data)


class TaskApproveView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        content_hash = serializers.CharField(max_length=64, help_text="As GET today told it.")

        class Meta:
            ref_name = "LocalTaskApproval"

    @extend_schema(
        operation_id="local_task_approve",
        summary="Approve a task as it was read",
        description="409 `action_changed` when it is not what was read."
        + curl("tasks/$ID/approve", '{"content_hash": "5f2b6c…"}'),
        request=Input,
        responses={200: TaskOutput},
        examples=[OpenApiExample("The task", value=TASK, response_only=True)],
    )
    def post(self, request: Request, action_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        _check_allowed(request, action_of(action_id))
        action = HumanAICollaboration().approve(
            action_id,
            seen_hash=given["content_hash"],
            actor_id=actor_of(request),
            now=clock.now(),
        )
        return _task(action)


class TaskDismissView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        reason = serializers.ChoiceField(choices=list(REASONS), default="not_today")

        class Meta:
            ref_name = "LocalTaskDismissal"

    @extend_schema(
        operation_id="local_task_dismiss",
        summary="Not today, or not at all",
        description="With any reason but `not_today` such tasks stay away for 7, then 14, then 30 "
        "days." + curl("tasks/$ID/dismiss", '{"reason": "not_for_us"}'),
        request=Input,
        responses={200: TaskOutput},
        examples=[
            OpenApiExample("The task", value={**TASK, "state": "skipped"}, response_only=True)
        ],
    )
    def post(self, request: Request, action_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        _check_allowed(request, action_of(action_id))
        action = HumanAICollaboration().dismiss(
            action_id, reason=given["reason"], actor_id=actor_of(request), now=clock.now()
        )
        return _task(action)


class TaskFinishView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        proof = serializers.CharField(
            required=False,
            default="",
            allow_blank=True,
            max_length=300,
            help_text="A word, a link.",
        )

        class Meta:
            ref_name = "LocalTaskProof"

    @extend_schema(
        operation_id="local_task_finish",
        summary="A task was done by hand",
        description="Kept as told by the owner." + curl("tasks/$ID/finish", '{"proof": "done"}'),
        request=Input,
        responses={200: TaskOutput},
        examples=[
            OpenApiExample("The task", value={**TASK, "state": "self_reported"}, response_only=True)
        ],
    )
    def post(self, request: Request, action_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        _check_allowed(request, action_of(action_id))
        action = TaskExecutionEngine(business_of(request._request.tenant)).finish(
            action_id, proof=given["proof"], actor_id=actor_of(request), now=clock.now()
        )
        return _task(action)


def language() -> str:
    return shown_language(get_language())


def actor_of(request: Request) -> UUID:
    """The person, or the key that acts for the workspace."""
    plain = request._request
    return plain.api_key.pk if plain.api_key is not None else plain.user.pk


def _check_allowed(request: Request, action: Action) -> None:
    plain = request._request
    if plain.api_key is None and not allowed(plain.membership.role, KINDS[action.kind].permission):
        raise ActionMissing


def _task(action: Action) -> Response:
    (card,) = cards_of([action], language())
    return Response(TaskOutput(card).data)
