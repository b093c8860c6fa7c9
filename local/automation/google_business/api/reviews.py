from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.google_business.api.shared import actor_of, failure_of
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import (
    REPLY_LENGTH,
    REPLY_STATES,
    REVIEWER_LENGTH,
    Review,
    ReviewReply,
)
from local.automation.google_business.selectors import review_of, reviews_of
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

MOST = 100
REVIEW_EXAMPLE = {
    "id": 17,
    "source": "google",
    "stars": 2,
    "text": "We waited 25 minutes on Saturday.",
    "reviewer": "Sneha K",
    "language": "en",
    "created_at": "2026-11-01T06:30:00Z",
    "replied_at": None,
    "reply": {
        "state": "draft",
        "text": "Thank you for writing, Sneha. We are sorry that …",
        "language": "en",
        "content_hash": "9f2c" + "0" * 60,
        "failure": "",
    },
}
REVIEWS_DESCRIPTION = """Reviews, newest first. `state=unanswered` leaves out what is answered or on
its way. `cursor` is the `next` of the answer before.

```
curl "$WORKSPACE_URL/api/local/google/reviews?state=unanswered&limit=20" \\
  -H "Authorization: Bearer $API_KEY"
```
"""
PASTE_DESCRIPTION = """Keep a review that was read on Google by a person; its reply is drafted at
once, in the language of the review. The same review twice is one.

```
curl -X POST "$WORKSPACE_URL/api/local/google/reviews" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"stars": 4, "text": "Fresh barfi, but no parking"}'
```

Errors: 400 `review_incomplete`, `review_too_long` or `review_day_wrong`, 403 `too_many_reviews`.
"""
REPLY_DESCRIPTION = """Edit the reply (`text`), or approve it (`approve: true` with the
`content_hash` that was read). Approved with Google connected it is sent, once; without, it counts
as posted by hand. A reply is `done` only when Google has approved it. Replies to three stars or
fewer, and every one of a clinic or medicine shop, are not approved with a key: a person does that.

```
curl -X POST "$WORKSPACE_URL/api/local/google/reviews/17/reply" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"text": "Thank you for writing, Sneha."}'
```

Errors: 400 `reply_refused` (with the rule it breaks), 403 `needs_person`, 404 `unknown_review`, 409
`reply_changed` or `reply_under_way`.
"""


class ReplyOutput(serializers.Serializer):
    state = serializers.ChoiceField(choices=REPLY_STATES)
    text = serializers.CharField()
    language = serializers.CharField()
    content_hash = serializers.CharField()
    failure = serializers.SerializerMethodField()

    class Meta:
        ref_name = "GoogleReply"

    def get_failure(self, reply: ReviewReply) -> str:
        return failure_of(reply)


class ReviewOutput(serializers.Serializer):
    id = serializers.IntegerField()
    source = serializers.ChoiceField(choices=["google", "pasted"])
    stars = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    reviewer = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    replied_at = serializers.DateTimeField(allow_null=True)
    reply = serializers.SerializerMethodField()

    class Meta:
        ref_name = "GoogleReview"

    def get_reply(self, review: Review) -> dict[str, Any] | None:
        reply = getattr(review, "reply", None)
        return ReplyOutput(reply).data if reply else None


class ReviewsView(WorkspaceAPIView):
    tier = "local"

    @property
    def permission(self) -> Permission:  # type: ignore[override]
        return Permission.READ if self.request.method == "GET" else Permission.WORK

    class Query(serializers.Serializer):
        state = serializers.ChoiceField(choices=["all", "unanswered"], default="all")
        limit = serializers.IntegerField(min_value=1, max_value=MOST, default=50)
        cursor = serializers.IntegerField(min_value=1, max_value=2**62, required=False)

    class Input(serializers.Serializer):
        stars = serializers.IntegerField(min_value=1, max_value=5)
        text = serializers.CharField(required=False, allow_blank=True, default="")
        reviewer = serializers.CharField(
            required=False, allow_blank=True, default="", max_length=REVIEWER_LENGTH
        )
        written_on = serializers.DateField(required=False)

        class Meta:
            ref_name = "GoogleReviewInput"

    class Output(serializers.Serializer):
        reviews = ReviewOutput(many=True)
        next = serializers.IntegerField(allow_null=True)

        class Meta:
            ref_name = "GoogleReviews"

    @extend_schema(
        operation_id="local_google_reviews",
        summary="Reviews",
        description=REVIEWS_DESCRIPTION,
        parameters=[
            OpenApiParameter("state", str, enum=["all", "unanswered"]),
            OpenApiParameter("limit", int, description="1 to 100."),
            OpenApiParameter("cursor", int),
        ],
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A page", value={"reviews": [REVIEW_EXAMPLE], "next": None}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        query = self.Query(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = query.validated_data
        rows = reviews_of(is_unanswered=given["state"] == "unanswered", before=given.get("cursor"))
        found = list(rows[: given["limit"] + 1])
        shown = found[: given["limit"]]
        following = shown[-1].pk if len(found) > len(shown) else None
        return Response(self.Output({"reviews": shown, "next": following}).data)

    @extend_schema(
        operation_id="local_google_review_paste",
        summary="Keep a pasted review",
        description=PASTE_DESCRIPTION,
        request=Input,
        responses={200: ReviewOutput},
        examples=[
            OpenApiExample(
                "Four stars",
                value={"stars": 4, "text": "Fresh barfi, but no parking"},
                request_only=True,
            ),
            OpenApiExample("The review", value=REVIEW_EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        review = GMBAutomation().paste_review(**given, now=clock.now(), actor_id=actor_of(request))
        return Response(ReviewOutput(review_of(review.pk)).data)


class ReviewReplyView(WorkspaceAPIView):
    permission = Permission.APPROVE_POSTS
    tier = "local"

    class Input(serializers.Serializer):
        text = serializers.CharField(required=False, max_length=REPLY_LENGTH)
        approve = serializers.BooleanField(required=False, default=False)
        content_hash = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)

        class Meta:
            ref_name = "GoogleReplyInput"

    @extend_schema(
        operation_id="local_google_review_reply",
        summary="Edit or approve a reply",
        description=REPLY_DESCRIPTION,
        request=Input,
        responses={200: ReviewOutput},
        examples=[
            OpenApiExample(
                "Approve what was read",
                value={"approve": True, "content_hash": "9f2c" + "0" * 60},
                request_only=True,
            ),
            OpenApiExample("The review", value=REVIEW_EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request, review_id: int) -> Response:
        given = self.parse(self.Input, request)
        door, now = GMBAutomation(), clock.now()
        reply = door.draft(review_id, now=now)
        if "text" in given:
            reply = door.edit(review_id, given["text"], now=now)
        if given["approve"]:
            # Without a hash, what was sent with this very request is what was read.
            read = given.get("content_hash") or (reply.content_hash if "text" in given else "")
            door.approve(review_id, read, now=now, actor_id=actor_of(request))
        return Response(ReviewOutput(review_of(review_id)).data)
