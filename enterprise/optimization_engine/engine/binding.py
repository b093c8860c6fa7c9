"""In words: what stopped the optimiser, and what its answer rests on."""

from collections.abc import Sequence

from enterprise.optimization_engine.engine.budget import Room
from enterprise.optimization_engine.engine.contracts import ChannelChange, FitResult, Said
from marketing_platform.core.text import mark as _


def binding_of(
    room: Room, changes: Sequence[ChannelChange], *, is_unchanged: bool, total: int
) -> tuple[Said, ...]:
    movable = [one for one in changes if one.binds != "fixed"]
    bound = [one for one in movable if one.binds]
    if is_unchanged and movable and len(bound) == len(movable):
        return (Said(_("Unchanged, because every channel is at one of its limits. Widen them to "
                       "let money move.")),)  # fmt: skip
    if is_unchanged and not movable:
        return (Said(_("Unchanged, because every channel is kept at today's spend.")),)
    if is_unchanged:
        return (Said(_("Unchanged: within these limits no other split brings more.")),)
    made = []
    for one in changes:
        sentence = {
            "high": _("%(channel)s is at its upper limit of %(limit_paise)s a week."),
            "low": _("%(channel)s is at its lower limit of %(limit_paise)s a week."),
            "fixed": _("%(channel)s is kept at %(limit_paise)s a week."),
        }.get(one.binds)
        if sentence:
            values = (("channel", one.channel), ("limit_paise", one.after_paise))
            made.append(Said(sentence, values))
    if total < room.wanted_high and bool((room.high == [c.after_paise for c in changes]).all()):
        made.append(Said(_("Not all of the budget is used: every channel is at its limit.")))
    elif room.total_low < room.total_high and total >= room.total_high:
        made.append(Said(_("The whole budget is used: more would bring more.")))
    elif room.total_low < room.total_high:
        made.append(Said(_("Not all of the budget is used: no channel brings more with it.")))
    if movable and not bound:
        made.append(Said(_("No limit stops it: the next rupee brings the same everywhere.")))
    return tuple(made)


def limits_of(fit: FitResult, changes: Sequence[ChannelChange]) -> tuple[Said, ...]:
    """What must be read with every allocation."""
    made = [
        Said(_("The gain is per week once the change has settled, carry-over included. It assumes "
               "that markets, prices and ads stay as they were.")),
        Said(_("It comes from past ups and downs, not from an experiment.")),
    ]  # fmt: skip
    for one in changes:
        if one.is_extrapolated:
            values = (("channel", one.channel),)
            made.append(Said(_("%(channel)s goes beyond any week seen so far: its effect there is "
                               "extrapolated."), values))  # fmt: skip
    unsure = [one.channel for one in fit.channels if not one.is_identified]
    moved = {one.channel for one in changes if one.change_paise}
    made += [
        Said(_("%(channel)s was hardly measurable: moving its budget is a guess."),
             (("channel", name),))
        for name in unsure if name in moved
    ]  # fmt: skip
    return tuple(made)
