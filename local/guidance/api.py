import base64
import binascii
import io
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.guidance.engine import EVIDENCE_KINDS
from local.guidance.front_door import ManualTaskGuide, Proof
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission

LONGEST_PHOTO = 11_500_000  # characters of base64: a little over 8 MB
LANGUAGE = OpenApiParameter(
    "language", str, description="`en`, `hi` or `mr`; a missing one is English with a flag."
)
LIST_DESCRIPTION = """Tasks that are done by hand, as steps with screen hints, checks and proof.
What is begun stands first. `q` finds by words, in English and Hindi.

```
curl "$WORKSPACE_URL/api/local/guides?q=review" -H "Authorization: Bearer $API_KEY"
```
"""
ONE_DESCRIPTION = """One guide with its steps, what to do when it gets stuck, the proof it asks for,
and how far the open run is. `is_fallback` is true when the language is missing and the words are
English.

```
curl "$WORKSPACE_URL/api/local/guides/google-hours?language=hi" \\
  -H "Authorization: Bearer $API_KEY"
```

Errors: 404 `unknown_guide`.
"""
STEP_DESCRIPTION = """Tick a step, or take the tick back with `is_done: false`. Begins the guide
when it was not begun. Doing it again changes nothing.

```
curl -X POST "$WORKSPACE_URL/api/local/guides/google-hours/steps" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"step": "open"}'
```

Errors: 404 `unknown_guide` or `unknown_step`.
"""
FINISH_DESCRIPTION = """Close the open run with the proof the guide asks for: `url`, `number`,
`tick`, or `photo` (base64 of a JPEG, PNG or WebP up to 8 MB). All steps need their tick first.

```
curl -X POST "$WORKSPACE_URL/api/local/guides/google-hours/finish" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"tick": true}'
```

Errors: 400 `proof_missing`, `proof_link_wrong`, `proof_number_wrong` or `photo_refused`, 404
`unknown_guide`, 409 `guide_not_started` or `steps_left`.
"""
ROW_EXAMPLE = {
    "slug": "google-hours",
    "title": "Set opening hours and holiday hours on Google",
    "summary": "A customer who finds a closed shop does not come twice.",
    "minutes": 5,
    "step_count": 4,
    "done_count": 1,
    "is_started": True,
    "finished_at": None,
}
ONE_EXAMPLE = {
    "slug": "google-hours",
    "language": "en",
    "is_fallback": False,
    "title": "Set opening hours and holiday hours on Google",
    "summary": "A customer who finds a closed shop does not come twice.",
    "minutes": 5,
    "verified_on": "2026-11-22",
    "sources": ["https://support.google.com/business/answer/6303076"],
    "kinds": ["google.hours"],
    "version": "22326a67e5db7af7",
    "steps": [
        {
            "key": "open",
            "number": 1,
            "text": "Open your profile: search “my business” on Google.",
            "hint": "Or tap Business at the bottom of the Google Maps app.",
            "check": "You see your shop with a button like Edit profile.",
            "link": "https://business.google.com/",
            "path": "",
            "is_done": True,
        }
    ],
    "evidence": {"kind": "tick", "label": "The hours on Google are right", "help": ""},
    "fails": [
        {
            "symptom": "There is no Holiday hours.",
            "fix": "Set the regular hours first; Google shows it only then.",
        }
    ],
    "is_started": True,
    "is_changed": False,
    "done_count": 1,
    "current": "regular",
}


class GuideRowOutput(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    step_count = serializers.IntegerField()
    done_count = serializers.IntegerField()
    is_started = serializers.BooleanField()
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "GuideRow"


class GuideOutput(serializers.Serializer):
    class Step(serializers.Serializer):
        key = serializers.CharField()
        number = serializers.IntegerField()
        text = serializers.CharField()
        hint = serializers.CharField()
        check = serializers.CharField()
        link = serializers.CharField(allow_blank=True)
        path = serializers.CharField(allow_blank=True, help_text="A page of this product.")
        is_done = serializers.BooleanField()

        class Meta:
            ref_name = "GuideStep"

    class Evidence(serializers.Serializer):
        kind = serializers.ChoiceField(choices=EVIDENCE_KINDS)
        label = serializers.CharField()
        help = serializers.CharField(allow_blank=True)

        class Meta:
            ref_name = "GuideEvidence"

    class Fail(serializers.Serializer):
        symptom = serializers.CharField()
        fix = serializers.CharField()

        class Meta:
            ref_name = "GuideFail"

    slug = serializers.CharField()
    language = serializers.CharField()
    is_fallback = serializers.BooleanField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    verified_on = serializers.DateField()
    sources = serializers.ListField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())
    version = serializers.CharField()
    steps = Step(many=True)
    evidence = Evidence()
    fails = Fail(many=True)
    is_started = serializers.BooleanField()
    is_changed = serializers.BooleanField(help_text="The words changed since the run began.")
    done_count = serializers.IntegerField()
    current = serializers.CharField(allow_blank=True, help_text="The first step without a tick.")

    class Meta:
        ref_name = "Guide"


