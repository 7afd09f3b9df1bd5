"""Statements by which an identity was ever forged, or is tried to be, in somebody's transaction.

The attacker has the password of the functions' role and an open transaction of a clinician or of a
patient, as an injected statement has. No statement may show a row beyond that request, nor change
any in either organization.
"""

from local.prove.forgery.around import AROUND, ROLES
from local.prove.forgery.identities import SETTINGS, WAYS_IN
from local.prove.forgery.rights import CHANGES, KEYS, TRAIL, UPKEEP

FORGERIES = (*SETTINGS, *WAYS_IN, *KEYS, *UPKEEP, *TRAIL, *CHANGES, *ROLES, *AROUND)
