from datetime import timedelta
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.social_media.engine import (
    GREATEST_VARIANT,
    LANGUAGE_ALIASES,
    LANGUAGES,
    NETWORKS,
    DailyContent,
    DailyContentRequest,
)
from local.automation.social_media.front_door import SocialMediaAutomation
from local.automation.social_media.selectors import chosen_variant
from local.business.selectors import business_of
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.media.selectors import media_file_of, signed_url
from marketing_platform.users.permissions import Permission

POSTER_URL_LIFETIME = timedelta(hours=24)
DESCRIPTION = """The post of one day for this business: what it is about and why, a caption for each
network and language within that network's limits, hashtags, a call to action, and one 1080×1080
poster (PNG) per language.

The body may be left out: then it is today in India, all four networks, captions in English, Hindi,
Hinglish and Marathi, and posters in the business's own languages. When `languages` is given,
captions and posters come in exactly these (`hi-Latn` is accepted for `hinglish`). `variant` (0–20)
asks for another idea; without it the one that was chosen on the dashboard is used. The same
business, day and variant always give the same answer.

What is pasted is caption, call to action and hashtags, in this order, with an empty line between;
the limit of each network holds for the whole. `blocked` names every rule of law that a text (an
offer of a clinic, say) would have broken, in plain words; the text concerned is left out.
`posters` are signed addresses that work without a key until `expires_at`. Nothing is published.

```
curl -X POST "$WORKSPACE_URL/api/local/automation/social-media" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"languages": ["hi", "en"], "networks": ["facebook", "whatsapp_status"]}'
```

Errors: 400 `invalid_input` or `date_out_of_range` (31 days back to 366 days ahead), 401 without a
valid key, 403 for a key of another workspace, 404 for a workspace of the other tier, 409
`no_business` before sign-up is complete, 415 for another content type, 429 above a limit.
"""
EXAMPLE = {
    "date": "2026-11-22",
    "variant": 0,
    "pick": {
        "occasion": None,
        "reason": "A photo saves misunderstandings, and it invites people to plan a cut.",
    },
    "networks": {
        "facebook": {
            "en": {
                "caption": "A short note from Asha Salon. Saved a haircut on your phone? Bring the "
                "photo. We will tell you plainly how it may sit on your hair.",
                "hashtags": ["#Salon", "#Pune", "#HairCare"],
                "call_to_action": "Send us the photo on WhatsApp.",
            }
        }
    },
    "posters": {
        "en": {
            "url": "http://asha.localhost:8000/media/signed/…",
            "expires_at": "2026-11-23T06:00:00Z",
        }
    },
    "blocked": [],
}


@extend_schema_field({"type": "string", "enum": [*LANGUAGES, *LANGUAGE_ALIASES]})
class LanguageField(serializers.ChoiceField):
    """A content language; the standard tag of Hinglish is understood too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=LANGUAGES, **options)

    def to_internal_value(self, data: Any) -> str:
        alias = LANGUAGE_ALIASES.get(data) if isinstance(data, str) else None
        return super().to_internal_value(alias or data)


class SocialMediaView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Input(serializers.Serializer):
        date = serializers.DateField(required=False, help_text="ISO date; today in India.")
        languages = serializers.ListField(
            child=LanguageField(), required=False, allow_empty=False, max_length=8
        )
        networks = serializers.ListField(
            child=serializers.ChoiceField(choices=NETWORKS),
            required=False,
            allow_empty=False,
            max_length=8,
        )
        variant = serializers.IntegerField(
            required=False, min_value=0, max_value=GREATEST_VARIANT, help_text="Another idea."
        )

        class Meta:
            ref_name = "SocialMediaInput"

    class Output(serializers.Serializer):
        class Picked(serializers.Serializer):
            occasion = serializers.CharField(allow_null=True)
            reason = serializers.CharField()

            class Meta:
                ref_name = "SocialMediaPick"

        class NetworkText(serializers.Serializer):
            caption = serializers.CharField()
            hashtags = serializers.ListField(child=serializers.CharField())
            call_to_action = serializers.CharField(allow_blank=True)

            class Meta:
                ref_name = "SocialMediaCaption"

        class PosterLink(serializers.Serializer):
            url = serializers.URLField()
            expires_at = serializers.DateTimeField()

            class Meta:
                ref_name = "SocialMediaPoster"

        class BlockedRule(serializers.Serializer):
            rule = serializers.CharField()
            sentence = serializers.CharField()

            class Meta:
                ref_name = "SocialMediaBlocked"

        date = serializers.DateField()
        variant = serializers.IntegerField()
        pick = Picked()
        networks = serializers.DictField(child=serializers.DictField(child=NetworkText()))
        posters = serializers.DictField(child=PosterLink())
        blocked = BlockedRule(many=True)

        class Meta:
            ref_name = "SocialMediaOutput"

    @extend_schema(
        operation_id="local_social_media",
        summary="Today's post, ready to share",
        description=DESCRIPTION,
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "A day in two languages",
                value={"date": "2026-11-30", "languages": ["hi", "en"]},
                request_only=True,
            ),
            OpenApiExample("An answer", value=EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        plain = request._request
        today = clock.today()
        on = given.get("date") or today
        variant = given["variant"] if "variant" in given else chosen_variant(on)
        content = SocialMediaAutomation(business_of(plain.tenant)).generate_daily_content(
            DailyContentRequest(
                date=on,
                languages=_each_once(given.get("languages")),
                networks=_each_once(given.get("networks")) or NETWORKS,
                variant=variant,
            ),
            today=today,
        )
        return Response(self.Output(_answer(content, plain.build_absolute_uri("/"))).data)


def _each_once(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(values)) if values else None


def _answer(content: DailyContent, base_url: str) -> dict[str, Any]:
    language = shown_language(get_language())
    return {
        "date": content.date,
        "variant": content.variant,
        "pick": {"occasion": content.pick.occasion, "reason": content.pick.reason(language)},
        "networks": content.networks,
        "posters": {
            poster_language: signed_url(
                media_file_of(poster.media_id), base_url=base_url, expires_in=POSTER_URL_LIFETIME
            )
            for poster_language, poster in content.posters.items()
        },
        "blocked": [
            {"rule": breach.rule, "sentence": breach.sentence(language)}
            for breach in content.blocked
        ],
    }
