"""Which finding comes first: rupees × certainty × recency."""

from collections.abc import Iterable
from datetime import date

from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.evidence import Finding

HALF_LIFE_DAYS = 180.0
LEAST_CERTAINTY = 0.1
# A forecast and a rate tell how it stands, not what changed.
NEWS = {Kind.CONVERSION: 0.5, Kind.VELOCITY: 0.5, Kind.FORECAST: 0.7, Kind.SEASON: 0.7}


def in_order(findings: Iterable[Finding], today: date) -> tuple[Finding, ...]:
    """What is clear before what is not, what has a price before what has none."""
    return tuple(sorted(findings, key=lambda one: (*_rank(one, today), one.key)))


def _rank(finding: Finding, today: date) -> tuple[bool, bool, float]:
    size = abs(finding.effect.paise) if finding.effect else 1.0
    return not finding.is_clear, finding.effect is None, -size * weight(finding, today)


def weight(finding: Finding, today: date) -> float:
    """Certainty × recency × how much it is news; 0 to 1."""
    return _certainty(finding) * _recency(finding, today) * NEWS.get(finding.kind, 1.0)


def _certainty(finding: Finding) -> float:
    """How little of the amount its interval leaves open."""
    value, low, high = finding.value, finding.low, finding.high
    if finding.effect:
        value, low, high = (
            finding.effect.paise, finding.effect.low_paise, finding.effect.high_paise,
        )  # fmt: skip
    elif finding.kind is Kind.ANOMALY:
        value -= (low + high) / 2
    if value == 0:
        return LEAST_CERTAINTY
    return max(LEAST_CERTAINTY, min(1.0, 1 - (high - low) / 2 / abs(value)))


def _recency(finding: Finding, today: date) -> float:
    return float(0.5 ** (max((today - finding.happened_on).days, 0) / HALF_LIFE_DAYS))
