"""What can be wrong with figures, budgets and runs. Plain Python: the engine raises these too."""

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class MixInvalid(InvalidInput):
    """The figures cannot carry a model; the sentence says what is missing."""

    code = "mix_invalid"
    sentence = _("These figures cannot carry a budget model yet.")


class BudgetInvalid(InvalidInput):
    code = "budget_invalid"
    sentence = _("This budget cannot be read.")


class RunUnknown(NotFound):
    code = "run_not_found"
    sentence = _("This fit is not in this workspace.")


class AllocationUnknown(NotFound):
    code = "allocation_not_found"
    sentence = _("This budget proposal is not in this workspace.")


class NoRunYet(Conflict):
    code = "no_fit_yet"
    sentence = _("Fit the model first; then a budget can be proposed.")


class ScenarioNameTaken(Conflict):
    code = "scenario_name_taken"
    sentence = _("Another scenario is called %(name)s. Choose another name.")


class PromotionInvalid(InvalidInput):
    code = "promotion_invalid"
    sentence = _("This offer cannot be kept.")


class PromotionUnknown(NotFound):
    code = "promotion_not_found"
    sentence = _("This offer is not in this workspace.")
