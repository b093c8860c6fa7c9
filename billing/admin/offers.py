"""Coupons, agreed prices, and who brought whom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from billing.admin.base import AddingAdmin, OnceForm, PercentField, ReadOnlyAdmin, RupeesField
from billing.admin.coupon_file import coupons_bring_in, coupons_example
from billing.models import Coupon, CouponUse, CustomPrice, Referral
from billing.services.prices import custom_price_set
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees


class CouponForm(forms.ModelForm):
    percent_basis_points = PercentField("Share of the price, in %", required=False)
    amount_paise = RupeesField("Or an amount before GST, in ₹", required=False)

    class Meta:
        model = Coupon
        fields = (
            "code",
            "tier",
            "percent_basis_points",
            "amount_paise",
            "duration",
            "months",
            "valid_from",
            "valid_until",
            "most_uses",
            "is_on",
        )

    def clean_percent_basis_points(self) -> int:
        return self.cleaned_data["percent_basis_points"] or 0

    def clean_amount_paise(self) -> int:
        return self.cleaned_data["amount_paise"] or 0

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        shares = [bool(data.get("percent_basis_points")), bool(data.get("amount_paise"))]
        if shares.count(True) != 1:
            raise forms.ValidationError("Either a share or an amount, not both.")
        if data.get("duration") == "repeating" and not data.get("months"):
            raise forms.ValidationError("For how many months?")
        return data


@admin.register(Coupon)
class CouponAdmin(ModelAdmin):
    """What a coupon takes off is fixed once it is used; it can be switched off at any time."""

    form = CouponForm
    list_display = ("code", "tier", "share", "amount", "duration", "months", "times", "is_on")
    list_filter = ("is_on", "tier", "duration")
    search_fields = ("code",)
    list_before_template = "admin/billing/_coupons_link.html"

    def get_urls(self) -> list[URLPattern]:
        see = self.admin_site.admin_view
        pages = (
            ("bring-in/", coupons_bring_in, "coupons_bring_in"),
            ("bring-in/example.csv", coupons_example, "coupons_example"),
        )
        own = [path(route, see(view), name=f"billing_{name}") for route, view, name in pages]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None or not obj.uses.exists():
            return ()
        return ("code", "tier", "percent_basis_points", "amount_paise", "duration", "months")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj is not None and obj.uses.exists():
            kwargs["form"] = forms.ModelForm
            kwargs["fields"] = ("valid_from", "valid_until", "most_uses", "is_on")
        return super().get_form(request, obj, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="share")
    def share(self, row: Coupon) -> str:
        return row.worth if row.percent_basis_points else "–"

    @admin.display(description="amount before GST")
    def amount(self, row: Coupon) -> str:
        return row.worth if row.amount_paise else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        return super().get_queryset(request).annotate(used=Count("uses"))

    @admin.display(description="uses", ordering="used")
    def times(self, row: Coupon) -> int:
        return row.used


class CustomPriceForm(OnceForm):
    monthly_paise = RupeesField("A month, before GST, in ₹")
    annual_paise = RupeesField("A year, before GST, in ₹")

    class Meta:
        model = CustomPrice
        fields = (
            "tenant",
            "monthly_paise",
            "annual_paise",
            "quotas",
            "effective_from",
            "effective_until",
            "reason",
        )

    def clean(self) -> dict[str, Any]:
        """The service's own checks, said beside the fields."""
        from billing.services.prices import price_check, quotas_check

        data = super().clean() or {}
        if self.errors:
            return data
        try:
            price_check(data["monthly_paise"], "monthly_paise")
            price_check(data["annual_paise"], "annual_paise")
            quotas_check(data["tenant"].tier, data.get("quotas") or {})
        except PlatformError as error:
            raise forms.ValidationError(error.english) from error
        until = data.get("effective_until")
        if until is not None and until <= data["effective_from"]:
            raise forms.ValidationError("The end must lie after the beginning.")
        return data


@admin.register(CustomPrice)
class CustomPriceAdmin(AddingAdmin):
    """Adding a row agrees a price: who did it is taken from the session and logged."""

    form = CustomPriceForm
    title_of_act = "Agree a price"
    text_of_act = (
        "This customer is offered this price in new checkouts and changes between the two days. "
        "What is agreed already stays as it is. An agreed price is never edited: add another one."
    )
    list_display = ("tenant", "monthly", "annual", "effective_from", "effective_until", "reason")
    search_fields = ("tenant__name", "tenant__slug", "reason")
    list_select_related = ("tenant",)
    tenant_path = "tenant"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_customprice")

    def save_model(self, request: HttpRequest, obj: CustomPrice, form: Any, change: bool) -> None:
        saved = custom_price_set(
            tenant=obj.tenant,
            monthly_paise=obj.monthly_paise,
            annual_paise=obj.annual_paise,
            quotas=obj.quotas,
            effective_from=obj.effective_from,
            effective_until=obj.effective_until,
            actor_id=request.user.pk,
            reason=obj.reason,
            now=clock.now(),
        )
        obj.__dict__.update(saved.__dict__)

    @admin.display(description="a month, before GST")
    def monthly(self, row: CustomPrice) -> str:
        return Rupees(row.monthly_paise).format()

    @admin.display(description="a year, before GST")
    def annual(self, row: CustomPrice) -> str:
        return Rupees(row.annual_paise).format()


@admin.register(CouponUse)
class CouponUseAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "coupon", "used_at", "months_left", "ended_at")
    list_filter = ("coupon",)
    list_select_related = ("tenant", "coupon")
    tenant_path = "tenant"


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "code", "created_at", "rewarded_at", "reward")
    list_select_related = ("tenant", "code")
    tenant_path = "tenant"

    @admin.display(description="reward with GST")
    def reward(self, row: Referral) -> str:
        return Rupees(row.reward_paise).format()
