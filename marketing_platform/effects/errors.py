from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class EffectMissing(NotFound):
    code = "effect_not_found"
    sentence = _("This is not in the list of what you sent.")


class EffectUnderway(Conflict):
    code = "effect_underway"
    sentence = _("It is going out right now, so it can no longer be changed or stopped.")


class EffectOver(Conflict):
    code = "effect_over"
    sentence = _("This is settled already. Load the page again.")


class EffectNotAsked(Conflict):
    code = "effect_not_asked"
    sentence = _("Nobody has to check this one. Load the page again.")


class EffectTooLate(Conflict):
    code = "effect_too_late"
    sentence = _("Its last moment has passed, so it is not sent again. Plan a new one.")


class EffectNeverAgain(Conflict):
    code = "effect_never_again"
    sentence = _("Such a message is never sent twice. Press “Yes, it went out” or “No, leave it”.")


class EffectTimesWrong(InvalidInput):
    code = "effect_times_wrong"
    sentence = _("The last moment must lie after the planned time.")


class ConnectionForeign(InvalidInput):
    code = "connection_foreign"
    sentence = _("This account is not connected to this workspace. Connect it first.")


class ChannelMissing(NotFound):
    code = "channel_not_found"
    sentence = _("This connection is not paused.")
