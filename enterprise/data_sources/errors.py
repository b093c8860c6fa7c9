"""What can be wrong with an uploaded file, in words that say what to do."""

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, OutsideFailure
from marketing_platform.core.text import mark as _


class FileUnreadable(InvalidInput):
    """The file as a whole cannot be read; nothing of it is kept."""

    code = "file_unreadable"
    sentence = _("This file cannot be read. Save it as CSV or XLSX and upload it again.")

    def __init__(self, sentence: str | None = None, **params: object):
        super().__init__(sentence, field="file", **params)


class AlreadyImported(Conflict):
    code = "already_imported"
    sentence = _("This very file was imported already (%(name)s). Nothing was changed.")


class MappingIncomplete(InvalidInput):
    """The columns chosen do not suffice; the sentence says which is missing."""

    code = "mapping_incomplete"
    sentence = _("Choose which column holds what.")


class RowsHaveProblems(Conflict):
    code = "rows_have_problems"
    sentence = _(
        "%(count)s rows have problems. Correct them and upload again, or import the good rows only."
    )


class WouldReplace(Conflict):
    code = "would_replace"
    sentence = _("%(source)s already has data for this period. Confirm that this file replaces it.")


class NothingToImport(InvalidInput):
    code = "nothing_to_import"
    sentence = _("No row of this file can be imported.")


class ImportChanged(Conflict):
    code = "import_changed"
    sentence = _("This import was already finished or undone in another window.")


class LaterImportFirst(Conflict):
    code = "later_import_first"
    sentence = _("A later import replaced part of this one. Undo the later one first.")


class ImportUnknown(NotFound):
    code = "import_unknown"
    sentence = _("We could not find that import. It may have been removed.")


class MetricUnknown(NotFound):
    code = "metric_unknown"
    sentence = _("There is no figure called %(metric)s in your data.")


class GrainTooFine(InvalidInput):
    """The source reports more coarsely than what is asked; ``grain`` is its own."""

    code = "grain_too_fine"
    sentence = _("%(metric)s is only known by %(grain)s. Ask for that, or upload finer figures.")


class KindUnknown(NotFound):
    code = "kind_unknown"
    sentence = _("Rows can be sent as spend, outcomes, leads or deals.")


class FixGone(Conflict):
    code = "fix_gone"
    sentence = _("The data changed since you opened this page. Look at the report again.")


class FixUnknown(NotFound):
    code = "fix_unknown"
    sentence = _("We could not find that correction. It may have been taken back already.")


class RowUnreadable(InvalidInput):
    """``place`` says which row and field, counted from 0."""

    code = "row_unreadable"
    sentence = _(
        "%(place)s is not a field of such rows, or holds something other than text or a number."
    )

    def __init__(self, *, place: str):
        super().__init__(field=place, place=place)


class PlaceUnknown(InvalidInput):
    code = "place_unknown"
    sentence = _("Send a whole number here, as an earlier answer gave it.")


class CrmUnknown(NotFound):
    code = "crm_unknown"
    sentence = _("We can read Salesforce, HubSpot and Marketo.")


class CrmNotConnected(Conflict):
    code = "crm_not_connected"
    sentence = _("%(provider)s is not connected. Connect it first, then press “Sync now”.")


class CrmAnswerOdd(OutsideFailure):
    """An answer that is JSON and still not what is documented."""

    code = "crm_answer_odd"
    sentence = _("The answer could not be understood. What came before is stored; we try again.")


class SyncCancelled(Conflict):
    """Somebody cancelled a sync; each page it had stored stays stored."""

    code = "crm_sync_cancelled"
    sentence = _("Cancelled. What was read until then stays; the next sync goes on from there.")


class SyncTaken(Conflict):
    """Another run goes on in this one's place; what it stored holds."""

    code = "sync_taken"
    sentence = _("Another sync of this source is running already.")


class CrmSyncLost(Conflict):
    code = "crm_sync_lost"
    sentence = _("This sync stopped before its end. The next one went on from there.")
