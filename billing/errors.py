"""What can go wrong with money, in sentences that an owner understands."""

from typing import Any

from marketing_platform.core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    OutsideFailure,
    PlatformError,
)
from marketing_platform.core.text import mark as _


class AlreadyPaid(Conflict):
    code = "already_paid"
    sentence = _("This workspace already has a paid plan. Nothing was charged.")


class PaidByInvoice(Conflict):
    code = "paid_by_invoice"
    sentence = _(
        "This workspace pays by invoice, so nothing was charged. "
        "Pay the open invoice under Billing."
    )


class TrialUsed(Conflict):
    code = "trial_used"
    sentence = _("The free trial of this workspace is over. Choose a plan to go on.")


class PlanNotOnSale(NotFound):
    code = "plan_not_on_sale"
    sentence = _("This plan is not on sale here.")


class UnknownGateway(NotFound):
    code = "unknown_gateway"
    sentence = _("There is no payment gateway of this name.")


class NoGateway(PlatformError):
    code = "no_gateway"
    status = 503
    sentence = _("Online payment is not set up here. Please write to us.")


class GatewayUnavailable(OutsideFailure):
    """The gateway did not answer, or answered with a failure of its own."""

    code = "gateway_unavailable"
    sentence = _("The payment page did not open. Nothing was charged. Please try again.")


class GatewayRefused(OutsideFailure):
    """The gateway understood and said no: asking again will not help."""

    code = "gateway_refused"
    permanent = True
    sentence = _("The payment company refused this. Nothing was charged. Please write to us.")


class RemoteNotFound(GatewayRefused):
    """The gateway does not know the checkout or subscription that we ask for."""

    code = "remote_not_found"
    sentence = _("The payment company no longer knows this payment. Please start again.")


class InvalidSignature(PlatformError):
    """A webhook that is not provably the gateway's. `english` says only that, on purpose."""

    code = "invalid_signature"
    sentence = _("The signature of this message is missing, wrong or out of date.")


class WebhookTooLarge(PlatformError):
    code = "too_large"
    status = 413
    sentence = _("The message is larger than %(kilobytes)d KB.")


class MalformedEvent(PlatformError):
    """A signed event that does not have the documented shape."""

    code = "malformed_event"
    sentence = _("The event could not be read: %(what)s.")


class EventRefused(PlatformError):
    """A signed event that contradicts our own rows; it grants nothing."""

    code = "event_refused"
    sentence = _("The event was refused: %(reason)s.")


class NoSupplier(Conflict):
    code = "no_supplier"
    sentence = _("Staff have not entered who issues the invoices yet. Nothing was issued.")


class InvalidGstin(InvalidInput):
    code = "invalid_gstin"
    sentence = _("This GSTIN is not right. Copy its 15 characters from the GST certificate.")


class StateMissing(InvalidInput):
    code = "state_missing"
    sentence = _("Choose your State: the law wants it on the invoice of an online service.")


class ChargeMismatch(Conflict):
    """What was charged is not the price with its tax; a person has to look."""

    code = "charge_mismatch"
    sentence = _("%(charged)s was charged, but %(base)s with its GST is another amount.")


class PeriodLocked(Conflict):
    code = "period_locked"
    sentence = _("The GST return of %(month)s is filed. Nothing more is issued into that month.")


class PeriodNotReady(Conflict):
    code = "period_not_ready"
    sentence = _("The month %(month)s cannot be locked: %(reason)s.")


class CreditTooLarge(Conflict):
    code = "credit_too_large"
    sentence = _("The credit note is for more than what is left of the invoice: %(left)s.")


class CreditTooLate(Conflict):
    code = "credit_too_late"
    sentence = _("A credit note on this invoice was possible until %(day)s only.")


class UnknownDocument(NotFound):
    code = "unknown_document"
    sentence = _("There is no invoice or credit note of this number.")


class NothingToChange(Conflict):
    code = "nothing_to_change"
    sentence = _("You have this plan already, at this price. Nothing was changed.")


class ChangeNotPossible(Conflict):
    """`sentence` says which state stands in the way, and what to do first."""

    code = "change_not_possible"
    sentence = _("This cannot be changed now. Please write to us.")


class ChangeUnderWay(Conflict):
    code = "change_under_way"
    sentence = _("A change of plan is under way already. Finish it or take it back first.")


class FiguresChanged(Conflict):
    """Nothing is charged that was not shown before."""

    code = "figures_changed"
    sentence = _("The amounts have changed since you looked. Please look at them once more.")


class CouponRefused(InvalidInput):
    code = "coupon_refused"
    sentence = _("This coupon is not known. Check the letters and digits.")


