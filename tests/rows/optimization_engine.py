"""Fits, proposals and offers in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

RUN = Row(Kind.ROW, {"run_id": "@uuid_row"})
BUDGET = Row(Kind.ROW, {"allocation_id": "@uuid_row"})
ENTERPRISE = {
    "budget/": OWN,
    "budget/fit/": OWN,
    "budget/fit/offers/add/": Row(
        Kind.OWN, form={"name": "Sale", "first_on": "2026-10-01", "last_on": "2026-10-05"}
    ),
    "budget/fit/offers/<int:promotion_id>/remove/": Row(Kind.ROW, {"promotion_id": "@row"}),
    "budget/runs/<uuid:run_id>/": RUN,
    "budget/runs/<uuid:run_id>/optimise/": RUN,
    "budget/proposals/<uuid:allocation_id>/": BUDGET,
    "budget/proposals/<uuid:allocation_id>/name/": Row(
        Kind.ROW, {"allocation_id": "@uuid_row"}, form={"name": "Kept"}
    ),
    "budget/proposals/<uuid:allocation_id>/forget/": BUDGET,
    "budget/scenarios/": OWN,
    "api/enterprise/optimization/fit": OWN,
    "api/enterprise/optimization/runs": OWN,
    "api/enterprise/optimization/runs/<uuid:run_id>": RUN,
    "api/enterprise/optimization/allocate": OWN,
    "api/enterprise/optimization/allocations": OWN,
    "api/enterprise/optimization/allocations/<uuid:allocation_id>": BUDGET,
}
APP = "enterprise_optimization_engine"
NOON = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
INTERVAL = {"mean": 1.0, "low": 0.5, "high": 1.5}


def fit_json(channel: str) -> dict[str, Any]:
    """A fit of one channel, as it is stored."""
    weekly = {name: [5.0] for name in ("actual", "fitted", "low", "high", "baseline", "media")}
    return {
        "run_hash": "r", "engine_version": "1", "rows_hash": "", "as_of": "2026-11-01",
        "first_on": "2026-10-26", "last_on": "2026-10-26", "weeks": 1, "outcome_name": "Revenue",
        "outcome_unit": "INR", "outcome_total": 5.0, "channels": [{
            "channel": channel, "spend_paise": 100, "spend_share": 1.0, "today_paise": 100,
            "contribution": INTERVAL, "share": INTERVAL, "roas": INTERVAL,
            "marginal_roas": INTERVAL, "carry_over": INTERVAL, "is_identified": True}],
        "curves": [{
            "channel": channel, "spend_paise": [0, 100], "mean": [0.0, 1.0], "low": [0.0, 0.5],
            "high": [0.0, 1.5], "today_paise": 100, "today": INTERVAL, "observed_high_paise": 100}],
        "baseline": INTERVAL, "baseline_share": INTERVAL, "media": INTERVAL,
        "quality": {"r_squared": 0.9, "mape": 0.1, "autocorrelation": 0.0, "coverage": 0.9},
        "diagnostics": {
            "method": "importance sampling", "pareto_k": 0.5, "ess": 100.0, "r_hat": None,
            "cells": [], "draws": 1, "cpu_seconds": 0.1, "is_reliable": True},
        "weekly": {"weeks": ["2026-10-26"], **weekly}, "warnings": [], "left_out": [],
    }  # fmt: skip


def draws_json(channel: str) -> dict[str, Any]:
    one = [[1.0]]
    return {
        "channels": [channel], "scale_rupees": [1.0], "is_hill": [False],
        "beta": one, "shape": one, "slope": one,
    }  # fmt: skip


def allocation_json(channel: str) -> dict[str, Any]:
    sides = ("outcome_before", "outcome_after", "marginal_before", "marginal_after")
    change = {
        "channel": channel, "before_paise": 100, "after_paise": 100, "low_paise": 70,
        "high_paise": 130, "binds": "", "is_extrapolated": False,
    }  # fmt: skip
    return {
        "run_hash": "a", "fit_run_hash": "r", "outcome_name": "Revenue", "outcome_unit": "INR",
        "as_of": "2026-11-01", "total_before_paise": 100, "total_after_paise": 100,
        "changes": [change | dict.fromkeys(sides, INTERVAL)], "gain": INTERVAL,
        "gain_percent": INTERVAL, "chance": 0.9, "is_unchanged": False, "binding": [], "limits": [],
    }  # fmt: skip


def request_json() -> dict[str, Any]:
    return {"total_low_paise": 1, "total_high_paise": 1, "bounds": [], "may_extrapolate": False}


OVERRIDES = {
    f"{APP}.OptimizationRun": lambda key, letter: {
        "run_hash": f"CANARY-{letter}-{key}",
        "result": fit_json(f"CANARY-{letter}-{key}"),
        "draws": draws_json(f"CANARY-{letter}-{key}"),
    },
    f"{APP}.AllocationRun": lambda key, letter: {
        "run_hash": f"CANARY-{letter}-{key}",
        "name": f"CANARY-{letter}-{key}",
        "request": request_json(),
        "result": allocation_json(f"CANARY-{letter}-{key}"),
    },
    f"{APP}.Promotion": lambda key, letter: {
        "name": f"CANARY-{letter}-{key}",
        "first_on": date(2026, 10, 1),
        "last_on": date(2026, 10, 5),
    },
}


def fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.optimization_engine import models

    run = models.OptimizationRun.objects.create(
        run_hash="r", outcome_name=name, result=fit_json(name), draws=draws_json(name),
        created_at=NOON,
    )  # fmt: skip
    models.AllocationRun.objects.create(
        run=run, run_hash="a", name=f"Plan of {name}", request=request_json(),
        result=allocation_json(name), created_at=NOON,
    )  # fmt: skip
    models.Promotion.objects.create(
        name=f"=Sale of {name}", first_on=date(2026, 10, 1), last_on=date(2026, 10, 5),
        created_at=NOON,
    )  # fmt: skip
