"""POST /api/enterprise/intelligence."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.market_intelligence.engine.reading import series_from_json
from enterprise.market_intelligence.front_door import IntelligenceEngine, IntelligenceRequest
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.users.permissions import Permission

DESCRIPTION = """Trend, season, level shifts and unusual values of one or more dated series, each
with an interval, the number of points and the method; or what is missing to say something honest.

A series has a `name`, a `unit` (`INR` is written as ₹), a `grain` (`day`, `week` or `month`) and
`points` as `[date, number]` in any order: one date a day, week (always the same weekday) or month.
At most 50 series of 5,000 points. Up to a fifth of the dates may be missing; `method` then says how
many were filled in. The same request gives the same answer.

`value` is in the series' unit: of a `trend` the change a period, of a `season` the highest month or
weekday against the average, of a `level_shift` the size of the step, of an `anomaly` the value seen
(then `low` and `high` are what was expected). `level` is the interval's coverage. Insights come
most telling first. None of this says why something changed.

```
curl -sS -X POST "$PUBLIC_URL/api/enterprise/intelligence" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"series": [{"name": "Leads", "unit": "leads", "grain": "week", "points": [
    ["2026-08-03", 118], ["2026-08-10", 121], ["2026-08-17", 117], ["2026-08-24", 125],
    ["2026-08-31", 124], ["2026-09-07", 130], ["2026-09-14", 128], ["2026-09-21", 133],
    ["2026-09-28", 131], ["2026-10-05", 137], ["2026-10-12", 139], ["2026-10-19", 140]]}]}'
```

Errors: 400 `series_invalid`, whose `field` names the place (`series[0].points[3]`), for a wrong
type, a date that is not YYYY-MM-DD or given twice, a number that is not finite or beyond 10^15, too
many series or points; 401 without a valid key; 404 for a workspace of the other tier; 429 above the
limit of requests.
"""
EXAMPLE_POINTS = [
    ["2026-08-03", 118], ["2026-08-10", 121], ["2026-08-17", 117], ["2026-08-24", 125],
    ["2026-08-31", 124], ["2026-09-07", 130], ["2026-09-14", 128], ["2026-09-21", 133],
    ["2026-09-28", 131], ["2026-10-05", 137], ["2026-10-12", 139], ["2026-10-19", 140],
]  # fmt: skip
REQUEST_EXAMPLE = {
    "series": [{"name": "Leads", "unit": "leads", "grain": "week", "points": EXAMPLE_POINTS}]
}
ANSWER_EXAMPLE: dict[str, Any] = {
    "insights": [
        {
            "series": "Leads",
            "kind": "trend",
            "value": 2.104,
            "low": 1.708,
            "high": 2.5,
            "level": 0.95,
            "n": 12,
            "method": "regression on trend, season and level shifts with AR(1) errors; "
            "the interval averages over the autocorrelation",
            "sentence": "Leads rises by about 2.1 leads a week (95 in 100: 1.71 to 2.5 leads).",
        }
    ],
    "not_enough": [
        {
            "series": "Leads",
            "needs": "For level shifts and unusual values: at least 26 weeks; you gave 12.",
        },
        {
            "series": "Leads",
            "needs": "For the pattern within a year: two full years (104 weeks); you gave 12.",
        },
    ],
}


class SeriesInput(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    unit = serializers.CharField(max_length=20, required=False)
    grain = serializers.ChoiceField(choices=["day", "week", "month"])
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField(), min_length=2, max_length=2),
        max_length=5000,
        help_text="[date, number] pairs.",
    )

    class Meta:
        ref_name = "EnterpriseSeriesInput"


@extend_schema_field(SeriesInput(many=True))
class SeriesField(serializers.JSONField):
    """Checked by the engine itself, which names the place of what is wrong."""


class InsightOutput(serializers.Serializer):
    series = serializers.CharField()
    kind = serializers.ChoiceField(choices=["trend", "season", "level_shift", "anomaly"])
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    level = serializers.FloatField()
    n = serializers.IntegerField()
    method = serializers.CharField()
    sentence = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseInsight"


class NotEnoughOutput(serializers.Serializer):
    series = serializers.CharField()
    needs = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseNotEnough"


class IntelligenceView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    class Input(serializers.Serializer):
        series = SeriesField(help_text="1 to 50 series.")

        class Meta:
            ref_name = "EnterpriseIntelligenceInput"

    class Output(serializers.Serializer):
        insights = InsightOutput(many=True)
        not_enough = NotEnoughOutput(many=True)

        class Meta:
            ref_name = "EnterpriseIntelligenceOutput"

    @extend_schema(
        operation_id="enterprise_intelligence",
        summary="What changed in your figures",
        description=DESCRIPTION,
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample("Twelve weeks of leads", value=REQUEST_EXAMPLE, request_only=True),
            OpenApiExample("An answer", value=ANSWER_EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = self.parse(self.Input, request)
        plain = request._request
        result = IntelligenceEngine().get_intelligence_insights(
            IntelligenceRequest(
                series=series_from_json(sent["series"]),
                actor_id=plain.user.pk if plain.user.is_authenticated else None,
            )
        )
        return Response(self.Output(result).data)
