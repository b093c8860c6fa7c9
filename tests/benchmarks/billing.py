"""All of billing's figures at once: numbers, histories, webhooks, thirteen months.

Each is a benchmark of its own too (`bin/bench billing-numbers`, …); here is what they answer, and
whether each is within what was promised.
"""

from typing import Any

from tests.benchmarks import billing_histories, billing_numbers, billing_webhooks, billing_year

PARTS = {
    "numbers": billing_numbers.run,
    "histories": billing_histories.run,
    "webhooks": billing_webhooks.run,
    "thirteen months": billing_year.run,
}


def run(full: bool = False) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """`full` is handed on: all 10,000 histories of each gateway and way."""
    figures = {name: part(full)[1] for name, part in PARTS.items()}
    rows = [
        {"part": name, "figure": figure, "value": str(value)}
        for name, found in figures.items()
        for figure, value in found.items()
    ]
    return rows, figures
