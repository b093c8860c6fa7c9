"""Access that staff grant."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from billing.admin.base import AddingAdmin, OnceForm
from billing.models import StaffTerms
from billing.services import staff_terms_accept
from marketing_platform.core import clock


class StaffTermsForm(OnceForm):
    class Meta:
        model = StaffTerms
        fields = ("tenant", "reason", "until")

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= clock.now():
            raise forms.ValidationError(gettext("The end must lie in the future."))
        return until


@admin.register(StaffTerms)
class StaffTermsAdmin(AddingAdmin):
    """Adding a row accepts terms: who did it is taken from the session and logged."""

    form = StaffTermsForm
    title_of_act = "Accept terms"
    text_of_act = (
        "The workspace has full access until that moment and nothing is charged by this. A "
        "workspace that is not prepared yet is prepared now. Terms that are accepted stay."
    )
    list_display = ("tenant", "until", "reason", "person", "accepted_at")
    list_filter = ("until", "accepted_at")
    search_fields = ("tenant__name", "tenant__slug", "reason")
    list_select_related = ("tenant",)
    tenant_path = "tenant"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_staffterms")

    def save_model(self, request: HttpRequest, obj: StaffTerms, form: Any, change: bool) -> None:
        terms = staff_terms_accept(
            tenant=obj.tenant,
            actor_id=request.user.pk,
            reason=obj.reason,
            until=obj.until,
            now=clock.now(),
        )
        # The admin writes its log entry for this object once it is saved.
        obj.__dict__.update(terms.__dict__)
