"""Plans and their prices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.admin.base import RupeesField
from billing.models import Plan, PlanVersion
from billing.services.plans import plan_version_add, plan_version_check
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.money import Rupees

TYPED = ("effective_from", "quotas", "sac")
TOLD = ("monthly_paise", "annual_paise", *TYPED)
# Typed in rupees under names of their own, so that a saved version is shown in rupees too.
NAMES = {"monthly_paise": "monthly", "annual_paise": "annual"}


def _facts(version: PlanVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in TOLD}


class VersionForm(forms.ModelForm):
    """What the service would refuse is said at its field."""

    monthly = RupeesField("A month, before GST, in ₹")
    annual = RupeesField("A year, before GST, in ₹")

    class Meta:
        model = PlanVersion
        fields = TYPED

    def clean_quotas(self) -> dict[str, Any]:
        quotas = self.cleaned_data.get("quotas") or {}
        if not isinstance(quotas, dict):
            raise forms.ValidationError('Limits by name, such as {"people": 3}.')
        return quotas

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and self.has_changed():
            facts = {name: data[NAMES.get(name, name)] for name in TOLD}
            for name in NAMES:
                setattr(self.instance, name, facts[name])
            try:
                plan_version_check(tier=self.instance.plan.tier, now=clock.now(), **facts)
            except InvalidInput as error:
                field = NAMES.get(error.field or "", error.field)
                self.add_error(field if field in self.fields else None, sentence_of(error))
        return data


class PlanVersionInline(TabularInline):
    """A new price is a new version; a version once saved stays as it is."""

    model = PlanVersion
    form = VersionForm
    extra = 0
    fields = ("number", *NAMES.values(), *TYPED)
    readonly_fields = ("number",)

    @admin.display(description="a month, before GST")
    def monthly(self, row: PlanVersion) -> str:
        return Rupees(row.monthly_paise).format()

    @admin.display(description="a year, before GST")
    def annual(self, row: PlanVersion) -> str:
        return Rupees(row.annual_paise).format()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    list_display = ("tier",)
    readonly_fields = ("tier",)
    inlines = (PlanVersionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The number is the service's, under its lock."""
        for version in formset.save(commit=False):
            # Begun while the form was sent: from now on, then.
            now = min(clock.now(), version.effective_from)
            added = plan_version_add(tier=version.plan.tier, now=now, **_facts(version))
            version.pk, version.number = added.pk, added.number
