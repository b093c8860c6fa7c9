"""Asking for the best weekly budget, and reading the answers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.optimization_engine import selectors
from enterprise.optimization_engine.api.fits import PAGE
from enterprise.optimization_engine.api.shapes import AllocationOutput, page_asked, page_of
from enterprise.optimization_engine.engine.budget import MOST_PAISE
from enterprise.optimization_engine.engine.contracts import Bound
from enterprise.optimization_engine.front_door import BudgetRequest, OptimizationEngine
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

DESCRIPTION = """The weekly budget with the highest expected outcome inside your limits, from the
newest fit (or `run_id`). All amounts are integer paise a week. Without totals the budget is today's
(mean of the last 13 weeks); with one of `total_low_paise` and `total_high_paise`, exactly that;
with both, anything between. A channel without a bound may move by 30 % within what was ever spent
on it; `is_fixed` keeps it as it is. Limits above the highest week seen are refused unless
`may_extrapolate`. `after_paise` sums exactly to `total_after_paise`. `gain` is outcome a week with
a 90 % interval, once carry-over has settled; `binding` says what stopped it.

```
curl -X POST "$WORKSPACE_URL/api/enterprise/optimization/allocate" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"total_low_paise": 84000000,
       "bounds": [{"channel": "google_ads", "low_paise": 30000000, "high_paise": 60000000}]}'
```

Errors: 400 `budget_invalid`, whose `field` names the place; 404 `run_not_found`; 409 `no_fit_yet`
before the first fit.
"""
SPLIT: dict[str, Any] = {"mean": 1.2e6, "low": 0.9e6, "high": 1.6e6}
EXAMPLE: dict[str, Any] = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e11",
    "run_id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "name": "",
    "created_at": "2026-11-22T09:31:00+05:30",
    "run_hash": "9a1b…",
    "as_of": "2026-11-01",
    "outcome": "Revenue",
    "unit": "INR",
    "total_before_paise": 84_000_000,
    "total_after_paise": 84_000_000,
    "changes": [
        {
            "channel": "google_ads", "before_paise": 42_000_000, "after_paise": 54_600_000,
            "low_paise": 29_400_000, "high_paise": 54_600_000, "outcome_before": SPLIT,
            "outcome_after": {"mean": 1.5e6, "low": 1.1e6, "high": 1.9e6},
            "marginal_before": {"mean": 2.3, "low": 1.4, "high": 3.2},
            "marginal_after": {"mean": 2.0, "low": 1.2, "high": 2.9},
            "binds": "high", "is_extrapolated": False,
        }
    ],
    "gain": {"mean": 1.1e5, "low": 2.0e4, "high": 2.1e5},
    "gain_percent": {"mean": 5.8, "low": 1.1, "high": 10.9},
    "chance": 0.97,
    "is_unchanged": False,
    "binding": ["Google Ads is at its upper limit of ₹5.46 lakh a week."],
    "limits": ["It comes from past ups and downs, not from an experiment."],
}  # fmt: skip


class BoundInput(serializers.Serializer):
    channel = serializers.CharField(max_length=200)
    low_paise = serializers.IntegerField(required=False, min_value=0, max_value=MOST_PAISE)
    high_paise = serializers.IntegerField(required=False, min_value=0, max_value=MOST_PAISE)
    is_fixed = serializers.BooleanField(default=False)

    class Meta:
        ref_name = "EnterpriseBudgetBound"

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["is_fixed"] and not {"low_paise", "high_paise"} <= given.keys():
            raise serializers.ValidationError("Give low_paise and high_paise, or is_fixed.")
        return given


class AllocateView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "enterprise"

    class Input(serializers.Serializer):
        run_id = serializers.UUIDField(required=False)
        total_low_paise = serializers.IntegerField(
            required=False, min_value=0, max_value=MOST_PAISE
        )
        total_high_paise = serializers.IntegerField(
            required=False, min_value=0, max_value=MOST_PAISE
        )
        bounds = BoundInput(many=True, required=False, max_length=20)
        may_extrapolate = serializers.BooleanField(default=False)

        class Meta:
            ref_name = "EnterpriseBudgetInput"

    @extend_schema(
        operation_id="enterprise_optimization_allocate",
        summary="The best weekly budget within your limits",
        description=DESCRIPTION,
        request=Input,
        responses={200: AllocationOutput},
        examples=[
            OpenApiExample(
                "Exactly ₹8.4 lakh a week", value={"total_low_paise": 84_000_000}, request_only=True
            ),
            OpenApiExample("A budget", value=EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        sent = self.parse(self.Input, request)
        plain = request._request
        asked = BudgetRequest(
            total_low_paise=sent.get("total_low_paise"),
            total_high_paise=sent.get("total_high_paise"),
            bounds=tuple(
                Bound(
                    one["channel"],
                    one.get("low_paise", 0),
                    one.get("high_paise", 0),
                    one["is_fixed"],
                )
                for one in sent.get("bounds", ())
            ),
            may_extrapolate=sent["may_extrapolate"],
            run_id=sent.get("run_id"),
            actor_id=plain.user.pk if plain.user.is_authenticated else None,
        )
        stored = OptimizationEngine().allocate(asked, now=clock.now())
        return Response(AllocationOutput(stored).data)


class AllocationsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    class Output(serializers.Serializer):
        allocations = AllocationOutput(many=True)
        next_cursor = serializers.CharField(allow_null=True)

        class Meta:
            ref_name = "EnterpriseBudgets"

    @extend_schema(
        operation_id="enterprise_optimization_allocations",
        summary="Budgets that were proposed, newest first",
        description='```\ncurl "$WORKSPACE_URL/api/enterprise/optimization/allocations" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        parameters=PAGE,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One", value={"allocations": [EXAMPLE], "next_cursor": None}, response_only=True
            )
        ],
    )
    def get(self, request: Request) -> Response:
        limit, before = page_asked(request)
        shown, cursor = page_of(selectors.allocations_page(limit + 1, before), limit)
        return Response(self.Output({"allocations": shown, "next_cursor": cursor}).data)


class AllocationView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"

    @extend_schema(
        operation_id="enterprise_optimization_allocation",
        summary="One budget that was proposed",
        description='```\ncurl "$WORKSPACE_URL/api/enterprise/optimization/allocations/$BUDGET" '
        '\\\n  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: AllocationOutput},
        examples=[OpenApiExample("A budget", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, allocation_id: UUID) -> Response:
        return Response(AllocationOutput(selectors.allocation_of(allocation_id)).data)
