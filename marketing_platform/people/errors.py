from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, Refused
from marketing_platform.core.text import mark as _


class InvitationGone(NotFound):
    code = "invitation_gone"
    sentence = _("This invitation no longer works. Ask the person who sent it for a new one.")


class InvitationForAnother(Refused):
    code = "invitation_for_another"
    sentence = _("This invitation was sent to %(destination)s. Sign in with that to accept it.")


class AlreadyHere(InvalidInput):
    code = "already_here"
    sentence = _("This person already works in this workspace.")


class RoleNotGiven(InvalidInput):
    code = "role_not_given"
    sentence = _("Choose a role below your own.")


class MemberMissing(NotFound):
    code = "member_missing"
    sentence = _("This person no longer works in this workspace.")


class LastOwner(Conflict):
    code = "last_owner"
    sentence = _("A workspace needs an owner. Make somebody else the owner first.")


class NotYours(Refused):
    code = "role_above_yours"
    sentence = _("You cannot change somebody whose role is not below yours.")
