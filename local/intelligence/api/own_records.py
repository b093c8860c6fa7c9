from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.business.selectors import business_of, facts_of
from local.intelligence.api.days_ahead import PROBLEMS, interface_language
from local.intelligence.front_door import BusinessInsightsRequest, LocalIntelligenceEngine
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.language import said_in
from marketing_platform.users.permissions import Permission

OWN_DESCRIPTION = """What the shop's own bills, customers, reviews and opening hours show: quiet
hours, who is due or slipping away, what reviews speak of, how far the next star is, holidays
without hours. Each with its grade, number of records, period, formula and action; `missing` says
what cannot be said yet and what it needs.

```
curl "$WORKSPACE_URL/api/local/insights" -H "Authorization: Bearer $API_KEY"
```
"""
OWN_EXAMPLE = {
    "as_of": "2026-11-22T22:40:00Z",
    "run_hash": "9f2c4d1e8a7b6c5d4e3f2a1b0c9d8e7f",
    "visits": 5214,
    "reviews": 41,
    "insights": [
        {
            "key": "due",
            "number": 6,
            "family": "customers",
            "grade": "A",
            "n": 212,
            "period": ["2024-11-25", "2026-11-22"],
            "value": 23,
            "low": None,
            "high": None,
            "unit": "customers",
            "formula": "due/1",
            "title": "23 customers are due for a visit",
            "sentence": "By their own rhythm they would come about now.",
            "how": "Days since the last visit against each customer's own median gap.",
            "action": {"kind": "remind", "label": "Remind those who agreed"},
            "skip": "Most will come anyway.",
            "chart": [{"label": "Due now", "value": 23, "shown": "23"}],
            "quotes": [],
        }
    ],
    "missing": [
        {
            "key": "reviews",
            "number": 11,
            "have": 4,
            "need": 15,
            "title": "What reviews say",
            "sentence": "This needs 15 reviews with words. So far: 4.",
        }
    ],
}


class BusinessInsightsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        class Insight(serializers.Serializer):
            class Bar(serializers.Serializer):
                label = serializers.CharField()
                value = serializers.FloatField()
                shown = serializers.CharField()

                class Meta:
                    ref_name = "LocalInsightBar"

            class Action(serializers.Serializer):
                kind = serializers.CharField()
                label = serializers.CharField()

                class Meta:
                    ref_name = "LocalInsightAction"

            key = serializers.CharField()
            number = serializers.IntegerField()
            family = serializers.CharField()
            grade = serializers.ChoiceField(choices=["A", "B", "C"])
            n = serializers.IntegerField(help_text="Records it rests on.")
            period = serializers.ListField(child=serializers.DateField())
            value = serializers.FloatField()
            low = serializers.FloatField(allow_null=True, help_text="90 % interval.")
            high = serializers.FloatField(allow_null=True)
            unit = serializers.CharField()
            formula = serializers.CharField()
            title = serializers.CharField()
            sentence = serializers.CharField()
            how = serializers.CharField()
            action = Action()
            skip = serializers.CharField()
            chart = Bar(many=True)
            quotes = serializers.ListField(child=serializers.CharField())

            class Meta:
                ref_name = "LocalOwnInsight"

        class Missing(serializers.Serializer):
            key = serializers.CharField()
            number = serializers.IntegerField()
            have = serializers.IntegerField()
            need = serializers.IntegerField()
            title = serializers.CharField()
            sentence = serializers.CharField()

            class Meta:
                ref_name = "LocalOwnInsightMissing"

        as_of = serializers.DateTimeField()
        run_hash = serializers.CharField()
        visits = serializers.IntegerField()
        reviews = serializers.IntegerField()
        insights = Insight(many=True)
        missing = Missing(many=True)

        class Meta:
            ref_name = "LocalOwnInsights"

    @extend_schema(
        operation_id="local_own_insights",
        summary="What the shop's own records show",
        description=OWN_DESCRIPTION,
        responses={200: Output, **{key: PROBLEMS[key] for key in PROBLEMS if key[0] != 400}},
        examples=[OpenApiExample("An answer", value=OWN_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        own = LocalIntelligenceEngine().get_business_insights(
            BusinessInsightsRequest(
                business=facts_of(business_of(request._request.tenant)),
                today=clock.today(),
                now=clock.now(),
            )
        )
        language = interface_language()
        answer = {
            "as_of": own.as_of,
            "run_hash": own.run_hash,
            "visits": own.visits,
            "reviews": own.reviews,
            "insights": [_insight_in(row, language) for row in own.insights],
            "missing": [{**row, **said_in(language, row["texts"])} for row in own.missing],
        }
        return Response(self.Output(answer).data)


def _insight_in(row: dict, language: str) -> dict:
    texts = said_in(language, row["texts"])
    return {
        **row,
        **{name: texts[name] for name in ("title", "sentence", "how", "skip")},
        "action": {"kind": row["action"]["kind"], "label": texts["action"]},
        "chart": [{**bar, "label": said_in(language, bar["label"])} for bar in row["chart"]],
    }
