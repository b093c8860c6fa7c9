from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.strategic_synthesizer.engine.contracts import Run
from enterprise.strategic_synthesizer.errors import BriefMissing
from enterprise.strategic_synthesizer.front_door import BriefRequest, StrategicSynthesizer
from enterprise.strategic_synthesizer.selectors import StoredBrief, brief_of, latest_brief
from enterprise.strategic_synthesizer.services.documents import PDF, PPTX
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

EXAMPLE = {
    "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
    "content_hash": "5f2b…",
    "state": "draft",
    "dated_on": "2026-11-22",
    "headline": [
        {"text": "Moving the budget is expected to bring ", "evidence": ""},
        {"text": "₹12 lakh to ₹23 lakh", "evidence": "a"},
        {"text": " a week.", "evidence": ""},
    ],
    "sections": [
        {
            "key": "decisions",
            "title": "What to decide",
            "claims": [[{"text": "Raise Google Ads", "evidence": ""}]],
        }
    ],
    "evidence": [
        {
            "id": "a",
            "metric": "gain a week in revenue",
            "value": 1740000.0,
            "unit": "inr",
            "low": 1200000.0,
            "high": 2300000.0,
            "level": 0.9,
            "run_hash": "cd34…",
            "rows": 156,
            "rows_hash": "ee55…",
            "as_of": "2026-11-22",
            "happened_on": None,
            "source": "budget optimiser",
        }
    ],
}
CURL = """

```
curl {method}"$WORKSPACE_URL/api/enterprise/brief{path}" \\
  -H "Authorization: Bearer $API_KEY"
```"""


class BriefOutput(serializers.Serializer):
    class Piece(serializers.Serializer):
        text = serializers.CharField()
        evidence = serializers.CharField(allow_blank=True)

        class Meta:
            ref_name = "BriefPiece"

    class Section(serializers.Serializer):
        key = serializers.CharField()
        title = serializers.CharField()
        claims = serializers.ListField(child=serializers.ListField(child=serializers.DictField()))

        class Meta:
            ref_name = "BriefSection"

    class Evidence(serializers.Serializer):
        id = serializers.CharField()
        metric = serializers.CharField()
        value = serializers.FloatField()
        unit = serializers.CharField()
        low = serializers.FloatField(allow_null=True)
        high = serializers.FloatField(allow_null=True)
        level = serializers.FloatField(allow_null=True)
        run_hash = serializers.CharField()
        rows = serializers.IntegerField()
        rows_hash = serializers.CharField(allow_blank=True)
        as_of = serializers.DateField()
        happened_on = serializers.DateField(allow_null=True)
        source = serializers.CharField()

        class Meta:
            ref_name = "BriefEvidence"

    id = serializers.UUIDField()
    content_hash = serializers.CharField()
    state = serializers.ChoiceField(choices=["draft", "approved"])
    dated_on = serializers.DateField()
    headline = Piece(many=True)
    sections = Section(many=True)
    evidence = Evidence(many=True)

    class Meta:
        ref_name = "Brief"


def answer_of(stored: StoredBrief) -> dict:
    """In English, with the evidence as values."""
    finished = stored.finished("en")
    words = {each.id: each for each in finished.evidence}
    return {
        "id": stored.id,
        "content_hash": stored.content_hash,
        "state": "approved" if stored.is_approved else "draft",
        "dated_on": stored.brief.dated_on,
        "headline": pieces(finished.headline),
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "claims": [pieces(claim) for claim in section.claims],
            }
            for section in finished.sections
        ],
        "evidence": [
            {
                **{name: getattr(each, name) for name in BriefOutput.Evidence().fields},
                "metric": words[each.id].metric,
            }
            for each in stored.brief.evidence
        ],
    }


def pieces(runs: tuple[Run, ...]) -> list[dict[str, str]]:
    return [{"text": run.text, "evidence": run.evidence_id} for run in runs]


class BriefView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.READ

    @extend_schema(
        operation_id="enterprise_brief",
        summary="The latest brief",
        description="Every figure names its evidence. 404 `no_brief` before the first."
        + CURL.format(method="", path=""),
        responses={200: BriefOutput},
        examples=[OpenApiExample("A brief", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        stored = latest_brief()
        if stored is None:
            raise BriefMissing
        return Response(BriefOutput(answer_of(stored)).data)


class BriefMakeView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.WORK

    @extend_schema(
        operation_id="enterprise_brief_make",
        summary="Make a brief of what is known now",
        description="The same data make the same brief."
        + CURL.format(method="-X POST ", path="/make"),
        request=None,
        responses={201: BriefOutput},
        examples=[OpenApiExample("A brief", value=EXAMPLE, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        plain = request._request
        actor_id = getattr(plain.user, "pk", None)
        made = StrategicSynthesizer().create_brief(
            BriefRequest(tenant=plain.tenant, now=clock.now(), actor_id=actor_id)
        )
        return Response(BriefOutput(answer_of(made)).data, status=201)


class BriefFileView(WorkspaceAPIView):
    tier = "enterprise"
    permission = Permission.EXPORT

    @extend_schema(
        operation_id="enterprise_brief_file",
        summary="The brief as a file",
        description="`kind` is pdf or pptx."
        + CURL.format(method="-o brief.pdf ", path="/$ID/file/pdf"),
        responses={
            (200, PDF): OpenApiResponse(OpenApiTypes.BINARY),
            (200, PPTX): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, brief_id: UUID, kind: str) -> HttpResponse:
        stored, door = brief_of(brief_id), StrategicSynthesizer()
        if kind not in FILES:
            raise BriefMissing
        content_type, make = FILES[kind]
        return HttpResponse(make(door, stored, "en"), content_type=content_type)


FILES = {"pdf": (PDF, StrategicSynthesizer.pdf), "pptx": (PPTX, StrategicSynthesizer.pptx)}
