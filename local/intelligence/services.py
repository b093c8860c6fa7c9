from datetime import date, datetime

from local.business.engine import BusinessFacts
from local.intelligence.engine.own_records import VERSION, as_json, inputs_hash, own_insights
from local.intelligence.models import InsightRun
from local.intelligence.selectors import records_of


def insights_compute(*, facts: BusinessFacts, today: date, now: datetime) -> InsightRun:
    """Read the records and keep what they show; the same records are computed once."""
    records = records_of(facts, today=today)
    found, missing = own_insights(records, today=today)
    result = {
        "insights": [as_json(each) for each in found],
        "missing": [as_json(each) for each in missing],
    }
    run, _created = InsightRun.objects.update_or_create(
        inputs_hash=inputs_hash(records, today=today),
        version=VERSION,
        defaults={
            "on": today,
            "visits": len(records.visits),
            "reviews": len(records.reviews),
            "result": result,
            "computed_at": now,
        },
    )
    return run
