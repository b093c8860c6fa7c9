"""GET /api/enterprise/insights and /api/enterprise/insights/<run_hash>."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.market_intelligence.api.outputs import (
    EvidenceOutput,
    FindingOutput,
    finding_json,
    refusal_json,
)
from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.market_intelligence.selectors import evidence_of
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.users.permissions import Permission

MOST = 100
DESCRIPTION = """The findings of the workspace's own figures, the most telling first: rupees over
thirteen weeks × how little the interval leaves open × how recent. Without those that somebody put
away.

`kind` is one of `trend`, `season`, `level_shift`, `anomaly` (of dated series), `conversion`,
`velocity`, `bottleneck` (of deals), `segment`, `forecast`. `value` with `low` and `high` is in
`unit`: `INR` rupees, `share` 0 to 1, `ratio`, `days`, or the figure's own words; `high` is null
where the figures give the interval no upper end. `effect` is what
it means in paise over thirteen weeks, with its interval and how it was computed; null where nobody
can price it. `is_clear` is false where the interval allows nothing to be said. `not_enough` says
what could not be answered and what it needs. `is_computing` is true while segments and forecasts of
new figures are still being computed: ask again.

```
curl "$PUBLIC_URL/api/enterprise/insights?kind=forecast&limit=20" \\
  -H "Authorization: Bearer $API_KEY"
```

Errors: 400 for an unknown kind or a limit beyond 100; 401 without a valid key; 404 for a workspace
of the other tier; 429 above the limit of requests.
"""
FINDING_EXAMPLE: dict[str, Any] = {
    "key": "level_shift|Meta Ads · cost per lead|2026-05-18",
    "kind": "level_shift",
    "metric": "Meta Ads · cost per lead",
    "unit": "INR",
    "title": "Meta Ads · cost per lead: level shift",
    "sentence": "Meta Ads · cost per lead moved up by about ₹171 in the week of 18 May 2026 and "
    "stayed there (95 in 100: ₹153 to ₹189).",
    "value": 171.2,
    "low": 153.1,
    "high": 189.4,
    "level": 0.95,
    "n": 104,
    "first_on": "2024-11-18",
    "last_on": "2026-11-09",
    "happened_on": "2026-05-18",
    "grade": "A",
    "is_clear": True,
    "effect": {
        "paise": 101_000_000,
        "low_paise": 90_300_000,
        "high_paise": 112_000_000,
        "sentence": "At the present 452 leads per period that is about ₹10,10,000 over thirteen "
        "weeks (₹9,03,000 to ₹11,20,000).",
    },
    "context": ["Only this figure moved; 5 others did not. A change in how it is counted looks "
                "like this too."],
    "action": "Find out what changed that week. Until you know, put no more money there.",
    "limits": "Why it changed. Look at what you changed that week: a landing page, tracking, an "
    "offer, a bid. If tracking broke, the figures moved and your business did not.",
    "method": "PELT (L2) on the whitened, season-free series, confirmed in a regression",
    "run_hash": "5f1d7c1f0f2a4c66a3b1b6cf4a1a7a8e0c5b0e7f9d3c2b1a0f9e8d7c6b5a4938",
    "as_of": "2026-11-16",
}  # fmt: skip
LIST_EXAMPLE = {
    "findings": [FINDING_EXAMPLE],
    "not_enough": [
        {
            "about": "Deals",
            "needs": "At least 60 deals with the day they were created; you have 0.",
        }
    ],
    "as_of": "2026-11-16",
    "is_sample": False,
    "is_computing": False,
    "next_cursor": None,
}
EVIDENCE_EXAMPLE = {
    "run_hash": FINDING_EXAMPLE["run_hash"],
    "analysed": "series",
    "engine_version": "2026.11.4",
    "rows_hash": "0a3c9e2f5b7d4c1e8f6a9b0c3d2e1f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e",
    "rows_used": 728,
    "parameters": {},
    "as_of": "2026-11-16",
    "findings": [FINDING_EXAMPLE],
    "not_enough": [],
    "facts": {},
}


class InsightsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    class Input(serializers.Serializer):
        kind = serializers.ChoiceField(required=False, choices=[str(kind) for kind in Kind])
        is_clear = serializers.BooleanField(required=False, allow_null=True, default=None)
        limit = serializers.IntegerField(
            required=False, default=50, min_value=1, max_value=MOST, help_text="1 to 100."
        )
        cursor = serializers.IntegerField(
            required=False, default=0, min_value=0, max_value=100_000,
            help_text="`next_cursor` of the answer before.",
        )  # fmt: skip

        class Meta:
            ref_name = "EnterpriseInsightsInput"

    class Output(serializers.Serializer):
        class Missing(serializers.Serializer):
            about = serializers.CharField()
            needs = serializers.CharField()

            class Meta:
                ref_name = "EnterpriseInsightMissing"

        findings = FindingOutput(many=True)
        not_enough = Missing(many=True)
        as_of = serializers.DateField(allow_null=True)
        is_sample = serializers.BooleanField()
        is_computing = serializers.BooleanField()
        next_cursor = serializers.IntegerField(allow_null=True)

        class Meta:
            ref_name = "EnterpriseInsightsOutput"

    @extend_schema(
        operation_id="enterprise_insights",
        summary="Findings of your figures",
        description=DESCRIPTION,
        parameters=[
            OpenApiParameter("kind", str, enum=[str(kind) for kind in Kind]),
            OpenApiParameter("is_clear", bool),
            OpenApiParameter("limit", int, description="1 to 100; 50 if left out."),
            OpenApiParameter("cursor", int, description="`next_cursor` of the answer before."),
        ],
        responses={200: Output},
        examples=[OpenApiExample("An answer", value=LIST_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        given = self.Input(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        plain = request._request
        actor_id = plain.user.pk if plain.user.is_authenticated else None
        result = IntelligenceEngine().get_feed(actor_id=actor_id)
        wanted = [
            each
            for each in result.findings
            if (not asked.get("kind") or each.kind == asked["kind"])
            and asked["is_clear"] in {None, each.is_clear}
        ]
        end = asked["cursor"] + asked["limit"]
        body = {
            "findings": [finding_json(each) for each in wanted[asked["cursor"] : end]],
            "not_enough": [refusal_json(each) for each in result.refusals],
            "as_of": result.as_of,
            "is_sample": result.is_sample and result.as_of is not None,
            "is_computing": result.job is not None and result.job.is_open,
            "next_cursor": end if end < len(wanted) else None,
        }
        return Response(self.Output(body).data)


class EvidenceView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    @extend_schema(
        operation_id="enterprise_evidence",
        summary="What stands behind a run hash",
        description="The rows (their number and SHA-256), parameters, engine version and findings "
        "of one run, with the tables that its findings rest on in `facts`. 404 `run_missing` for a "
        "hash that is not kept: runs stay for the last 100 states of the figures.\n\n```\n"
        'curl "$PUBLIC_URL/api/enterprise/insights/$RUN_HASH" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: EvidenceOutput},
        examples=[OpenApiExample("An answer", value=EVIDENCE_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, run_hash: str) -> Response:
        found = evidence_of(run_hash)
        body = {
            "run_hash": found.run_hash,
            "analysed": found.analysed,
            "engine_version": found.engine_version,
            "rows_hash": found.rows_hash,
            "rows_used": found.rows_used,
            "parameters": found.parameters,
            "as_of": found.as_of,
            "findings": [finding_json(each) for each in found.findings],
            "not_enough": [refusal_json(each) for each in found.refusals],
            "facts": found.facts,
        }
        return Response(EvidenceOutput(body).data)
