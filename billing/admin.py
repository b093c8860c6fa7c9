"""Money in the staff admin. Ledgers are read here and never edited."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Checkout, Payment, Plan, PlanVersion, StaffTerms, Subscription
from billing.services import staff_terms_accept
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at; services write them."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PlanVersionInline(TabularInline):
    """A new price is a new version; a version once saved stays as it is."""

    model = PlanVersion
    extra = 0
    fields = ("number", "monthly_paise", "annual_paise", "effective_from")

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


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = (
        "tenant",
        "tier",
        "state",
        "interval",
        "price",
        "gateway",
        "trial_ends_at",
        "current_period_end",
    )
    list_filter = ("state", "interval", "gateway", "plan_version__plan__tier")
    search_fields = ("tenant__name", "tenant__slug", "gateway_subscription_id")
    list_select_related = ("tenant", "plan_version__plan")

    @admin.display(ordering="plan_version__plan__tier")
    def tier(self, row: Subscription) -> str:
        return row.plan_version.plan.get_tier_display()

    @admin.display(description="price before GST")
    def price(self, row: Subscription) -> str:
        version = row.plan_version
        paise = version.annual_paise if row.interval == "year" else version.monthly_paise
        return Rupees(paise).format()


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "state", "interval", "amount", "gateway", "remote_id", "created_at")
    list_filter = ("state", "interval", "gateway", "created_at")
    search_fields = ("id", "tenant__name", "tenant__slug", "remote_id")
    list_select_related = ("tenant",)

    @admin.display(ordering="amount_paise", description="amount with GST")
    def amount(self, row: Checkout) -> str:
        return Rupees(row.amount_paise).format()


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "amount", "gateway", "remote_id", "needs_refund", "paid_at")
    list_filter = ("needs_refund", "gateway", "paid_at")
    search_fields = ("tenant__name", "tenant__slug", "remote_id")
    list_select_related = ("tenant",)

    @admin.display(ordering="amount_paise", description="amount with GST")
    def amount(self, row: Payment) -> str:
        return Rupees(row.amount_paise).format()


class StaffTermsForm(forms.ModelForm):
    class Meta:
        model = StaffTerms
        fields = ("tenant", "reason", "until")

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= clock.now():
            raise forms.ValidationError(gettext("The end must lie in the future."))
        return until


@admin.register(StaffTerms)
class StaffTermsAdmin(ReadOnlyAdmin):
    """Adding a row accepts terms: who did it is taken from the session and logged."""

    form = StaffTermsForm
    raw_id_fields = ("tenant",)
    list_display = ("tenant", "until", "reason", "actor_id", "accepted_at")
    list_filter = ("until", "accepted_at")
    search_fields = ("tenant__name", "tenant__slug", "reason")
    list_select_related = ("tenant",)

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