class GuidesView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        guides = GuideRowOutput(many=True)

        class Meta:
            ref_name = "Guides"

    @extend_schema(
        operation_id="local_guides",
        summary="Guides for tasks by hand",
        description=LIST_DESCRIPTION,
        parameters=[OpenApiParameter("q", str, description="Words to find."), LANGUAGE],
        responses={200: Output},
        examples=[OpenApiExample("A list", value={"guides": [ROW_EXAMPLE]}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params.get("q", "").replace("\x00", "")
        rows = ManualTaskGuide().guides(_language(request), query)
        return Response(self.Output({"guides": rows}).data)


class GuideView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    @extend_schema(
        operation_id="local_guide",
        summary="One guide",
        description=ONE_DESCRIPTION,
        parameters=[LANGUAGE],
        responses={200: GuideOutput},
        examples=[OpenApiExample("A guide", value=ONE_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(_answer(request, slug))


class GuideStepsView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        step = serializers.CharField(max_length=60, help_text="Key of the step.")
        is_done = serializers.BooleanField(required=False, default=True)

        class Meta:
            ref_name = "GuideStepInput"

    @extend_schema(
        operation_id="local_guide_step",
        summary="Tick a step",
        description=STEP_DESCRIPTION,
        request=Input,
        responses={200: GuideOutput},
        examples=[
            OpenApiExample("A tick", value={"step": "open"}, request_only=True),
            OpenApiExample("The guide", value=ONE_EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        given = self.parse(self.Input, request)
        ManualTaskGuide().step_done(
            slug,
            given["step"],
            is_done=given["is_done"],
            now=clock.now(),
            actor_id=_actor(request),
        )
        return Response(_answer(request, slug))


class GuideFinishView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "local"

    class Input(serializers.Serializer):
        url = serializers.CharField(required=False, max_length=500)
        number = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)
        tick = serializers.BooleanField(required=False, default=False)
        photo = serializers.CharField(required=False, max_length=LONGEST_PHOTO)

        class Meta:
            ref_name = "GuideFinishInput"

    class Output(serializers.Serializer):
        slug = serializers.CharField()
        started_at = serializers.DateTimeField()
        finished_at = serializers.DateTimeField()
        evidence_kind = serializers.ChoiceField(choices=EVIDENCE_KINDS)
        url = serializers.CharField(allow_blank=True)
        number = serializers.IntegerField(allow_null=True)

        class Meta:
            ref_name = "GuideFinished"

    @extend_schema(
        operation_id="local_guide_finish",
        summary="Finish a guide with proof",
        description=FINISH_DESCRIPTION,
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A link", value={"url": "https://www.instagram.com/p/abc123/"}, request_only=True
            ),
            OpenApiExample(
                "Finished",
                value={
                    "slug": "instagram-post",
                    "started_at": "2026-11-22T04:30:00Z",
                    "finished_at": "2026-11-22T04:41:00Z",
                    "evidence_kind": "url",
                    "url": "https://www.instagram.com/p/abc123/",
                    "number": None,
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        given = self.parse(self.Input, request)
        run = ManualTaskGuide().finish(
            slug,
            Proof(given.get("url", ""), given.get("number"), given["tick"]),
            photo=_photo(given["photo"]) if "photo" in given else None,
            now=clock.now(),
            actor_id=_actor(request),
        )
        return Response(self.Output(run).data)


def _answer(request: Request, slug: str) -> dict[str, Any]:
    return GuideOutput(ManualTaskGuide().guide(slug, _language(request))).data


def _language(request: Request) -> str:
    asked = request.query_params.get("language") or get_language() or "en"
    return asked[:8].split("-")[0].lower()


def _photo(encoded: str) -> io.BytesIO:
    try:
        return io.BytesIO(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_("Send the photo as base64."), field="photo") from error


def _actor(request: Request) -> Any:
    """Who acted: a person, or nobody behind a key."""
    return getattr(request._request.user, "pk", None)
