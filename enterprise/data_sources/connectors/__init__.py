"""Reading CRMs: pages of records from where the last sync stopped, on to now."""

from collections.abc import Mapping

from enterprise.data_sources.connectors.contracts import Page, Reader, Stream
from enterprise.data_sources.connectors.hubspot import HUBSPOT
from enterprise.data_sources.connectors.marketo import MARKETO
from enterprise.data_sources.connectors.salesforce import SALESFORCE

READERS: Mapping[str, Reader] = {
    "salesforce": SALESFORCE,
    "hubspot": HUBSPOT,
    "marketo": MARKETO,
}
__all__ = ["READERS", "Page", "Reader", "Stream"]
