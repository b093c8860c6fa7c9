"""The tables of billing. All lie in the public schema; amounts are integer paise."""

from billing.models.accounts import AccountWorkspace, BillingAccount, GstRegistration
from billing.models.bank import (
    BankLine,
    BankStatement,
    IncomingTransfer,
    Payout,
    PayoutItem,
)
from billing.models.checkouts import Checkout, CheckoutState
from billing.models.choices import INTERVALS, LIVE_STATES, STATES, TIERS
from billing.models.documents import (
    PeriodLock,
    RevenueSlice,
    SeriesCounter,
    Settlement,
    Supplier,
    TaxDocument,
)
from billing.models.dunning import DunningStep
from billing.models.ledger import JournalEntry, JournalLine
from billing.models.paper import Quote, QuoteCounter, TdsCertificate, VendorFile
from billing.models.payments import Dispute, Payment, Refund
from billing.models.plans import (
    Coupon,
    CouponUse,
    CustomPrice,
    Plan,
    PlanVersion,
    Referral,
    ReferralCode,
)
from billing.models.staff_terms import StaffTerms
from billing.models.subscriptions import OPEN_CHANGES, PlanChange, Subscription, TrialUse

__all__ = [
    "INTERVALS",
    "LIVE_STATES",
    "OPEN_CHANGES",
    "STATES",
    "TIERS",
    "AccountWorkspace",
    "BankLine",
    "BankStatement",
    "BillingAccount",
    "Checkout",
    "CheckoutState",
    "Coupon",
    "CouponUse",
    "CustomPrice",
    "Dispute",
    "DunningStep",
    "GstRegistration",
    "IncomingTransfer",
    "JournalEntry",
    "JournalLine",
    "Payment",
    "Payout",
    "PayoutItem",
    "PeriodLock",
    "Plan",
    "PlanChange",
    "PlanVersion",
    "Quote",
    "QuoteCounter",
    "Referral",
    "ReferralCode",
    "Refund",
    "RevenueSlice",
    "SeriesCounter",
    "Settlement",
    "StaffTerms",
    "Subscription",
    "Supplier",
    "TaxDocument",
    "TdsCertificate",
    "TrialUse",
    "VendorFile",
]
