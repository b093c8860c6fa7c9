"""The owner's small API: what the billing page says, the documents, and paying one."""

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.selectors import subscription_current
from billing.selectors.owner import charged_paise, documents_page
from billing.services.pay_links import invoice_pay_start
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.permissions import Permission

KEY = '" \\\n  -H "Authorization: Bearer $API_KEY"'


class BillingSummaryOutput(serializers.Serializer):
    access = serializers.ChoiceField(choices=["full", "read_only", "none"])
    access_until = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField(help_text="A payment is open.")
    state = serializers.CharField(help_text="Of the newest subscription; empty without one.")
    interval = serializers.CharField()
    charged_paise = serializers.IntegerField(
        allow_null=True, help_text="One interval as agreed, with GST."
    )
    period_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()
    mandate = serializers.CharField()

    class Meta:
        ref_name = "BillingSummary"


class InvoiceOutput(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["invoice", "credit_note"])
    number = serializers.CharField()
    issued_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)
    total_paise = serializers.IntegerField()
    open_paise = serializers.IntegerField()
    original_number = serializers.CharField(allow_blank=True)
    pdf = serializers.SerializerMethodField(help_text="Its page for people who are signed in.")

    class Meta:
        ref_name = "BillingDocument"

    def get_pdf(self, row: object) -> str:
        return reverse("billing_document", args=[row.id])  # type: ignore[attr-defined]


class PayOutput(serializers.Serializer):
    checkout = serializers.UUIDField(source="pk")
    url = serializers.URLField(help_text="The payment company's page.")
    amount_paise = serializers.IntegerField()
    expires_at = serializers.DateTimeField()

    class Meta:
        ref_name = "BillingPayPage"


class BillingSummaryView(WorkspaceAPIView):
    permission = Permission.BILLING

    @extend_schema(
        operation_id="billing_summary",
        summary="Plan, access and the next charge",
        description=f'```\ncurl "$WORKSPACE_URL/api/billing/summary{KEY}\n```',
        responses=BillingSummaryOutput,
        examples=[
            OpenApiExample(
                "A monthly plan",
                value={
                    "access": "full",
                    "access_until": None,
                    "is_late": False,
                    "state": "active",
                    "interval": "month",
                    "charged_paise": 117882,
                    "period_end": "2026-12-22T06:30:00Z",
                    "cancel_at_period_end": False,
                    "mandate": "confirmed",
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        plain = request._request
        row, access = subscription_current(plain.tenant), plain.entitlements
        return Response(
            BillingSummaryOutput(
                {
                    "access": access.access,
                    "access_until": access.until,
                    "is_late": access.is_late,
                    "state": row.state if row else "",
                    "interval": row.interval if row else "",
                    "charged_paise": charged_paise(row) if row else None,
                    "period_end": row.current_period_end if row else None,
                    "cancel_at_period_end": bool(row and row.cancel_at_period_end),
                    "mandate": row.mandate if row else "none",
                }
            ).data
        )


class InvoicesView(WorkspaceAPIView):
    permission = Permission.BILLING

    @extend_schema(
        operation_id="billing_invoices",
        summary="Invoices and credit notes, the newest first",
        description=f'At most 120.\n```\ncurl "$WORKSPACE_URL/api/billing/invoices{KEY}\n```',
        responses=InvoiceOutput(many=True),
        examples=[
            OpenApiExample(
                "One invoice",
                value=[
                    {
                        "id": 17,
                        "kind": "invoice",
                        "number": "INV/26-27/17",
                        "issued_on": "2026-11-22",
                        "due_on": None,
                        "total_paise": 117882,
                        "open_paise": 0,
                        "original_number": "",
                        "pdf": "/billing/invoices/17/pdf/",
                    }
                ],
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        return Response(InvoiceOutput(documents_page(request._request.tenant), many=True).data)


class InvoicePayView(WorkspaceAPIView):
    permission = Permission.BILLING

    @extend_schema(
        operation_id="billing_invoice_pay",
        summary="Open a page to pay what is left of an invoice",
        description=(
            "A second call answers the same page while it is open.\n"
            f'```\ncurl -X POST "$WORKSPACE_URL/api/billing/invoices/17/pay{KEY}\n```'
        ),
        request=None,
        responses=PayOutput,
        examples=[
            OpenApiExample(
                "A page",
                value={
                    "checkout": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
                    "url": "https://pay.example/l/abc",
                    "amount_paise": 2950000,
                    "expires_at": "2026-11-23T06:30:00Z",
                },
                response_only=True,
            )
        ],
    )
    def post(self, request: Request, document_id: int) -> Response:
        plain = request._request
        checkout = invoice_pay_start(
            tenant=plain.tenant,
            document_id=document_id,
            user_id=getattr(plain.user, "pk", None),
            return_url=tenant_url(plain.tenant, reverse("billing_return")),
            now=clock.now(),
        )
        return Response(PayOutput(checkout).data)
