"""Numbers are grouped for people (1,00,000); an address, a key or a size must not be."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# What names a row or a page, or measures, in an attribute; with a filter behind it, it is text.
GROUPED = re.compile(
    r"\{\{ *(?:[a-z_]+\.)*(?:\w*_)?(?:pk|id|page_number|paise|seen|width|height) *\}\}"
)
ATTRIBUTE = re.compile(r'\b(?:value|href|action|width|height)="((?:\{%.*?%\}|\{\{.*?\}\}|[^"{])*)"')
# Their values are text: ids of elements, and a UUID.
TEXT = {"{{ chart_id }}", "{{ waiting.pk }}"}


def grouped_in(text: str) -> list[str]:
    found = [hit for part in ATTRIBUTE.findall(text) for hit in GROUPED.findall(part)]
    return [hit for hit in found if hit not in TEXT]


def test_no_number_for_machines_is_grouped() -> None:
    found = {
        file.relative_to(TEMPLATES).as_posix(): hits
        for file in sorted(TEMPLATES.rglob("*.html"))
        if (hits := grouped_in(file.read_text()))
    }

    assert found == {}


def test_the_rule_sees_what_it_is_for() -> None:
    assert grouped_in('<input value="{{ other.pk }}">') == ["{{ other.pk }}"]
    assert grouped_in('<a href="{% url "x" %}?page={{ page.next_page_number }}">')
    assert not grouped_in('<input value="{{ other.pk|stringformat:"s" }}">{{ row.id }}')
