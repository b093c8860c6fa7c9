"""The API's JSON: UTF-8 text that every layer below can store, and nothing else."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

DEEPEST = 20
# NUL, which PostgreSQL does not store, and halves of surrogate pairs, which are no characters.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Refuses with 400 what JSON allows and we cannot keep: see `checked`. Too large is 413."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> object:
        context: Mapping[str, Any] = parser_context or {}
        # The request's own reader refuses a body that is too large; a stream would not.
        raw = context["request"]._request.body if "request" in context else stream.read()
        try:
            return checked(
                json.loads(
                    raw.decode(context.get("encoding") or "utf-8"), parse_constant=_refuse_constant
                )
            )
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            sentence = gettext("The body is not valid JSON: %(reason)s")
            raise ParseError(sentence % {"reason": error}) from error


def checked(document: Any) -> Any:
    """The document, at most 20 levels deep, with storable strings and numbers of sensible size.

    Raises ParseError.
    """
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict | list):
            if depth > DEEPEST:
                raise _too_deep()
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inner)
        else:
            _check_plain(value)
    return document


def _check_plain(value: object) -> None:
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ParseError(
            gettext("The body has characters that cannot be stored: NUL or half of a pair.")
        )
    # A whole number's size is the serializer's to judge, which names the field.
    if isinstance(value, float) and not math.isfinite(value):
        raise ParseError(gettext("The body has a number that is too large."))


def _refuse_constant(name: str) -> None:
    raise ParseError(gettext("%(name)s is not a number in JSON.") % {"name": name})


def _too_deep() -> ParseError:
    sentence = gettext("The body is nested too deeply: at most %(levels)d levels.")
    return ParseError(sentence % {"levels": DEEPEST})
