"""What a run over many workspaces says: each one to a person, otherwise one a second."""

import time
from collections.abc import Callable

from marketing_platform.tenants.migration_executor import Outcome, RunReport

Write = Callable[[str], object]


class ProgressLines:
    """A line for each failed workspace; for the others one at most every second, with the count."""

    def __init__(self, write: Write, total: int, *, is_terse: bool):
        self.write, self.total, self.is_terse = write, total, is_terse
        self.count, self.told_at = 0, float("-inf")

    def __call__(self, outcome: Outcome) -> None:
        self.count += 1
        place = f"[{self.count}/{self.total}] {outcome.slug} ({outcome.tier})"
        if outcome.error:
            self.write(f"{place} FAILED: {outcome.error}")
            return
        now = time.monotonic()
        if self.is_terse and now - self.told_at < 1 and not outcome.is_canary:
            return
        self.told_at = now
        first = ", the first of its tier" if outcome.is_canary else ""
        self.write(f"{place} {outcome.way} {outcome.seconds * 1000:.0f} ms{first}")


def summary_of(report: RunReport, *, seconds: float) -> str:
    """One sentence on what was done."""
    ways = [outcome.way for outcome in report.done]
    parts = [f"{ways.count(way)} by {way}" for way in ("operations", "replay") if way in ways]
    kinds = f" ({', '.join(parts)})" if parts else ""
    return f"{len(ways)} workspaces are up to date{kinds}, in {seconds:.1f} s."


def problem_of(report: RunReport) -> str:
    """What failed and what was left as it was, for people; empty when all went well."""
    lines = [
        f"{outcome.slug}{' (went first)' if outcome.is_canary else ''}: {outcome.error}"
        for outcome in report.failed
    ]
    if lines:
        lines.insert(0, "These workspaces could not be migrated:")
    lines += [
        f"{count} other {tier} workspaces were left as they are, because the first one failed."
        f" Mend it and run this again, or choose another with --canary."
        for tier, count in report.stopped.items()
    ]
    return "\n".join(lines)
