"""Whether Meta would accept a message template, before it is sent there.

Limits: developers.facebook.com/docs/whatsapp/business-management-api/message-templates, read in
November 2026. How many variables a text of a length may have is not published; ours is what its
reviewers were seen to accept (three words of text for each).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.automation.whatsapp.engine.filling import VARIABLE, variables_of
from local.automation.whatsapp.engine.opting_out import STOP, plain
from marketing_platform.core.text import mark as _

LANGUAGES = ("en_IN", "hi", "mr", "ta", "te", "bn", "gu", "kn", "ml", "pa", "ur", "en")
CATEGORIES = ("marketing", "utility")
NAME_LENGTH, BODY_LENGTH, EDGE_LENGTH = 512, 1024, 60
BUTTON_LENGTH, MOST_BUTTONS, URL_LENGTH, COUPON_LENGTH = 25, 10, 2000, 15
BUTTON_KINDS = ("quick_reply", "url", "copy_code")
WORDS_PER_VARIABLE = 3
_ANY_BRACES = re.compile(r"\{+[^{}]*\}+|\{|\}")
_NUMBERED = re.compile(r"\{\{(\d+)\}\}")
EXAMPLE = _("Give an example for {{%(name)s}}, in one line.")


@dataclass(frozen=True)
class Draft:
    """A template as the owner wrote it. `buttons`: {"kind", "text", "url" | "code"} each."""

    name: str
    language: str
    category: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: Sequence[Mapping[str, Any]] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """`sentence` is an English message id, filled with `params` after translation."""

    rule: str
    field: str
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)


def lint(draft: Draft) -> tuple[Finding, ...]:
    """Everything wrong with it; an empty answer means that nothing we know of is."""
    return (
        *_identity(draft),
        *_lengths(draft),
        *_variables("body", draft.body),
        *_variables("header", draft.header, most=1),
        *_footer(draft),
        *_buttons(draft),
        *_examples(draft),
        *_way_out(draft),
    )


def _identity(draft: Draft) -> Iterator[Finding]:
    if not re.fullmatch(rf"[a-z0-9_]{{1,{NAME_LENGTH}}}", draft.name):
        yield Finding("name", "name", _("Use small English letters, digits and _ in the name."))
    if draft.language not in LANGUAGES:
        yield Finding("language", "language", _("WhatsApp has no templates in this language."))
    if draft.category not in CATEGORIES:
        yield Finding("category", "category", _("Choose marketing or utility."))


def _lengths(draft: Draft) -> Iterator[Finding]:
    if not draft.body.strip():
        yield Finding("body_empty", "body", _("Write the message."))
    for name, text, most in (
        ("body", draft.body, BODY_LENGTH),
        ("header", draft.header, EDGE_LENGTH),
        ("footer", draft.footer, EDGE_LENGTH),
    ):
        if len(text) > most:
            yield Finding(
                "too_long",
                name,
                _("%(count)d letters too long: at most %(most)d."),
                {"count": len(text) - most, "most": most},
            )
    if "\n\n\n" in draft.body:
        yield Finding("empty_lines", "body", _("Leave at most one empty line in a row."))


def _variables(name: str, text: str, most: int | None = None) -> Iterator[Finding]:
    numbers = [int(each) for each in _NUMBERED.findall(text)]
    if numbers and sorted(set(numbers)) != list(range(1, max(numbers) + 1)):
        yield Finding(
            "gap", name, _("The numbers in {{ }} have a gap, so values would land in wrong places.")
        )
    if any(not VARIABLE.fullmatch(each) for each in _ANY_BRACES.findall(text)):
        yield Finding(
            "braces", name, _("Write a variable as {{name}}: small English letters between {{ }}.")
        )
        return
    found = variables_of(text)
    if most is not None and len(found) > most:
        yield Finding("one_variable", name, _("Only one variable fits here."))
    stripped = text.strip()
    if found and (stripped.startswith("{{") or stripped.endswith("}}")):
        yield Finding(
            "edge", name, _("A variable may not stand at the very beginning or end: add a word.")
        )
    if re.search(r"\}\}\s*\{\{", text):
        yield Finding("adjacent", name, _("Put words between two variables."))
    words = len(VARIABLE.sub(" ", text).split())
    uses = len(VARIABLE.findall(text))
    if most is None and uses and words < uses * WORDS_PER_VARIABLE:
        yield Finding("too_many_variables", name, _("Too many variables for so short a text."))


def _footer(draft: Draft) -> Iterator[Finding]:
    if "{" in draft.footer or "}" in draft.footer:
        yield Finding("footer_variable", "footer", _("The last line may not have variables."))


def _buttons(draft: Draft) -> Iterator[Finding]:
    if len(draft.buttons) > MOST_BUTTONS:
        yield Finding("buttons", "buttons", _("At most %(most)d buttons."), {"most": MOST_BUTTONS})
    for button in draft.buttons:
        yield from _button(button)


def _button(button: Mapping[str, Any]) -> Iterator[Finding]:
    kind, text = button.get("kind"), str(button.get("text", ""))
    if kind not in BUTTON_KINDS:
        yield Finding("button_kind", "buttons", _("Choose what the button does."))
    if not 0 < len(text) <= BUTTON_LENGTH or "{" in text:
        yield Finding(
            "button_text",
            "buttons",
            _("A button needs 1 to %(most)d letters and no variable."),
            {"most": BUTTON_LENGTH},
        )
    if kind == "url":
        yield from _address(str(button.get("url", "")))
    if kind == "copy_code" and not 0 < len(str(button.get("code", ""))) <= COUPON_LENGTH:
        yield Finding(
            "coupon",
            "buttons",
            _("A coupon code has 1 to %(most)d letters."),
            {"most": COUPON_LENGTH},
        )


def _address(url: str) -> Iterator[Finding]:
    if not re.match(r"https://[^\s{}/]+\.[^\s{}/]+", url) or len(url) > URL_LENGTH:
        yield Finding("url", "buttons", _("A web address begins with https:// and has a name."))
    elif "{" in url and not re.fullmatch(r"[^{}]+\{\{[a-z][a-z0-9_]*\}\}", url):
        yield Finding("url_variable", "buttons", _("One variable may stand at the address's end."))


def _examples(draft: Draft) -> Iterator[Finding]:
    for name in variables_of(draft.header, draft.body):
        example = str(draft.examples.get(name, ""))
        if not example.strip() or "\n" in example or "\t" in example:
            yield Finding("example", "examples", EXAMPLE, {"name": name})


def _way_out(draft: Draft) -> Iterator[Finding]:
    """Ours, not Meta's: a message that nobody asked for says how to get no more of them."""
    if draft.category != "marketing":
        return
    said = f" {plain(f'{draft.body} {draft.footer}')} "
    buttons = {plain(str(button.get("text", ""))) for button in draft.buttons}
    words = {plain(each) for each in STOP} - {""}
    if not any(f" {word} " in said for word in words) and not buttons & words:
        yield Finding(
            "way_out",
            "footer",
            _("Say how to stop such messages: Reply STOP to stop."),
        )
