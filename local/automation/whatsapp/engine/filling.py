"""Named variables of a template: {{name}}."""

import re
from collections.abc import Mapping

VARIABLE = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")


def variables_of(*texts: str) -> tuple[str, ...]:
    """Names in the order of their first use."""
    return tuple(dict.fromkeys(name for text in texts for name in VARIABLE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a name without one stays as it is."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def one_line(value: str) -> str:
    """Meta refuses line breaks, tabs and more than four spaces in a row in a value."""
    return " ".join(value.split())