class ReferralRefused(InvalidInput):
    code = "referral_refused"
    sentence = _("This referral code is not known. Check the letters and digits.")


class RefundTooLarge(Conflict):
    code = "refund_too_large"
    sentence = _("At most %(left)s of this payment can go back.")


class AdjustmentRefused(InvalidInput):
    code = "adjustment_refused"
    sentence = _("Give an amount that is not zero, of at most ₹10 crore, and the reason.")


class SettledTooMuch(Conflict):
    code = "settled_too_much"
    sentence = _("Of %(number)s only %(left)s is open. Enter at most that.")


class PayerInUse(Conflict):
    code = "payer_in_use"
    sentence = _("An invoice of this workspace is open. Settle it before another payer takes over.")


class UnknownRegistration(NotFound):
    code = "unknown_registration"
    sentence = _("This GSTIN is not one of this payer's. Choose one from the list.")


class TransferDiffers(Conflict):
    code = "transfer_differs"
    sentence = _("The transfer %(utr)s is entered already, with another amount.")


class TransferNotOpen(Conflict):
    code = "transfer_not_open"
    sentence = _("This transfer is matched or was sent back already.")


class UnknownQuote(NotFound):
    code = "unknown_quote"
    sentence = _("There is no quote of this number.")


class QuoteNotOpen(Conflict):
    code = "quote_not_open"
    sentence = _("This quote is no longer open. Please make a new one.")


class QuoteChanged(Conflict):
    code = "quote_changed"
    sentence = _("Price or tax is no longer what this quote says. Please make a new one.")


class PurchaseOrderMissing(InvalidInput):
    code = "purchase_order_missing"
    sentence = _("Your company wants a purchase order number on each invoice. Please enter it.")


class PlanRuns(Conflict):
    code = "plan_runs"
    sentence = _("This workspace already has a running plan. End it first, then accept the quote.")


class CertificateRefused(InvalidInput):
    code = "certificate_refused"
    sentence = _("Upload the certificate as a PDF of at most 5 MB.")


class CauseDiffers(Conflict):
    """A mistake of a caller: one cause, two amounts."""

    code = "cause_differs"
    sentence = _("This is in the books already, with another amount: %(cause)s.")


class NothingToSettle(InvalidInput):
    code = "nothing_to_settle"
    sentence = _("Enter an amount that is not zero.")


class TakenBackTooMuch(Conflict):
    code = "taken_back_too_much"
    sentence = _("Of %(number)s only %(settled)s is settled. Take back at most that.")


class StatementUnreadable(InvalidInput):
    """`problems` has every row that cannot be read; nothing of the file was taken."""

    code = "statement_unreadable"
    sentence = _("%(count)s rows of this statement cannot be read. The first is row %(row)s.")

    def __init__(self, *, problems: tuple[Any, ...]):
        self.problems = problems
        super().__init__(field="file", count=len(problems), row=problems[0].row)


class StatementColumnsMissing(InvalidInput):
    code = "statement_columns_missing"
    sentence = _(
        "This file has no columns of a bank statement: a date, and money in and out. Download the "
        "statement from the bank again, as CSV or XLSX."
    )


class NotAnInvoice(Conflict):
    code = "not_an_invoice"
    sentence = _("A credit note is made on an invoice. Choose the invoice that %(number)s is on.")


class TransferNotMatched(Conflict):
    code = "transfer_not_matched"
    sentence = _("This transfer is not matched to invoices. There is nothing to undo.")


class CertificateNotWaiting(Conflict):
    code = "certificate_not_waiting"
    sentence = _("This certificate does not wait for staff. Look at its state again.")


class CertificateDiffers(InvalidInput):
    """Staff read another amount in the file than the payer entered."""

    code = "certificate_differs"
    sentence = _(
        "The customer entered %(certified)s. If the file says another amount, reject it and say so."
    )


class RefundNotWaiting(Conflict):
    code = "refund_not_waiting"
    sentence = _("This refund does not wait for a credit note. Look at it again.")


class EInvoiceIncomplete(InvalidInput):
    """`field`: seller or buyer, and what lacks, such as "buyer.pincode"."""

    code = "e_invoice_incomplete"
    sentence = _(
        "The e-invoice of %(number)s waits: %(lacks)s is missing. Enter it with the billing "
        "details, then make the file again."
    )

    def __init__(self, *, number: str, lacks: str):
        super().__init__(field=lacks, number=number, lacks=lacks.replace(".", " "))


class PreviewIsOver(Conflict):
    code = "preview_is_over"
    sentence = _("This preview is over. Nothing was taken. Upload the file again.")
