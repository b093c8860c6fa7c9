"""What the pages of the staff admin share: rows that services change, and a form before an act."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Facts that staff may look at, and that only services change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def ask(
        self, request: HttpRequest, rows: QuerySet[Any], form: forms.Form, action: str, title: str
    ) -> HttpResponse:
        """The form of an act, over the rows that it applies to."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "applies_to": [str(row) for row in rows],
            "action": action,
            "selected": request.POST.getlist("_selected_action"),
        }
        return render(request, "admin/act_form.html", context)


def tables_open_to(request: HttpRequest) -> set[str]:
    """The lists that this person may open, such as billing_payment."""
    return {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model, pages in admin.site._registry.items()
        if pages.has_view_permission(request)
    }
