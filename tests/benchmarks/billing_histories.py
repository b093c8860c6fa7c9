"""Lives of subscriptions told in any order: how many end wrongly, beside two simpler ways.

Pure: no database and no network. Every history of each gateway is told in all five ways of delivery
(tests/billing/histories.py); `look-ups` is how often the gateway is asked per thousand histories.
"""

import sys
import time
from typing import Any

from tests.billing.histories import DELIVERIES, GATEWAYS, naive, register_alone, wrong_ends

HISTORIES, CONTROL = 10_000, 1_000


def run(full: bool = False) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows to read and figures; without `full` a tenth of the histories."""
    count = HISTORIES if full else HISTORIES // 10
    rows = [_row(gateway, way, count) for gateway in GATEWAYS for way in DELIVERIES]
    figures = {
        "histories": count * len(rows),
        "wrong": sum(row["wrong"] for row in rows),
        "naive_wrong": sum(row["last word wins: wrong"] for row in rows),
        "register_wrong": sum(row["largest key alone: wrong"] for row in rows),
        "seconds": round(sum(row["seconds"] for row in rows), 1),
    }
    is_seen = figures["naive_wrong"] > 0 and figures["register_wrong"] > 0
    figures["is_within_target"] = figures["wrong"] == 0 and is_seen
    return rows, figures


def _row(gateway: str, way: str, count: int) -> dict[str, Any]:
    began = time.perf_counter()
    wrong, asked = wrong_ends(gateway, way, count, seed=3)
    seconds = time.perf_counter() - began
    control = min(count, CONTROL)
    return {
        "gateway": gateway,
        "delivery": way,
        "histories": count,
        "wrong": wrong,
        "look-ups per 1,000": round(asked * 1_000 / count),
        "last word wins: wrong": wrong_ends(gateway, way, control, 3, naive)[0],
        "largest key alone: wrong": wrong_ends(gateway, way, control, 3, register_alone)[0],
        "seconds": round(seconds, 2),
    }


def main() -> int:
    rows, figures = run(full="--full" in sys.argv)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    print(figures)
    return 0 if figures["is_within_target"] else 1


if __name__ == "__main__":
    sys.exit(main())
