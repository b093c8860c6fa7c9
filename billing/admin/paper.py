"""Who pays, and buying on paper: payers, quotes, certificates of deducted tax, vendor files."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline

from billing.admin.base import (
    ActingAdmin,
    ReadOnlyAdmin,
    ReasonForm,
    customer_links,
    paise_of,
    rupees_field,
)
from billing.admin.shown import EMPTY, link_list, state_words
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    Quote,
    VendorFile,
)
from billing.models.accounts import PAYS_BY
from billing.selectors.accounts import workspaces_of
from billing.selectors.ledger import balance_of
from billing.services.accounts import account_link, account_terms
from billing.services.quotes import quote_confirm
from billing.services.staff_acts import account_adjust
from billing.services.transfers import transfer_add
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.models import Tenant

LARGEST_FILE = 5 * 1024 * 1024
# What a browser may be told that it is; anything else is not taken.
FILE_STARTS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
}


class RegistrationInline(TabularInline):
    model = GstRegistration
    extra = 0
    can_delete = False
    hide_title = True
    fields = readonly_fields = ("gstin", "legal_name", "pincode", "is_default", "removed_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WorkspaceInline(TabularInline):
    model = AccountWorkspace
    extra = 0
    can_delete = False
    hide_title = True
    fields = readonly_fields = ("tenant", "registration", "po_number", "cost_centre")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TermsForm(ReasonForm):
    pays_by = forms.ChoiceField(label="Pays by", choices=PAYS_BY)
    net_days = forms.IntegerField(label="Days an invoice may stay open", min_value=0, max_value=45)
    virtual_account = forms.CharField(label="Virtual account", max_length=40, required=False)


class ArrivedForm(ReasonForm):
    utr = forms.CharField(label="UTR, as the bank writes it", max_length=60)
    amount = rupees_field("Amount that arrived, in ₹")
    received_on = forms.DateField(label="Day of arrival (YYYY-MM-DD)")
    payer_name = forms.CharField(
        label="Sender (empty: this payer's name)", max_length=200, required=False
    )
    virtual_account = forms.CharField(
        label="Virtual account (empty: this payer's)", max_length=40, required=False
    )
    reference = forms.CharField(label="Reference of the sender", max_length=200, required=False)


class ConfirmForm(ReasonForm):
    net_days = forms.IntegerField(label="Days an invoice may stay open", min_value=0, max_value=45)


class JoinForm(ReasonForm):
    slug = forms.SlugField(label="Web address of the workspace that this payer takes over")

    def clean_slug(self) -> Tenant:
        found = Tenant.objects.exclude(tier="public").filter(slug=self.cleaned_data["slug"]).first()
        if found is None:
            raise forms.ValidationError("There is no such workspace.")
        return found


class AdjustForm(ReasonForm):
    """`workspaces`: those that the payer pays for, as (id, words)."""

    workspace = forms.ChoiceField(label="Workspace")
    side = forms.ChoiceField(
        label="Which way",
        choices=[
            ("credit", "In the customer's favour: it owes less"),
            ("debit", "Against the customer: it owes more"),
        ],
    )
    amount = rupees_field("Amount, in ₹")

    def __init__(self, *args: Any, workspaces: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["workspace"].choices = workspaces


def adjusted(_row: BillingAccount, data: dict[str, Any], by: dict[str, Any]) -> str:
    tenant = Tenant.objects.get(pk=data["workspace"])
    paise = paise_of(data["amount"]) * (1 if data["side"] == "debit" else -1)
    account_adjust(
        tenant=tenant, amount_paise=paise, act_id=data["act_id"], reason=data["reason"], **by
    )
    return f"{tenant.name}: {balance_words(balance_of(tenant))}"


def balance_words(paise: int) -> str:
    amount = Rupees(abs(paise)).format()
    if not paise:
        return "nothing is owed"
    return f"the customer owes {amount}" if paise > 0 else f"we owe the customer {amount}"


@admin.register(BillingAccount)
class BillingAccountAdmin(ActingAdmin):
    """Who pays and on which terms. Staff set the terms; the rest is the owner's."""

    list_display = ("__str__", "pays_by", "net_days", "po", "tds", "state", "virtual_account")
    list_filter = ("pays_by", "po_required", "state_code")
    search_fields = (
        "legal_name",
        "registrations__gstin",
        "workspaces__tenant__slug",
        "workspaces__tenant__name",
        "virtual_account",
    )
    tenant_path = "workspaces__tenant"
    inlines = (RegistrationInline, WorkspaceInline)
    actions = ("terms", "join", "arrived", "adjust")

    @admin.display(description="purchase order", ordering="po_required")
    def po(self, row: BillingAccount) -> str:
        return "Needed" if row.po_required else EMPTY

    @admin.display(description="TDS", ordering="tds_section")
    def tds(self, row: BillingAccount) -> str:
        rate = f"{row.tds_basis_points / 100:g} %"
        return f"{row.tds_section}, {rate}" if row.tds_basis_points else EMPTY

    @admin.display(description="State", ordering="state_code")
    def state(self, row: BillingAccount) -> str:
        return state_words(row.state_code)

    def links(self, row: BillingAccount) -> list[Any]:
        found: list[Any] = [
            link_list("billing_incomingtransfer", f"account__id__exact={row.pk}", "Transfers"),
            link_list("billing_tdscertificate", f"account__id__exact={row.pk}", "TDS certificates"),
        ]
        for tenant in workspaces_of(row):
            found += customer_links(tenant)
        return found

    @admin.action(permissions=["act"], description="Set the terms of payment")
    def terms(self, request: HttpRequest, rows: QuerySet[BillingAccount]) -> HttpResponse | None:
        def do(row: BillingAccount, data: dict[str, Any], by: dict[str, Any]) -> str:
            tenants = workspaces_of(row)
            if not tenants:
                return "this payer has no workspace"
            names = ("pays_by", "net_days", "virtual_account", "reason")
            account_terms(tenant=tenants[0], **{name: data[name] for name in names}, **by)
            return f"{data['pays_by']}, net {data['net_days']}"

        return self.act(
            request,
            rows,
            action="terms",
            title="Terms of payment",
            text="Invoices that are out keep their due date. An empty virtual account clears it.",
            form_class=TermsForm,
            do=do,
        )

    def act_facts(self, row: BillingAccount) -> list[tuple[str, Any]]:
        owed = [(each.name, balance_words(balance_of(each))) for each in workspaces_of(row)]
        return [*super().act_facts(row), *owed]

    @admin.action(permissions=["act"], description="Adjust what a workspace owes")
    def adjust(self, request: HttpRequest, rows: QuerySet[BillingAccount]) -> HttpResponse | None:
        found = list(rows[:2])
        workspaces = workspaces_of(found[0]) if len(found) == 1 else []
        if not workspaces:
            messages.error(request, "Choose one payer that pays for a workspace.")
            return None
        return self.act(
            request,
            rows,
            action="adjust",
            title="Adjust what a workspace owes",
            text="An entry in the books, in favour of the customer or against it, and no more: no "
            "money moves, no invoice changes and GST stays as declared. For a mistake on an "
            "invoice make a credit note instead.",
            form_class=partial(
                AdjustForm, workspaces=[(str(each.pk), str(each)) for each in workspaces]
            ),
            do=adjusted,
        )

    @admin.action(permissions=["act"], description="Let it pay for another workspace")
    def join(self, request: HttpRequest, rows: QuerySet[BillingAccount]) -> HttpResponse | None:
        def do(row: BillingAccount, data: dict[str, Any], by: dict[str, Any]) -> str:
            account_link(tenant=data["slug"], account=row, reason=data["reason"], **by)
            return f"pays for {data['slug'].slug}"

        return self.act(
            request,
            rows,
            action="join",
            title="Pay for another workspace",
            text="From the next invoice on this payer is billed for it. Invoices that are out stay "
            "with the payer they name.",
            form_class=JoinForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Enter a transfer that arrived")
    def arrived(self, request: HttpRequest, rows: QuerySet[BillingAccount]) -> HttpResponse | None:
        def do(row: BillingAccount, data: dict[str, Any], by: dict[str, Any]) -> str:
            transfer = transfer_add(
                utr=data["utr"],
                amount_paise=paise_of(data["amount"]),
                received_on=data["received_on"],
                payer_name=data["payer_name"] or row.legal_name,
                virtual_account=data["virtual_account"] or row.virtual_account or "",
                reference=data["reference"],
                **by,
            )
            said = f"UTR {transfer.utr}: {transfer.get_state_display()}"
            return f"{said}. {transfer.remark}" if transfer.remark else said

        if rows.count() != 1:
            messages.error(request, "Choose one payer.")
            return None
        return self.act(
            request,
            rows,
            action="arrived",
            title="A transfer that arrived",
            text="It is matched to open invoices, or waits in the queue with the reason.",
            form_class=ArrivedForm,
            do=do,
        )


@admin.register(AccountWorkspace)
class AccountWorkspaceAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "account", "registration", "po_number", "cost_centre")
    search_fields = ("tenant__name", "tenant__slug", "account__legal_name", "po_number")
    list_select_related = ("tenant", "account", "registration")
    tenant_path = "tenant"


