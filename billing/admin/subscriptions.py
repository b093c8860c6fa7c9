"""Agreements to pay, and the changes on their way."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from billing.admin.base import ActingAdmin, ReadOnlyAdmin, ReasonForm
from billing.admin.figures import event_apply_again, figures_csv, figures_page
from billing.models import STATES, DunningStep, PlanChange, Subscription
from billing.services.asking import cancel_ask
from billing.services.staff_acts import event_again, event_words, reconcile_now, trial_extend
from billing.staff_selectors import failed_events_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.inbox.models import InboundEvent


class TrialForm(ReasonForm):
    days = forms.IntegerField(label="Days more", min_value=1, max_value=60)


class CancelForm(ReasonForm):
    when = forms.ChoiceField(
        label="When", choices=[("end", "At the end of the paid period"), ("now", "Now")]
    )


@admin.register(Subscription)
class SubscriptionAdmin(ActingAdmin):
    list_display = (
        "tenant",
        "tier",
        "state",
        "interval",
        "price",
        "way",
        "mandate",
        "trial_ends_at",
        "current_period_end",
    )
    list_filter = ("state", "interval", "gateway", "mandate", "plan_version__plan__tier")
    search_fields = ("tenant__name", "tenant__slug", "gateway_subscription_id")
    list_select_related = ("tenant", "plan_version__plan")
    tenant_path = "tenant"
    actions = ("extend_trial", "cancel", "apply_again", "reconcile_now")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("figures/", view(figures_page), name="billing_figures"),
            path("figures/<slug:table>.csv", view(figures_csv), name="billing_figures_csv"),
            path(
                "figures/events/<int:event_id>/again/",
                view(event_apply_again),
                name="billing_event_again",
            ),
            *super().get_urls(),
        ]

    @admin.display(ordering="plan_version__plan__tier")
    def tier(self, row: Subscription) -> str:
        return row.plan_version.plan.get_tier_display()

    @admin.display(description="price before GST")
    def price(self, row: Subscription) -> str:
        version = row.plan_version
        paise = version.annual_paise if row.interval == "year" else version.monthly_paise
        return Rupees(paise if row.agreed_paise is None else row.agreed_paise).format()

    @admin.action(permissions=["act"], description="Extend the trial")
    def extend_trial(
        self, request: HttpRequest, rows: QuerySet[Subscription]
    ) -> HttpResponse | None:
        def do(row: Subscription, data: dict[str, Any], by: dict[str, Any]) -> str:
            facts = {"days": data["days"], "reason": data["reason"]}
            changed = trial_extend(subscription=row, **facts, **by)
            return f"the trial runs until {changed.trial_ends_at:%d-%m-%Y}"

        return self.act(
            request,
            rows,
            action="extend_trial",
            title="Extend the trial",
            text="The days are added to the present end of the trial. Nothing is charged for them.",
            form_class=TrialForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Cancel")
    def cancel(self, request: HttpRequest, rows: QuerySet[Subscription]) -> HttpResponse | None:
        def do(row: Subscription, data: dict[str, Any], by: dict[str, Any]) -> str:
            is_later = data["when"] == "end"
            changed = cancel_ask(subscription=row, at_period_end=is_later, **by)
            if changed.cancel_at_period_end:
                return f"{changed.get_state_display()}; it ends with the paid period"
            return f"{changed.get_state_display()}"

        return self.act(
            request,
            rows,
            action="cancel",
            title="Cancel",
            text="The gateway is asked to end it. What is paid can be used up; refund it apart.",
            form_class=CancelForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Apply its failed events again")
    def apply_again(
        self, request: HttpRequest, rows: QuerySet[Subscription]
    ) -> HttpResponse | None:
        def do(row: Subscription, data: dict[str, Any], by: dict[str, Any]) -> str:
            done = [_again(event, data["reason"], by) for event in failed_events_of(row)]
            return " ".join(done) or "No event of it failed, so nothing was applied."

        return self.act(
            request,
            rows,
            action="apply_again",
            title="Apply its failed events again",
            text="Each is read once more, the oldest first. What was applied before is not applied"
            " twice.",
            form_class=ReasonForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Compare with the gateway now")
    def reconcile_now(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        def do(row: Subscription, _data: dict[str, Any], by: dict[str, Any]) -> str:
            state = reconcile_now(subscription=row, now=by["now"])
            return f"the gateway says: {dict(STATES).get(state, state)}"

        self.act_plainly(request, rows, "reconcile_now", do)


def _again(event: InboundEvent, reason: str, by: dict[str, Any]) -> str:
    """One that is refused does not stop the next."""
    try:
        return (
            f"{event.event_id}: {event_words(event_again(event_id=event.pk, reason=reason, **by))}"
        )
    except PlatformError as error:
        return f"{event.event_id}: refused. {sentence_of(error)}"


@admin.register(PlanChange)
class PlanChangeAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "state", "interval", "due", "effective_at", "settled_at")
    list_filter = ("state", "interval")
    search_fields = ("tenant__name", "tenant__slug")
    list_select_related = ("tenant",)
    tenant_path = "tenant"

    @admin.display(description="charged with GST")
    def due(self, row: PlanChange) -> str:
        return Rupees(row.due_with_tax_paise).format()


@admin.register(DunningStep)
class DunningStepAdmin(ReadOnlyAdmin):
    """What was said and done about late money."""

    list_display = ("tenant", "said", "subscription", "document", "language", "sent_to", "done_at")
    list_filter = ("step", "done_at")
    search_fields = ("tenant__name", "tenant__slug", "document__number")
    list_select_related = ("tenant", "subscription", "document")
    tenant_path = "tenant"

    @admin.display(description="step", ordering="step")
    def said(self, row: DunningStep) -> str:
        return row.step.replace("_", " ").capitalize()
