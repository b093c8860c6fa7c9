"""Which copywriter writes: the built-in one, or a language model with the built-in behind it."""

import hashlib
import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.cache import cache

from marketing_platform.writing.built_in import BuiltInCopywriter
from marketing_platform.writing.contracts import Copywriter, WritingBrief, WrittenText
from marketing_platform.writing.guard import problems
from marketing_platform.writing.language_model import LanguageModelCopywriter, ModelFailure

logger = logging.getLogger(__name__)
REMEMBERED_FOR_SECONDS = 40 * 24 * 3600
PAUSE_SECONDS = 120
OUTAGES = ("unreachable", "too_slow", "http_5", "http_429", "http_401", "http_403", "http_404")


def copywriter() -> Copywriter:
    """The writer that the settings name; without WRITING_LANGUAGE_MODEL_URL the built-in one."""
    if not settings.WRITING_LANGUAGE_MODEL_URL:
        return BuiltInCopywriter()
    return FallbackCopywriter(
        LanguageModelCopywriter(
            base_url=settings.WRITING_LANGUAGE_MODEL_URL,
            key=settings.WRITING_LANGUAGE_MODEL_KEY,
            model=settings.WRITING_LANGUAGE_MODEL_NAME,
        )
    )


class FallbackCopywriter:
    """A language model's text where it passes every check, otherwise the built-in text.

    Accepted texts are remembered, so that the same brief reads the same all day; after an outage
    the model is left alone for two minutes.
    """

    def __init__(self, model: LanguageModelCopywriter):
        self._model = model
        self._built_in = BuiltInCopywriter()

    def write(self, brief: WritingBrief) -> WrittenText:
        return self.write_all([brief])[0]

    def write_all(self, briefs: Sequence[WritingBrief]) -> list[WrittenText]:
        remembered = [self._remembered(brief) for brief in briefs]
        missing = [brief for brief, text in zip(briefs, remembered, strict=True) if text is None]
        written = iter(self._written(missing))
        return [text if text is not None else next(written) for text in remembered]

    def _remembered(self, brief: WritingBrief) -> WrittenText | None:
        text = cache.get(_key(brief))
        if text is None or problems(text, brief):
            return None
        return WrittenText(text, writer="language_model")

    def _written(self, briefs: list[WritingBrief]) -> list[WrittenText]:
        if not briefs:
            return []
        if cache.get("writing:paused"):
            return [self._fallback(brief, "paused") for brief in briefs]
        answers = self._model.write_all(briefs)
        return [self._judged(brief, answer) for brief, answer in zip(briefs, answers, strict=True)]

    def _judged(self, brief: WritingBrief, answer: WrittenText | ModelFailure) -> WrittenText:
        if isinstance(answer, ModelFailure):
            logger.warning("language model not used: %s", answer.code)
            if answer.code.startswith(OUTAGES):
                cache.set("writing:paused", True, PAUSE_SECONDS)
            return self._fallback(brief, answer.code)
        cache.set(_key(brief), answer.text, REMEMBERED_FOR_SECONDS)
        return answer

    def _fallback(self, brief: WritingBrief, reason: str) -> WrittenText:
        return WrittenText(self._built_in.write(brief).text, "built_in", reason)


def _key(brief: WritingBrief) -> str:
    told = (
        settings.WRITING_LANGUAGE_MODEL_NAME,
        brief.purpose,
        brief.language,
        brief.network,
        brief.limit,
        tuple((part.text, part.rank) for part in brief.parts),
        tuple(sorted(brief.facts.items())),
        brief.must_include,
        brief.forbidden,
    )
    return "writing:" + hashlib.sha256(repr(told).encode()).hexdigest()