@admin.register(Quote)
class QuoteAdmin(ActingAdmin):
    list_display = ("number", "tenant", "account", "state", "total", "valid_until", "po_number")
    list_filter = ("state", "valid_until")
    search_fields = ("number", "tenant__name", "tenant__slug", "account__legal_name")
    list_select_related = ("tenant", "account")
    tenant_path = "tenant"
    actions = ("confirm",)

    @admin.action(permissions=["act"], description="Confirm the order")
    def confirm(self, request: HttpRequest, rows: QuerySet[Quote]) -> HttpResponse | None:
        def do(row: Quote, data: dict[str, Any], by: dict[str, Any]) -> str:
            document = quote_confirm(
                quote=row, net_days=data["net_days"], reason=data["reason"], **by
            )
            return f"invoice {document.number}, due {document.due_on}"

        return self.act(
            request,
            rows,
            action="confirm",
            title="Confirm the order",
            text="Access begins now, and the invoice of the first period goes to the payer.",
            form_class=ConfirmForm,
            do=do,
        )

    @admin.display(ordering="total_paise", description="total with GST")
    def total(self, row: Quote) -> str:
        return Rupees(row.total_paise).format()


class VendorFileForm(forms.ModelForm):
    file = forms.FileField(label="File (PDF, PNG or JPEG, at most 5 MB)", required=False)

    class Meta:
        model = VendorFile
        fields = ("title", "is_shown")

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file is None:
            if self.instance.pk is None:
                raise forms.ValidationError("Choose a file.")
            return None
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("At most 5 MB.")
        content = file.read()
        if not any(content.startswith(start) for start in FILE_STARTS):
            raise forms.ValidationError("A PDF, a PNG or a JPEG.")
        file.kept = content
        return file


@admin.register(VendorFile)
class VendorFileAdmin(ModelAdmin):
    """What customers' vendor desks ask for. What a file is, its content says, not its name."""

    form = VendorFileForm
    list_display = ("title", "file_name", "is_shown", "uploaded_at")
    list_filter = ("is_shown",)
    search_fields = ("title", "file_name")

    def save_model(self, request: HttpRequest, obj: VendorFile, form: Any, change: bool) -> None:
        file = form.cleaned_data.get("file")
        if file is not None:
            start = next(each for each in FILE_STARTS if file.kept.startswith(each))
            obj.content_type = FILE_STARTS[start][1]
            obj.file_name, obj.content = file.name[:200], file.kept
        obj.actor_id, obj.uploaded_at = request.user.pk, clock.now()
        super().save_model(request, obj, form, change)
