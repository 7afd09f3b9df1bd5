"""What a function asks of its settings before it serves anybody."""

import difflib
import os
import warnings
from collections.abc import Sequence

from shared.environment import given, is_deployed
from shared.model_settings import concerns
from shared.setting_complaints import names
from shared.settings import (
    PREFIX,
    AwsSettings,
    DatabaseSettings,
    EncryptionSettings,
    IdentitySettings,
    QueueSettings,
    ScheduleSettings,
    SecretSettings,
    ServiceSettings,
    Settings,
    SettingsMissing,
    StorageSettings,
    TokenSettings,
    WebhookSettings,
    load,
)

OF_EVERY_FUNCTION: tuple[type[Settings], ...] = (
    *(SecretSettings, ServiceSettings, TokenSettings, StorageSettings, QueueSettings),
)
# Read by the laptop's commands and by tests, which no function is.
OF_THE_LAPTOP = {"MEDILENS_HOME", "MEDILENS_FAULTS", "MEDILENS_TEST_DATA"}

NEEDS_AWS = {"MEDILENS_STORAGE_BUCKET", "MEDILENS_QUEUE_URL", "MEDILENS_MASTER_KMS_KEY"}


class UnknownSetting(UserWarning):
    """A variable has a name like a setting's, and nothing reads it."""


def check_settings(*own: type[Settings]) -> None:
    """End the start of a function that is deployed with a setting that is missing or malformed.

    `own` are the concerns that no other function has. What a secret holds is read when it is
    first needed, for it must not be in a snapshot.

    Raises
    ------
    SettingsMissing
        It names all that is wrong, not just the first.
    """
    _warn_of_unknown()
    if not is_deployed():
        return
    complaints = [complaint for kind in (*_needed(), *own) for complaint in _wrong(kind)]
    if complaints:
        raise SettingsMissing.of("the function's environment", complaints)


def _needed() -> Sequence[type[Settings]]:
    """The concerns of every function, as far as its environment is to hold them."""
    kinds: list[type[Settings]] = list(OF_EVERY_FUNCTION)
    present = given(os.environ)
    if "MEDILENS_SECRET_ARN" not in present:
        kinds += [DatabaseSettings, IdentitySettings, EncryptionSettings]
        kinds += [ScheduleSettings, WebhookSettings]
    if present.keys() & NEEDS_AWS:
        kinds.append(AwsSettings)
    return kinds


def _wrong(kind: type[Settings]) -> Sequence[str]:
    try:
        load(kind)
    except SettingsMissing as missing:
        return missing.complaints
    return ()


def _warn_of_unknown() -> None:
    known = OF_THE_LAPTOP | {
        name for kind in concerns() for field in kind.model_fields.values() for name in names(field)
    }
    ours = (name for name in os.environ if name.startswith(PREFIX))
    for name in sorted(set(ours) - known):
        near = difflib.get_close_matches(name, known, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        warnings.warn(f"Nothing reads {name}.{meant}", UnknownSetting, stacklevel=3)
