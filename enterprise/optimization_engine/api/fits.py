"""Starting a fit, and reading fits."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.optimization_engine import selectors
from enterprise.optimization_engine.api.shapes import (
    RunLineOutput,
    RunOutput,
    page_asked,
    page_of,
)
from enterprise.optimization_engine.front_door import FitRequest, OptimizationEngine
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

FIT_DESCRIPTION = """Fits the budget model to the weekly spend and one outcome that are imported:
what each channel brought, with 90 % intervals. It takes some seconds, so the answer is a job: ask
`/api/jobs/{job_id}` until `state` is `done`; its `result.run_id` names the fit. When exactly these
figures were fitted before, `run_id` is answered at once and `job_id` is null.

`outcome` is the code of an outcome with a value a week, such as `crm:won_revenue`, `crm:leads` or
the name of an imported figure. Without it, the first that can be fitted.

```
curl -X POST "$WORKSPACE_URL/api/enterprise/optimization/fit" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"outcome": "crm:won_revenue"}'
```

Errors: 400 `mix_invalid` when the figures cannot carry a model (its sentence says what is missing),
401 without a valid key, 404 for an unknown outcome or a workspace of the other tier, 403
`quota_reached` when the plan's fits of the day or month are used up.
"""
PAGE = [
    OpenApiParameter("limit", int, description="1 to 50, 20 by default."),
    OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
]
INTERVAL: dict[str, Any] = {"mean": 3.1, "low": 2.2, "high": 4.1}
LINE_EXAMPLE: dict[str, Any] = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "created_at": "2026-11-22T09:30:00+05:30",
    "is_sample": False,
    "run_hash": "5f0c…",
    "outcome": "Revenue",
    "unit": "INR",
    "first_on": "2023-11-06",
    "last_on": "2026-10-26",
    "weeks": 156,
    "as_of": "2026-11-01",
}
RUN_EXAMPLE: dict[str, Any] = {
    **LINE_EXAMPLE,
    "outcome_total": 912_400_000.0,
    "baseline": {"mean": 655e6, "low": 610e6, "high": 702e6},
    "media": {"mean": 257e6, "low": 210e6, "high": 303e6},
    "channels": [
        {
            "channel": "google_ads", "spend_paise": 6_540_000_000, "spend_share": 0.41,
            "today_paise": 42_000_000, "contribution": {"mean": 203e6, "low": 144e6, "high": 268e6},
            "share": {"mean": 0.22, "low": 0.16, "high": 0.29}, "roas": INTERVAL,
            "marginal_roas": {"mean": 1.9, "low": 1.1, "high": 2.8},
            "carry_over": {"mean": 0.31, "low": 0.12, "high": 0.5}, "is_identified": True,
        }
    ],
    "curves": [
        {
            "channel": "google_ads", "spend_paise": [0, 42_000_000], "mean": [0, 1.3e6],
            "low": [0, 0.9e6], "high": [0, 1.7e6], "today_paise": 42_000_000,
            "observed_high_paise": 66_000_000,
        }
    ],
    "quality": {"r_squared": 0.92, "mape": 0.03, "autocorrelation": 0.1, "coverage": 0.91},
    "diagnostics": {
        "method": "importance sampling", "pareto_k": 0.52, "ess": 840.0, "r_hat": None,
        "draws": 2000, "cpu_seconds": 4.2, "is_reliable": True,
    },
    "notices": [],
    "left_out": [],
    "limits": "This comes from past ups and downs, not from an experiment. What moved together "
    "with a channel's spend and is not in the figures is counted as its effect.",
}  # fmt: skip


class FitView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "enterprise"

    class Input(serializers.Serializer):
        outcome = serializers.CharField(max_length=160, required=False)

        class Meta:
            ref_name = "EnterpriseFitInput"

    class Output(serializers.Serializer):
        job_id = serializers.UUIDField(allow_null=True)
        run_id = serializers.UUIDField(allow_null=True)

        class Meta:
            ref_name = "EnterpriseFitStarted"

    @extend_schema(
        operation_id="enterprise_optimization_fit",
        summary="Fit the budget model",
        description=FIT_DESCRIPTION,
        request=Input,
        responses={202: Output},
        examples=[
            OpenApiExample("Revenue won", value={"outcome": "crm:won_revenue"}, request_only=True),
            OpenApiExample(
                "A job",
                value={"job_id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10", "run_id": None},
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = self.parse(self.Input, request)
        plain = request._request
        outcome = sent.get("outcome") or next((one.code for one in selectors.outcomes()), "")
        asked = FitRequest(outcome, plain.user.pk if plain.user.is_authenticated else None)
        started = OptimizationEngine().fit(asked, now=clock.now())
        answer = {
            "job_id": started.job.pk if started.job else None,
            "run_id": started.run.id if started.run else None,
        }
        return Response(self.Output(answer).data, status=202)


class RunsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    class Output(serializers.Serializer):
        runs = RunLineOutput(many=True)
        next_cursor = serializers.CharField(allow_null=True)

        class Meta:
            ref_name = "EnterpriseFits"

    @extend_schema(
        operation_id="enterprise_optimization_runs",
        summary="Fits, newest first",
        description='```\ncurl "$WORKSPACE_URL/api/enterprise/optimization/runs?limit=5" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        parameters=PAGE,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One fit", value={"runs": [LINE_EXAMPLE], "next_cursor": None}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        limit, before = page_asked(request)
        shown, cursor = page_of(selectors.runs_page(limit + 1, before), limit)
        return Response(self.Output({"runs": shown, "next_cursor": cursor}).data)


class RunView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    @extend_schema(
        operation_id="enterprise_optimization_run",
        summary="One fit: contributions, returns, curves, diagnostics",
        description="Intervals are 90 % credible intervals. `roas` is outcome for each rupee "
        "spent; `pareto_k` up to 0.7 and `r_hat` up to 1.05 are good; `method` says what actually "
        'ran.\n\n```\ncurl "$WORKSPACE_URL/api/enterprise/optimization/runs/$RUN" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: RunOutput},
        examples=[OpenApiExample("A fit", value=RUN_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(RunOutput(selectors.run_of(run_id)).data)
