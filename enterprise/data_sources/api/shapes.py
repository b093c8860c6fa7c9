"""What the API takes and answers."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from enterprise.data_sources.engine.json_rows import MOST_SENT

LARGEST_RATE = Decimal(100_000)


class AnyRow(serializers.JSONField):
    """Checked by the engine, which names the row and field of what is wrong."""


class RowsInput(serializers.Serializer):
    rows = serializers.ListField(
        child=AnyRow(), max_length=MOST_SENT, help_text="1 to 5,000 objects."
    )
    source = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="Its name in Data."
    )
    grain = serializers.ChoiceField(
        choices=["day", "week", "month"],
        required=False,
        help_text="What one row stands for; else the dates say.",
    )
    rates = serializers.DictField(
        child=serializers.DecimalField(
            max_digits=12, decimal_places=4, min_value=Decimal("0.0001"), max_value=LARGEST_RATE
        ),
        required=False,
        default=dict,
        help_text="Rupees for one unit of a foreign currency, by its code.",
    )
    good_rows_only = serializers.BooleanField(
        required=False, default=False, help_text="Store the good rows although others are bad."
    )

    class Meta:
        ref_name = "EnterpriseRowsInput"

    def validate_rates(self, given: dict[str, Any]) -> dict[str, Any]:
        if any(not (len(code) == 3 and code.isascii() and code.isupper()) for code in given):
            raise serializers.ValidationError("Name a currency by its code, such as USD.")
        return given


class RowProblem(serializers.Serializer):
    row = serializers.IntegerField(help_text="Counted from 0.")
    field = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    problem = serializers.CharField()
    fix = serializers.CharField()

    class Meta:
        ref_name = "EnterpriseRowProblem"


class RowsOutput(serializers.Serializer):
    import_id = serializers.IntegerField(allow_null=True)
    repeated = serializers.BooleanField(help_text="The same rows were stored before.")
    imported = serializers.IntegerField()
    replaced = serializers.IntegerField()
    refused = serializers.IntegerField()
    errors = RowProblem(many=True, help_text="The first 100.")

    class Meta:
        ref_name = "EnterpriseRowsOutput"


class Source(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    is_sample = serializers.BooleanField()
    imports = serializers.IntegerField()
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    last_imported_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "EnterpriseDataSource"


class SourcesOutput(serializers.Serializer):
    sources = Source(many=True)

    class Meta:
        ref_name = "EnterpriseDataSources"


class Import(serializers.Serializer):
    id = serializers.IntegerField()
    source = serializers.CharField(source="source.name")
    kind = serializers.CharField(source="source.kind")
    file_name = serializers.CharField()
    from_api = serializers.BooleanField(source="is_from_api")
    grain = serializers.CharField(allow_blank=True)
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    rows_imported = serializers.IntegerField()
    rows_replaced = serializers.IntegerField()
    rows_left_out = serializers.IntegerField()
    rates = serializers.SerializerMethodField()
    imported_at = serializers.DateTimeField()

    class Meta:
        ref_name = "EnterpriseImport"

    def get_rates(self, batch: Any) -> dict[str, str]:
        rates: dict[str, str] = batch.mapping.get("rates", {})
        return rates


class ImportsOutput(serializers.Serializer):
    imports = Import(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="Send it as ?before=.")

    class Meta:
        ref_name = "EnterpriseImports"


class QualityColumn(serializers.Serializer):
    name = serializers.CharField()
    filled = serializers.IntegerField()
    total = serializers.IntegerField()

    class Meta:
        ref_name = "EnterpriseQualityColumn"


class QualityTable(serializers.Serializer):
    name = serializers.CharField()
    rows = serializers.IntegerField()
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    weeks = serializers.IntegerField()
    weeks_with_rows = serializers.IntegerField()
    columns = QualityColumn(many=True)

    class Meta:
        ref_name = "EnterpriseQualityTable"


class QualityIssue(serializers.Serializer):
    key = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["high", "medium", "low"])
    table = serializers.CharField()
    column = serializers.CharField()
    rows = serializers.IntegerField(source="n")
    example = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    fix = serializers.CharField()
    can_be_fixed_here = serializers.BooleanField()

    class Meta:
        ref_name = "EnterpriseQualityIssue"


class QualityGrade(serializers.Serializer):
    engine = serializers.ChoiceField(
        choices=["insights", "forecast", "budget", "funnel", "segments"]
    )
    state = serializers.ChoiceField(choices=["ready", "limited", "not_yet"])
    reasons = serializers.ListField(child=serializers.CharField())

    class Meta:
        ref_name = "EnterpriseQualityGrade"


class QualityOutput(serializers.Serializer):
    date = serializers.DateField()
    rows_hash = serializers.CharField(help_text="SHA-256 of the rows that were judged.")
    grades = QualityGrade(many=True)
    issues = QualityIssue(many=True)
    tables = QualityTable(many=True)

    class Meta:
        ref_name = "EnterpriseQualityReport"
