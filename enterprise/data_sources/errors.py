"""What can be wrong with an uploaded file, in words that say what to do."""

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
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
