"""What becomes of a workspace's public rows when it is restored and when it is erased.

Every model with a tenant declares it: `kept_as = Kept.RECORD`. A model without one stops backups
and erasures (operations.backup.rows), so that none is forgotten.
"""

from enum import Enum


class Kept(Enum):
    # Money and its proof: never rolled back, only put back where missing; outlives the erasure.
    RECORD = "record"
    # The workspace's own: put back where missing; erased with it.
    OWN = "own"
    # Who may enter. Put back only for a workspace that was lost: removed since stays removed.
    ACCESS = "access"
    # Work to be done: what is overdue comes back as dead, for a person to look at.
    WORK = "work"
    # Neither in a backup nor after an erasure.
    NOT = "not"
