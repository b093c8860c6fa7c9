"""Google Business Profile without a network: facts, replies, hours. Plain Python."""

from local.automation.google_business.engine.facts import HoursFacts, ReviewFact

__all__ = ["HoursFacts", "ReviewFact"]
