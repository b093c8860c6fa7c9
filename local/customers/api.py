"""Customers, bills and consent for other programs: a till, a booking page."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.customers.engine.cells import LARGEST_PAISE
from local.customers.errors import InvalidCustomer
from local.customers.models import ConsentSource, Customer, Purpose, VisitSource
from local.customers.selectors import consent_of, customer_of, rows_of, visits_of
from local.customers.services import (
    ConsentGiven,
    consent_record,
    consent_withdraw,
    customer_create,
    visit_record,
    wording_here,
)
from marketing_platform.api.access import MayUseWorkspace
from marketing_platform.api.errors import ReadOnlyWorkspace
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_phone
from marketing_platform.users.permissions import Permission, allowed

LANGUAGES = ["en", "hi", "hinglish", "mr"]
MOST_ROWS = 100
CURL = 'curl -H "Authorization: Bearer $API_KEY"'
PROBLEMS = {
    (status, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, description=text)
    for status, text in {
        400: "A field is wrong; `errors` names it.",
        401: "The key is missing, mistyped, revoked or expired.",
        403: "Your plan's list is full, or the key may not write.",
        404: "No such customer, or the workspace is of the other tier.",
        409: "The number is taken, or the person said no before.",
        429: "Too many requests; `limit` says which limit.",
    }.items()
}
PURPOSES = [purpose.value for purpose in Purpose]
SOURCES = [ConsentSource.API, ConsentSource.QR, ConsentSource.COUNTER, ConsentSource.OWNER]


class CustomerOutput(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True, help_text="E.164, masked for some people.")
    language = serializers.CharField(allow_blank=True)
    last_visit_at = serializers.DateTimeField(allow_null=True)
    consent = serializers.CharField(
        allow_blank=True, help_text="To offers on WhatsApp: granted, withdrawn or empty."
    )

    class Meta:
        ref_name = "LocalCustomer"


class CustomersView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # One route, two permissions: reading the list, adding to it.
        self.permission = Permission.WORK if request.method == "POST" else Permission.READ  # type: ignore[misc]
        super().initial(request, *args, **kwargs)

    class Input(serializers.Serializer):
        phone = serializers.CharField(max_length=80)
        name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
        language = serializers.ChoiceField(choices=LANGUAGES, required=False, default="")
        note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)

        class Meta:
            ref_name = "LocalCustomerInput"

    class Output(serializers.Serializer):
        customers = CustomerOutput(many=True)
        next_cursor = serializers.CharField(allow_blank=True)

        class Meta:
            ref_name = "LocalCustomers"

    @extend_schema(
        operation_id="local_customers",
        summary="Your customers",
        description="By id, up to `limit` at a time; ask again with `cursor` = `next_cursor` until "
        f'it is empty.\n\n```\n{CURL} "$WORKSPACE_URL/api/local/customers?limit=50"\n```\n',
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100, 50 if left out."),
            OpenApiParameter("cursor", str, description="From the answer before."),
            OpenApiParameter("q", str, description="Part of a name, or a number."),
        ],
        request=None,
        responses={200: Output, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        limit = _limit(request.query_params.get("limit", "50"))
        cursor = _cursor(request.query_params.get("cursor", ""))
        search = request.query_params.get("q", "")[:80]
        rows = rows_of(
            after=cursor, limit=limit + 1, sees_numbers=_sees_numbers(request), search=search
        )
        shown = rows[:limit]
        more = str(shown[-1].id) if len(rows) > limit else ""
        return Response(self.Output({"customers": shown, "next_cursor": more}).data)

    @extend_schema(
        operation_id="local_customer_create",
        summary="Add a customer",
        description="Nobody agrees to messages by being added.\n\n```\n"
        f'{CURL} -X POST "$WORKSPACE_URL/api/local/customers" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -d \'{"phone": "99999 00001", "name": "Kavita"}\'\n```\n',
        request=Input,
        responses={201: CustomerOutput, **PROBLEMS},
        examples=[
            OpenApiExample("Kavita", value={"phone": "99999 00001"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        made = customer_create(now=clock.now(), actor_id=_actor(request), **given)
        return Response(_output(made, request), status=201)


class CustomerView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    @extend_schema(
        operation_id="local_customer",
        summary="One customer",
        description=f'```\n{CURL} "$WORKSPACE_URL/api/local/customers/$ID"\n```\n',
        request=None,
        responses={200: CustomerOutput, **PROBLEMS},
    )
    def get(self, request: Request, customer_id: UUID) -> Response:
        return Response(_output(customer_of(customer_id), request))


class VisitsView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        phone = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
        customer_id = serializers.UUIDField(required=False, default=None)
        name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
        amount_paise = serializers.IntegerField(
            required=False, default=None, min_value=0, max_value=LARGEST_PAISE
        )
        items = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
        happened_at = serializers.DateTimeField(required=False, default=None)

        class Meta:
            ref_name = "LocalVisitInput"

    class Output(serializers.Serializer):
        id = serializers.IntegerField()
        customer_id = serializers.UUIDField(allow_null=True)
        is_new_customer = serializers.BooleanField()

        class Meta:
            ref_name = "LocalVisit"

    @extend_schema(
        operation_id="local_visit_create",
        summary="Record a bill",
        description="Of a number (its customer is made when there is none), of a customer, or of "
        "neither. Send an `Idempotency-Key`, so that trying again records it once.\n\n```\n"
        f'{CURL} -X POST "$WORKSPACE_URL/api/local/visits" \\\n'
        '  -H "Content-Type: application/json" -H "Idempotency-Key: till-1-4711" \\\n'
        '  -d \'{"phone": "99999 00001", "amount_paise": 45000}\'\n```\n',
        request=Input,
        responses={201: Output, **PROBLEMS},
        examples=[
            OpenApiExample(
                "₹450", value={"phone": "99999 00001", "amount_paise": 45000}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        saved = visit_record(
            source=VisitSource.API, now=clock.now(), actor_id=_actor(request), **given
        )
        answer = {
            "id": saved.visit.pk,
            "customer_id": saved.customer.pk if saved.customer else None,
            "is_new_customer": saved.is_new_customer,
        }
        return Response(self.Output(answer).data, status=201)


class ConsentView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        purpose = serializers.ChoiceField(choices=PURPOSES, default=Purpose.WHATSAPP_MARKETING)
        language = serializers.ChoiceField(choices=LANGUAGES, required=False, default="en")
        source = serializers.ChoiceField(choices=SOURCES, default=ConsentSource.API)
        version = serializers.CharField(
            max_length=20, help_text="Of the wording that was shown; GET tells it."
        )
        asked_again = serializers.BooleanField(
            default=False, help_text="They said no before and asked for messages themselves."
        )
        note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)

        class Meta:
            ref_name = "LocalConsentInput"

    class Output(serializers.Serializer):
        customer_id = serializers.UUIDField()
        purpose = serializers.CharField()
        state = serializers.CharField(allow_blank=True)
        since_on = serializers.DateField(allow_null=True)
        wording = serializers.CharField(help_text="What must be shown before a person agrees.")
        version = serializers.CharField()

        class Meta:
            ref_name = "LocalConsent"

    @extend_schema(
        operation_id="local_consent",
        summary="What a customer agreed to, and the wording to show",
        description=f'```\n{CURL} "$WORKSPACE_URL/api/local/customers/$ID/consent"\n```\n',
        request=None,
        responses={200: Output, **PROBLEMS},
    )
    def get(self, request: Request, customer_id: UUID) -> Response:
        return Response(_consent(customer_of(customer_id), Purpose.WHATSAPP_MARKETING, ""))

    @extend_schema(
        operation_id="local_consent_record",
        summary="Record that a customer agreed",
        description="Only after the customer read the wording and ticked it themselves; `version` "
        "says which wording it was.\n\n```\n"
        f'{CURL} -X POST "$WORKSPACE_URL/api/local/customers/$ID/consent" \\\n'
        '  -H "Content-Type: application/json" -d \'{"version": "2026-11"}\'\n```\n',
        request=Input,
        responses={201: Output, **PROBLEMS},
        examples=[OpenApiExample("A tick", value={"version": "2026-11"}, request_only=True)],
    )
    def post(self, request: Request, customer_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        found = customer_of(customer_id)
        wording = wording_here(given["purpose"], language=given["language"])
        if given["version"] != wording.version:
            raise InvalidCustomer(
                _("This wording is not the present one. Show the present one and ask again."),
                field="version",
            )
        consent_record(
            customer_id=found.pk,
            given=ConsentGiven(wording, given["asked_again"], given["purpose"]),
            source=given["source"],
            note=given["note"],
            now=clock.now(),
            actor_id=_actor(request),
        )
        return Response(_consent(found, given["purpose"], given["language"]), status=201)


class MayWithdraw(MayUseWorkspace):
    """Who may write may also write down a no, even while the workspace may only read."""

    def has_permission(self, request: Request, view: Any) -> bool:
        try:
            return super().has_permission(request, view)
        except ReadOnlyWorkspace:
            if request._request.entitlements.access == "none":
                raise
            return True


class ConsentWithdrawView(WorkspaceAPIView):
    permission = Permission.WORK
    permission_classes = [MayWithdraw]
    tier = "local"

    class Input(serializers.Serializer):
        purpose = serializers.ChoiceField(
            choices=PURPOSES, required=False, allow_null=True, default=None,
            help_text="All purposes when left out.",
        )  # fmt: skip
        note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)

        class Meta:
            ref_name = "LocalConsentWithdrawInput"

    @extend_schema(
        operation_id="local_consent_withdraw",
        summary="No more messages to a customer",
        description="Works while the workspace is read-only, and again when it was done before."
        "\n\n```\n"
        f'{CURL} -X POST "$WORKSPACE_URL/api/local/customers/$ID/consent/withdraw" \\\n'
        "  -H \"Content-Type: application/json\" -d '{}'\n```\n",
        request=Input,
        responses={200: ConsentView.Output, **PROBLEMS},
        examples=[OpenApiExample("Everything", value={}, request_only=True)],
    )
    def post(self, request: Request, customer_id: UUID) -> Response:
        given = self.parse(self.Input, request)
        found = customer_of(customer_id)
        consent_withdraw(
            customer_id=found.pk,
            source=ConsentSource.API,
            now=clock.now(),
            actor_id=_actor(request),
            **given,
        )
        purpose = given["purpose"] or Purpose.WHATSAPP_MARKETING
        return Response(_consent(found, purpose, ""))


def _output(customer: Customer, request: Request) -> Any:
    last = visits_of(customer.pk, limit=1)
    phone = customer.phone or ""
    row = {
        "id": customer.pk,
        "name": customer.name,
        "phone": phone if not phone or _sees_numbers(request) else mask_phone(phone),
        "language": customer.language,
        "last_visit_at": last[0].happened_at if last else None,
        "consent": consent_of(customer.pk).state,
    }
    return CustomerOutput(row).data


def _consent(customer: Customer, purpose: str, language: str) -> Any:
    stands = consent_of(customer.pk, purpose)
    wording = wording_here(purpose, language=language or customer.language or "en")
    row = {
        "customer_id": customer.pk,
        "purpose": purpose,
        "state": stands.state,
        "since_on": clock.today(stands.at) if stands.at else None,
        "wording": wording.text,
        "version": wording.version,
    }
    return ConsentView.Output(row).data


def _sees_numbers(request: Request) -> bool:
    plain = request._request
    return plain.api_key is not None or allowed(plain.membership.role, Permission.CUSTOMER_NUMBERS)


def _actor(request: Request) -> UUID | None:
    return getattr(request._request.user, "pk", None)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS):
        raise InvalidCustomer(_("limit: a number from 1 to 100."), field="limit")
    return int(text)


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidCustomer(
            _("cursor: take it from the answer before."), field="cursor"
        ) from None
