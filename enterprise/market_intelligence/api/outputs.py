"""A finding as the API writes it."""

from typing import Any

from rest_framework import serializers

from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.evidence import Analysed, Finding, Grade, Refusal
from enterprise.market_intelligence.templatetags.insight_charts import said, series_name


class EffectOutput(serializers.Serializer):
    paise = serializers.IntegerField()
    low_paise = serializers.IntegerField()
    high_paise = serializers.IntegerField()
    sentence = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseFindingEffect"


class FindingOutput(serializers.Serializer):
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind])
    metric = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    sentence = serializers.CharField()
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True)
    level = serializers.FloatField()
    n = serializers.IntegerField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    happened_on = serializers.DateField()
    grade = serializers.ChoiceField(choices=[str(grade) for grade in Grade])
    is_clear = serializers.BooleanField()
    effect = EffectOutput(allow_null=True)
    context = serializers.ListField(child=serializers.CharField())
    action = serializers.CharField()
    limits = serializers.CharField()
    method = serializers.CharField()
    run_hash = serializers.CharField()
    as_of = serializers.DateField()

    class Meta:
        ref_name = "EnterpriseFinding"


class MissingOutput(serializers.Serializer):
    about = serializers.CharField()
    needs = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseEvidenceMissing"


class EvidenceOutput(serializers.Serializer):
    run_hash = serializers.CharField()
    analysed = serializers.ChoiceField(choices=[str(each) for each in Analysed])
    engine_version = serializers.CharField(allow_blank=True)
    rows_hash = serializers.CharField(allow_blank=True)
    rows_used = serializers.IntegerField()
    parameters = serializers.JSONField()
    as_of = serializers.DateField(allow_null=True)
    findings = FindingOutput(many=True)
    not_enough = MissingOutput(many=True)
    facts = serializers.JSONField()

    class Meta:
        ref_name = "EnterpriseEvidence"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Sentences in the language of the request."""
    effect = finding.effect
    same = (
        "key", "kind", "unit", "value", "low", "high", "level", "n", "first_on", "last_on",
        "happened_on", "grade", "is_clear", "method", "run_hash", "as_of",
    )  # fmt: skip
    return {
        **{name: getattr(finding, name) for name in same},
        "high": None if finding.is_open_ended else finding.high,
        "metric": series_name(finding.metric),
        "title": said(finding.heading),
        "sentence": said(finding.wording),
        "context": [said(each) for each in finding.context],
        "action": said(finding.action),
        "limits": said(finding.limits),
        "effect": effect
        and {
            "paise": effect.paise,
            "low_paise": effect.low_paise,
            "high_paise": effect.high_paise,
            "sentence": said(effect.wording),
        },
    }


def refusal_json(refusal: Refusal) -> dict[str, str]:
    return {"about": series_name(refusal.about), "needs": said(refusal.wording)}
