"""Bring the Hindi and Marathi catalogues up to date with the sentences in templates and code.

.venv/bin/python bin/messages.py            add what is new, drop what is gone, name what is left
.venv/bin/python bin/messages.py --check    change nothing, only say what differs

It reads the sources with Django's and Babel's own readers, so no system gettext is needed.
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "marketing_platform" / "locale"
LANGUAGES = ("hi", "mr")
PACKAGES = ("marketing_platform", "enterprise", "local", "billing")
KEYWORDS = {
    "_": None,
    "mark": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    # The name of a limit is part of the sentence that tells of it.
    "limit_per_hour": (1,),
    "limit_per_minute": (1,),
}
LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
# What libraries say on our pages and in answers of the API: missing in Django's own Hindi, or
# too stiff there. Django's forms, then its passwords and spans of time, allauth, the API.
OF_LIBRARIES: tuple[str | tuple[str, str], ...] = (
    "This field is required.",
    "Enter a whole number.",
    "Enter a number.",
    "Enter a valid date.",
    "Enter a valid email address.",
    "Enter a valid URL.",
    "Enter a valid value.",
    "Enter a valid domain name.",
    "Null characters are not allowed.",
    "No file was submitted.",
    "No file was submitted. Check the encoding type on the form.",
    "The submitted file is empty.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Select a valid choice. That choice is not one of the available choices.",
    "Ensure this value is less than or equal to %(limit_value)s.",
    "Ensure this value is greater than or equal to %(limit_value)s.",
    (
        "Ensure this filename has at most %(max)d character (it has %(length)d).",
        "Ensure this filename has at most %(max)d characters (it has %(length)d).",
    ),
    (
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
    ),
    (
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    "The password is too similar to the %(verbose_name)s.",
    "This password is too common.",
    "email",
    "email address",
    "full name",
    ("%(num)d year", "%(num)d years"),
    ("%(num)d month", "%(num)d months"),
    ("%(num)d week", "%(num)d weeks"),
    ("%(num)d day", "%(num)d days"),
    ("%(num)d hour", "%(num)d hours"),
    ("%(num)d minute", "%(num)d minutes"),
    # Short names of days and months.
    "Thu",
    "mar",
    "dec",
    "Email",
    "Email address",
    "New Password",
    "New Password (again)",
    "You must type the same password each time.",
    "The password reset token was invalid.",
    "Be patient, you are sending too many requests.",
    "This field may not be null.",
    "This field may not be blank.",
    "Must be a valid boolean.",
    "Not a valid string.",
    "A valid integer is required.",
    "A valid number is required.",
    "String value too large.",
    "Ensure this field has no more than {max_length} characters.",
    "Ensure this field has at least {min_length} characters.",
    "Ensure this field has no more than {max_length} elements.",
    "Ensure this field has at least {min_length} elements.",
    "Ensure this value is less than or equal to {max_value}.",
    "Ensure this value is greater than or equal to {min_value}.",
    "Date has wrong format. Use one of these formats instead: {format}.",
    "Expected a date but got a datetime.",
    '"{input}" is not a valid choice.',
    'Expected a list of items but got type "{input_type}".',
    "This list may not be empty.",
    "This selection may not be empty.",
    "Invalid data. Expected a dictionary, but got {datatype}.",
    "Malformed request.",
    "Authentication credentials were not provided.",
    "You do not have permission to perform this action.",
    "Not found.",
    'Method "{method}" not allowed.',
    "Could not satisfy the request Accept header.",
    'Unsupported media type "{media_type}" in request.',
)

Key = tuple[str, str]
Found = tuple[str | None, str | tuple[str, str]]


def extracted(language: str = "hi") -> Catalog:
    """The messages of the sources, sorted, without translations."""
    found: dict[Key, Found] = {}
    for context, identity in _all_found():
        key = (context or "", _singular(identity))
        # One entry serves a sentence that is used alone and with a plural.
        if key not in found or isinstance(identity, tuple):
            found[key] = (context, identity)
    catalogue = Catalog(locale=language, fuzzy=False)
    for key in sorted(found, key=lambda key: (key[1].casefold(), key)):
        context, identity = found[key]
        catalogue.add(identity, context=context)
    return catalogue


def stored(language: str = "hi") -> Catalog:
    """The catalogue as it is committed; empty when there is none."""
    if not _path(language).exists():
        return Catalog(locale=language)
    return read_po(BytesIO(_path(language).read_bytes()), locale=language, abort_invalid=True)


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def messages_of(catalogue: Catalog) -> dict[Key, Message]:
    """By context and (singular) sentence; the header is left out."""
    return {
        (
            message.context or "",
            message.id if isinstance(message.id, str) else message.id[0],
        ): message
        for message in catalogue
        if message.id
    }


def is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(texts) and all(texts) and not message.fuzzy


def _singular(identity: str | tuple[str, ...]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _all_found() -> Iterator[Found]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield from _of_template(path)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _of_python(path)
    for sentence in OF_LIBRARIES:
        yield None, sentence


def _of_template(path: Path) -> Iterator[Found]:
    if not settings.configured:
        settings.configure()
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for function, literals in CALL.findall(source):
        texts = ast.literal_eval(f"({literals},)")
        context = texts[0] if "pgettext" in function else None
        texts = texts[1:] if context is not None else texts
        yield context, (texts[0], texts[1]) if function.startswith("n") else texts[0]


def _of_python(path: Path) -> Iterator[Found]:
    with path.open("rb") as source:
        for _line, identity, _comments, context in extract("python", source, KEYWORDS):
            if identity:
                yield context, identity


def _update(before: Catalog, language: str = "hi") -> Catalog:
    """The extracted messages with the translations there are."""
    known = messages_of(before)
    catalogue = extracted(language)
    for key, message in messages_of(catalogue).items():
        if key in known and known[key].pluralizable == message.pluralizable:
            message.string = known[key].string
    return catalogue


def _write(catalogue: Catalog, language: str = "hi") -> None:
    """With a header that does not change by itself, so that a diff shows sentences only."""
    body = BytesIO()
    write_po(body, catalogue, width=96, omit_header=True)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    _path(language).parent.mkdir(parents=True, exist_ok=True)
    _path(language).write_bytes(header.encode() + body.getvalue())


def main(arguments: list[str]) -> int:
    return max(_bring_up_to_date(language, arguments) for language in LANGUAGES)


def _bring_up_to_date(language: str, arguments: list[str]) -> int:
    before = stored(language)
    after = _update(before, language)
    old, new = messages_of(before), messages_of(after)
    if arguments != ["--check"]:
        _write(after, language)
    for title, keys in (
        ("New", new.keys() - old.keys()),
        ("Gone", old.keys() - new.keys()),
        ("Without translation", [key for key in new if not is_translated(new[key])]),
    ):
        for key in sorted(keys):
            print(f"{language}: {title}: {key[1]!r}")
    print(f"{language}: {len(new)} messages")
    return int(any(not is_translated(message) for message in new.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
