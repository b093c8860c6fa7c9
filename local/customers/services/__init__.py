"""Writing customers, visits, consent and imports. Other features use these names."""

from local.customers.services.consent import (
    ConsentGiven,
    consent_record,
    consent_withdraw,
    wording_here,
)
from local.customers.services.customers import (
    customer_create,
    customer_edit,
    customer_for_number,
    enquiry_answer,
    enquiry_record,
)
from local.customers.services.erasure import customer_erase, erase_also
from local.customers.services.exporting import customers_export
from local.customers.services.import_drafts import (
    Preview,
    draft_create,
    draft_discard,
    draft_map,
    draft_preview,
    import_start,
)
from local.customers.services.import_running import (
    import_release,
    import_run,
    import_undo,
    refused_csv,
)
from local.customers.services.merging import customers_merge, join_also
from local.customers.services.sample import sample_clear, sample_show
from local.customers.services.visits import VisitSaved, visit_record, visit_undo

__all__ = [
    "ConsentGiven", "Preview", "VisitSaved", "consent_record", "consent_withdraw",
    "customer_create", "customer_edit", "customer_erase", "customer_for_number",
    "customers_export", "customers_merge", "draft_create", "draft_discard", "draft_map",
    "draft_preview", "enquiry_answer", "enquiry_record", "erase_also", "import_release",
    "import_run", "import_start", "import_undo", "join_also", "refused_csv",
    "sample_clear", "sample_show",
    "visit_record", "visit_undo", "wording_here",
]  # fmt: skip
