"""In what order a message's news counts. Meta sends it at least once and in any order."""

# How far a message has come. What comes later only counts when it is further.
RANK = {"planned": 0, "sending": 1, "held": 2, "accepted": 2, "sent": 3, "delivered": 4, "read": 5}
FAILED = "failed"
# Seen on the phone: what says "failed" after that speaks of something else.
ARRIVED = frozenset({"delivered", "read"})
# In these it is, or may be, on its way: it counts against the pace of one person.
COUNTED = ("sending", "held", "accepted", "sent", "delivered", "read", "unknown", "self_reported")


def moves(present: str, told: str) -> bool:
    """Whether a message in state `present` goes over to `told`.

    Further is further; failed is the end unless it had arrived; nothing leaves failed.
    """
    if present == FAILED:
        return False
    if told == FAILED:
        return present not in ARRIVED
    if told not in RANK:
        return False
    # Of an unknown sending any news is news.
    return RANK[told] > RANK.get(present, 0)
