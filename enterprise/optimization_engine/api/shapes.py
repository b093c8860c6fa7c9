"""How fits and budgets are written: amounts in integer paise, outcomes in their own unit."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request

from enterprise.optimization_engine.engine.contracts import Said
from enterprise.optimization_engine.templatetags.budget_charts import said
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _

MOST_ON_A_PAGE = 50


class SaidField(serializers.Field):
    """A sentence of the engine in the caller's language."""

    def to_representation(self, value: Said) -> str:
        return said(value)


class IntervalOutput(serializers.Serializer):
    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()

    class Meta:
        ref_name = "EnterpriseInterval"


class NoticeOutput(serializers.Serializer):
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["refuse", "warn", "note"])
    channel = serializers.CharField(allow_blank=True)
    sentence = serializers.SerializerMethodField()
    fix = serializers.SerializerMethodField()

    class Meta:
        ref_name = "EnterpriseFitNotice"

    def get_sentence(self, check: Any) -> str:
        return said(check.said)

    def get_fix(self, check: Any) -> str:
        return said(check.fix) if check.fix else ""


class ChannelOutput(serializers.Serializer):
    channel = serializers.CharField()
    spend_paise = serializers.IntegerField()
    spend_share = serializers.FloatField()
    today_paise = serializers.IntegerField(help_text="Mean of the last 13 weeks.")
    contribution = IntervalOutput()
    share = IntervalOutput()
    roas = IntervalOutput(help_text="Outcome for each rupee spent.")
    marginal_roas = IntervalOutput(help_text="Outcome for the next rupee a week.")
    carry_over = IntervalOutput()
    is_identified = serializers.BooleanField()

    class Meta:
        ref_name = "EnterpriseFitChannel"


class CurveOutput(serializers.Serializer):
    channel = serializers.CharField()
    spend_paise = serializers.ListField(child=serializers.IntegerField())
    mean = serializers.ListField(child=serializers.FloatField())
    low = serializers.ListField(child=serializers.FloatField())
    high = serializers.ListField(child=serializers.FloatField())
    today_paise = serializers.IntegerField()
    observed_high_paise = serializers.IntegerField()

    class Meta:
        ref_name = "EnterpriseResponseCurve"


class QualityOutput(serializers.Serializer):
    r_squared = serializers.FloatField()
    mape = serializers.FloatField()
    autocorrelation = serializers.FloatField()
    coverage = serializers.FloatField()

    class Meta:
        ref_name = "EnterpriseFitQuality"


class DiagnosticsOutput(serializers.Serializer):
    method = serializers.CharField()
    pareto_k = serializers.FloatField()
    ess = serializers.FloatField()
    r_hat = serializers.FloatField(allow_null=True)
    draws = serializers.IntegerField()
    cpu_seconds = serializers.FloatField()
    is_reliable = serializers.BooleanField()

    class Meta:
        ref_name = "EnterpriseFitDiagnostics"


class RunLineOutput(serializers.Serializer):
    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    is_sample = serializers.BooleanField()
    run_hash = serializers.CharField(source="result.run_hash")
    outcome = serializers.CharField(source="result.outcome_name")
    unit = serializers.CharField(source="result.outcome_unit")
    first_on = serializers.DateField(source="result.first_on")
    last_on = serializers.DateField(source="result.last_on")
    weeks = serializers.IntegerField(source="result.weeks")
    as_of = serializers.DateField(source="result.as_of")

    class Meta:
        ref_name = "EnterpriseFitLine"


class RunOutput(RunLineOutput):
    outcome_total = serializers.FloatField(source="result.outcome_total")
    baseline = IntervalOutput(source="result.baseline")
    media = IntervalOutput(source="result.media")
    channels = ChannelOutput(many=True, source="result.channels")
    curves = CurveOutput(many=True, source="result.curves")
    quality = QualityOutput(source="result.quality")
    diagnostics = DiagnosticsOutput(source="result.diagnostics")
    notices = NoticeOutput(many=True, source="result.warnings")
    left_out = serializers.ListField(child=serializers.CharField(), source="result.left_out")
    limits = serializers.SerializerMethodField()

    class Meta:
        ref_name = "EnterpriseFit"

    def get_limits(self, run: Any) -> str:
        return gettext(CORRELATIONAL)


class ChangeOutput(serializers.Serializer):
    channel = serializers.CharField()
    before_paise = serializers.IntegerField()
    after_paise = serializers.IntegerField()
    low_paise = serializers.IntegerField()
    high_paise = serializers.IntegerField()
    outcome_before = IntervalOutput()
    outcome_after = IntervalOutput()
    marginal_before = IntervalOutput()
    marginal_after = IntervalOutput()
    binds = serializers.ChoiceField(choices=["", "low", "high", "fixed"])
    is_extrapolated = serializers.BooleanField()

    class Meta:
        ref_name = "EnterpriseBudgetChange"


class AllocationOutput(serializers.Serializer):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    run_hash = serializers.CharField(source="allocation.run_hash")
    as_of = serializers.DateField(source="allocation.as_of")
    outcome = serializers.CharField(source="allocation.outcome_name")
    unit = serializers.CharField(source="allocation.outcome_unit")
    total_before_paise = serializers.IntegerField(source="allocation.total_before_paise")
    total_after_paise = serializers.IntegerField(source="allocation.total_after_paise")
    changes = ChangeOutput(many=True, source="allocation.changes")
    gain = IntervalOutput(source="allocation.gain", help_text="Outcome a week.")
    gain_percent = IntervalOutput(source="allocation.gain_percent")
    chance = serializers.FloatField(source="allocation.chance")
    is_unchanged = serializers.BooleanField(source="allocation.is_unchanged")
    binding = serializers.ListField(child=SaidField(), source="allocation.binding")
    limits = serializers.ListField(child=SaidField(), source="allocation.limits")

    class Meta:
        ref_name = "EnterpriseBudget"


CORRELATIONAL = _(
    "This comes from past ups and downs, not from an experiment. What moved together with a "
    "channel's spend and is not in the figures is counted as its effect."
)


def page_asked(request: Request) -> tuple[int, datetime | None]:
    """``limit`` (1–50, default 20) and ``cursor``, the next_cursor of the page before."""
    raw = request.query_params.get("limit", "20")
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MOST_ON_A_PAGE:
        raise InvalidInput(_("Give a number from 1 to 50."), field="limit")
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return int(raw), None
    try:
        before = parse_datetime(cursor.replace(" ", "+"))
    except ValueError:
        before = None
    if before is None or before.tzinfo is None:
        raise InvalidInput(_("This is not a cursor of ours."), field="cursor")
    return int(raw), before


def page_of(found: list[Any], limit: int) -> tuple[list[Any], str | None]:
    """``found`` holds one more than the limit when there is a next page."""
    shown = found[:limit]
    return shown, shown[-1].created_at.isoformat() if len(found) > limit else None
