from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.business.selectors import business_of, facts_of
from local.intelligence.engine import MOST_DAYS
from local.intelligence.front_door import LocalInsightsRequest, LocalIntelligenceEngine
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission

LANGUAGES = ["en", "hi", "hinglish", "mr"]
DESCRIPTION = """The occasions of the coming days that matter for this business's category and
city: festivals, days of remembrance, civic and trade days, seasons; each with the days left, the
days the work takes, the day to begin, a reason and one action. Dates that follow the moon have
`certain: false` and `date_note: "expected"`. On days with `offers_allowed: false` nothing should
be sold. The body may be left out: then it is 30 days from today in India.

```
curl -X POST "$WORKSPACE_URL/api/local/intelligence" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"days": 30}'
```

Errors: 400 `invalid_input` for a bad field, 401 without a valid key, 404 for a workspace of the
other tier, 409 `no_business` before sign-up is complete, 429 above the limit of requests.
"""
PROBLEMS = {
    (status, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, description=text)
    for status, text in {
        400: "A field is wrong; `errors` names it.",
        401: "The key is missing, mistyped, revoked or expired.",
        404: "The workspace is of the other tier.",
        409: "Sign-up is not complete: there is no business yet.",
        429: "Too many requests; `limit` says which limit.",
    }.items()
}
EXAMPLE = {
    "date": "2026-11-22",
    "days": 30,
    "insights": [
        {
            "occasion": "christmas",
            "name": "Christmas",
            "kind": "festive",
            "scope": "national",
            "date": "2026-12-25",
            "ends_on": "2026-12-25",
            "certain": True,
            "date_note": "",
            "days_left": 33,
            "days_to_prepare": 7,
            "prepare_by": "2026-12-18",
            "weight": 3,
            "grade": "A",
            "offers_allowed": True,
            "reason": "Christmas is one of the main days of the year for a bakery in Pune.",
            "action": "Fix your list of specials, take one good photo, and plan the post.",
        }
    ],
    "not_enough": [
        {
            "subject": "festival_effect",
            "needs": "How much a festival brings you: your daily sales around two past festivals.",
        }
    ],
}


class LocalInsightsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Input(serializers.Serializer):
        date = serializers.DateField(required=False, help_text="First day; today in India.")
        days = serializers.IntegerField(
            required=False, default=30, min_value=1, max_value=MOST_DAYS, help_text="1 to 90."
        )
        language = serializers.ChoiceField(
            required=False, choices=LANGUAGES, help_text="Of the sentences."
        )

        class Meta:
            ref_name = "LocalInsightsInput"

    class Output(serializers.Serializer):
        class Insight(serializers.Serializer):
            occasion = serializers.CharField()
            name = serializers.CharField()
            names = serializers.DictField(child=serializers.CharField())
            kind = serializers.CharField()
            scope = serializers.CharField()
            date = serializers.DateField()
            ends_on = serializers.DateField()
            certain = serializers.BooleanField()
            date_note = serializers.CharField(allow_blank=True)
            days_left = serializers.IntegerField()
            days_to_prepare = serializers.IntegerField()
            prepare_by = serializers.DateField()
            weight = serializers.IntegerField()
            grade = serializers.CharField()
            offers_allowed = serializers.BooleanField()
            reason = serializers.CharField()
            action = serializers.CharField()

            class Meta:
                ref_name = "LocalOccasionInsight"

        class Missing(serializers.Serializer):
            subject = serializers.CharField()
            needs = serializers.CharField()

            class Meta:
                ref_name = "LocalInsightMissing"

        date = serializers.DateField()
        days = serializers.IntegerField()
        insights = Insight(many=True)
        not_enough = Missing(many=True)

        class Meta:
            ref_name = "LocalInsightsOutput"

    @extend_schema(
        operation_id="local_intelligence",
        summary="The days ahead that matter",
        description=DESCRIPTION,
        request=Input,
        responses={200: Output, **PROBLEMS},
        examples=[
            OpenApiExample("The next fortnight", value={"days": 14}, request_only=True),
            OpenApiExample("An answer", value=EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        answer = LocalIntelligenceEngine().get_local_insights(
            LocalInsightsRequest(
                business=facts_of(business_of(request._request.tenant)),
                date=given.get("date") or clock.today(),
                days=given["days"],
                language=given.get("language") or interface_language(),
            )
        )
        return Response(self.Output(answer).data)


def interface_language() -> str:
    return shown_language(get_language())
