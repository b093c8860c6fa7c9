"""Plans and their prices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Plan, PlanVersion
from billing.services.plans import plan_version_add, plan_version_check
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput

TOLD = ("monthly_paise", "annual_paise", "effective_from", "quotas", "sac")


def _facts(version: PlanVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in TOLD}


class VersionForm(forms.ModelForm):
    """What the service would refuse is said at its field."""

    class Meta:
        model = PlanVersion
        fields = TOLD

    def clean_quotas(self) -> dict[str, Any]:
        quotas = self.cleaned_data.get("quotas") or {}
        if not isinstance(quotas, dict):
            raise forms.ValidationError('Limits by name, such as {"people": 3}.')
        return quotas

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and self.has_changed():
            facts = {name: data[name] for name in TOLD}
            try:
                plan_version_check(tier=self.instance.plan.tier, now=clock.now(), **facts)
            except InvalidInput as error:
                field = error.field if error.field in TOLD else None
                self.add_error(field, sentence_of(error))
        return data


class PlanVersionInline(TabularInline):
    """A new price is a new version; a version once saved stays as it is."""

    model = PlanVersion
    form = VersionForm
    extra = 0
    fields = ("number", *TOLD)
    readonly_fields = ("number",)

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
