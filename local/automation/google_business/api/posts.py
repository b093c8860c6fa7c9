from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.google_business.api.shared import actor_of, failure_of
from local.automation.google_business.engine.posts import BUTTONS, MOST_CHARACTERS, PostDraft
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import POST_STATES
from local.automation.google_business.selectors import posts_lately
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

LANGUAGES = ["en", "hi", "hinglish", "mr"]
POSTS_DESCRIPTION = """Standard posts on the profile. POST publishes one per `key`: the same key
again answers the same post.

```
curl -X POST "$WORKSPACE_URL/api/local/google/posts" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"key": "till:2026-11-22", "text": "Fresh jalebi from 4 today.", "button": "CALL"}'
```

Errors: 400 `post_refused` with the field at fault.
"""


class PostsView(WorkspaceAPIView):
    tier = "local"

    @property
    def permission(self) -> Permission:  # type: ignore[override]
        return Permission.READ if self.request.method == "GET" else Permission.APPROVE_POSTS

    class Input(serializers.Serializer):
        key = serializers.RegexField(r"^[A-Za-z0-9:_.-]{4,80}$")
        text = serializers.CharField(max_length=MOST_CHARACTERS * 2)
        language = serializers.ChoiceField(choices=LANGUAGES, required=False, default="en")
        button = serializers.ChoiceField(choices=list(BUTTONS), required=False, default="")
        button_url = serializers.CharField(
            required=False, allow_blank=True, default="", max_length=300
        )

        class Meta:
            ref_name = "GooglePostInput"

    class Posted(serializers.Serializer):
        id = serializers.IntegerField()
        key = serializers.CharField()
        text = serializers.CharField()
        state = serializers.ChoiceField(choices=POST_STATES)
        live_url = serializers.CharField(allow_blank=True)
        due_at = serializers.DateTimeField()
        live_at = serializers.DateTimeField(allow_null=True)
        failure = serializers.SerializerMethodField()

        class Meta:
            ref_name = "GooglePost"

        def get_failure(self, post: Any) -> str:
            return failure_of(post)

    @extend_schema(
        operation_id="local_google_posts",
        summary="The latest posts",
        description=POSTS_DESCRIPTION,
        responses={200: Posted(many=True)},
    )
    def get(self, request: Request) -> Response:
        return Response(self.Posted(posts_lately(), many=True).data)

    @extend_schema(
        operation_id="local_google_post",
        summary="Publish a post",
        description=POSTS_DESCRIPTION,
        request=Input,
        responses={200: Posted},
        examples=[
            OpenApiExample(
                "A post",
                value={"key": "till:2026-11-22", "text": "Fresh jalebi from 4 today."},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        draft = PostDraft(
            given["text"].strip(), given["language"], given["button"], given["button_url"]
        )
        made = GMBAutomation().post(
            draft, key=f"api:{given['key']}"[:80], now=clock.now(), actor_id=actor_of(request)
        )
        return Response(self.Posted(made).data)
