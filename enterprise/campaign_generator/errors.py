"""What can go wrong with a campaign document."""

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class CampaignMissing(NotFound):
    code = "campaign_unknown"
    sentence = _("This campaign is not here. Open it from the list.")


class CampaignChanged(Conflict):
    code = "campaign_changed"
    sentence = _("The campaign changed since you opened it. Read it again, then decide.")


class CampaignBlocked(Conflict):
    code = "campaign_blocked"
    sentence = _("Something in the campaign stops this. The checks on its page say what.")


class StepNotPossible(Conflict):
    code = "campaign_step"
    sentence = _("The campaign is not at this step. Its page shows what comes next.")


class DetailRefused(InvalidInput):
    code = "campaign_detail"
    sentence = _("Check this field: it is empty, too long or not a possible value.")


class NothingToExport(NotFound):
    code = "campaign_no_file"
    sentence = _("There is no such file for this campaign. Google Ads files need Google Ads in it.")
