"""The sentences about late money. `%(…)s`: workspace, amount, number, day."""

from collections.abc import Mapping
from dataclasses import dataclass

from billing.engine.dunning import Step
from marketing_platform.core.text import mark as _


@dataclass(frozen=True)
class Words:
    """Marked English: the subject (also the bell's title) and the text."""

    subject: str
    text: str


PAYMENT: Mapping[str, Words] = {
    Step.FAILED: Words(
        _("The payment for %(workspace)s did not go through"),
        _(
            "%(amount)s could not be collected. Nothing is lost. "
            "Please pay, or set up another way to pay, by %(day)s."
        ),
    ),
    Step.REMINDER_1: Words(
        _("A payment for %(workspace)s is open"),
        _("%(amount)s is still to be paid. Everything works until %(day)s."),
    ),
    Step.REMINDER_2: Words(
        _("A payment for %(workspace)s is still open"),
        _("%(amount)s is still to be paid. After %(day)s the workspace can be read, not changed."),
    ),
    Step.LAST_CALL: Words(
        _("Last reminder: %(workspace)s becomes read-only soon"),
        _(
            "%(amount)s is still to be paid. On %(day)s the workspace becomes read-only. "
            "Nothing is deleted, and you can download everything."
        ),
    ),
    Step.SUSPENDED: Words(
        _("%(workspace)s is read-only now"),
        _(
            "%(amount)s was not paid. Your data is safe: you can read and download it. "
            "Once it is paid, everything works again."
        ),
    ),
    Step.RECOVERED: Words(
        _("Thank you: the payment for %(workspace)s has arrived"),
        _("Everything works as before."),
    ),
}
INVOICE: Mapping[str, Words] = {
    Step.DUE_SOON: Words(
        _("Invoice %(number)s is due on %(due)s"),
        _("%(amount)s for %(workspace)s. If it is on its way, there is nothing to do."),
    ),
    Step.DUE: Words(
        _("Invoice %(number)s is due today"),
        _("%(amount)s for %(workspace)s. You can pay by transfer or online."),
    ),
    Step.OVERDUE_1: Words(
        _("Invoice %(number)s is overdue"),
        _("%(amount)s was due on %(due)s. Please pay it, or tell us what is missing."),
    ),
    Step.OVERDUE_2: Words(
        _("Invoice %(number)s is still open"),
        _(
            "%(amount)s was due on %(due)s. "
            "After %(day)s the workspace %(workspace)s can be read, not changed."
        ),
    ),
    Step.LAST_CALL: Words(
        _("Last reminder for invoice %(number)s"),
        _(
            "%(amount)s was due on %(due)s. On %(day)s the workspace %(workspace)s becomes "
            "read-only. Nothing is deleted, and you can download everything."
        ),
    ),
    Step.SUSPENDED: Words(
        _("%(workspace)s is read-only: invoice %(number)s is open"),
        _(
            "%(amount)s was due on %(due)s. Your data is safe: you can read and download it. "
            "Once it is paid, everything works again."
        ),
    ),
    Step.RECOVERED: Words(
        _("Thank you: invoice %(number)s is paid"), _("Everything works as before.")
    ),
}
PAY_HERE = _("Pay here: %(url)s")
SEE_HERE = _("See it here: %(url)s")
