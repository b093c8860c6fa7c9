"""Reading customers, their visits and what they agreed to. Other features use these names."""

from local.customers.engine.facts import BillFact, Consent, ConsentState, VisitFact
from local.customers.engine.segments import CustomerFacts, Segment
from local.customers.selectors.consent import (
    agreed_ids,
    consent_history,
    consent_of,
    may_message,
    may_message_ids,
)
from local.customers.selectors.customers import (
    CustomerRow,
    CustomersPage,
    customer_by_bsuid,
    customer_by_phone,
    customer_count,
    customer_of,
    customer_own,
    customers_living,
    customers_own,
    customers_page,
    rows_of,
)
from local.customers.selectors.imports import batch_of, batches, draft_of, has_sample
from local.customers.selectors.segments import (
    SegmentCounts,
    customer_facts,
    segment_counts,
    segment_members,
)
from local.customers.selectors.visits import (
    bills_facts,
    last_counter_visit,
    visit_of,
    visits_between,
    visits_of,
)

__all__ = [
    "BillFact", "Consent", "ConsentState", "CustomerFacts", "CustomerRow", "CustomersPage",
    "Segment", "SegmentCounts", "VisitFact", "agreed_ids", "batch_of", "batches", "bills_facts",
    "consent_history", "consent_of", "customer_by_bsuid", "customer_by_phone", "customer_count",
    "customer_facts", "customer_of", "customer_own", "customers_living", "customers_own",
    "customers_page", "draft_of", "has_sample",
    "last_counter_visit", "may_message", "may_message_ids", "rows_of", "segment_counts",
    "segment_members", "visit_of", "visits_between", "visits_of",
]  # fmt: skip
