from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.tiers.quotas import QuotaReached


class CustomerMissing(NotFound):
    code = "customer_not_found"
    sentence = _("This customer is not in your list.")


class VisitMissing(NotFound):
    code = "visit_not_found"
    sentence = _("This visit is not in your list any more.")


class ImportMissing(NotFound):
    code = "import_not_found"
    sentence = _("That file is finished or too old. Choose the file again.")


class InvalidCustomer(InvalidInput):
    code = "invalid_customer"


class NumberUnusable(InvalidInput):
    code = "number_unusable"
    sentence = _("Number: write a 10-digit Indian mobile number, for example 99999 00001.")


class InvalidVisit(InvalidInput):
    code = "invalid_visit"


class CustomerInvented(Conflict):
    code = "customer_invented"
    sentence = _("This customer is invented. Clear the invented ones, then write down your own.")


class NumberTaken(Conflict):
    code = "number_taken"
    sentence = _("Number: another customer has this number. You can join the two on their page.")


class TooManyCustomers(QuotaReached):
    """Nothing was written: neither the one customer nor any row of a file."""

    code = "too_many_customers"
    sentence = _(
        "Your plan holds %(limit)s customers; your list has %(used)s and %(more)s would be added. "
        "Nothing was added. Erase some first, or ask us for a larger plan."
    )

    def __init__(self, *, limit: int, used: int, more: int = 1):
        super().__init__(
            quota="contacts", limit=limit, used=used, more=more, sentence=self.sentence
        )


class ConsentNeedsAsking(Conflict):
    code = "consent_needs_asking"
    sentence = _(
        "This customer said no more messages. Tick that they asked for messages again, if they did."
    )


class ConsentOfMinor(InvalidInput):
    code = "consent_of_minor"
    sentence = _("For a child the parent agrees: write the parent's name first.")


class InvalidConsent(InvalidInput):
    code = "invalid_consent"


class CannotMerge(Conflict):
    code = "cannot_merge"
    sentence = _("These two cannot be joined.")


class UndoTooLate(Conflict):
    code = "undo_too_late"
    sentence = _("Only a bill of the last 24 hours can be taken back here.")


class FileImportedBefore(Conflict):
    code = "file_imported_before"
    sentence = _("This very file was brought in before. See what it made below.")

    def __init__(self, *, batch_id: int):
        self.batch_id = batch_id
        super().__init__(field="file")


class ColumnsMissing(InvalidInput):
    code = "columns_missing"
    sentence = _("Choose the column with the mobile number, or those with date and amount.")


class NothingToImport(InvalidInput):
    code = "nothing_to_import"
    sentence = _("No row of this file can be used. Look at the reasons below.")


class ImportChanged(Conflict):
    code = "import_changed"
    sentence = _("This import was changed in another window. Look at it again.")


class UndoneLater(Conflict):
    code = "import_leaned_on"
    sentence = _(
        "A later file, %(file)s, has rows of this one too and left them out. "
        "Take that file back first."
    )


class DeclarationMissing(InvalidInput):
    code = "declaration_missing"
    sentence = _("Say how these customers agreed, and tick that it is true; or leave consent out.")
