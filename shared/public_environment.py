"""The environment of a process that decodes what strangers send."""

import os

from shared.model_settings import OF_RECORDINGS
from shared.settings import PREFIX, AnalysisSettings, ServiceSettings

# What starts this Python at all, and where it may write.
PROCESS_VARIABLES = {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ"}


def public_environment() -> dict[str, str]:
    """Return what such a process may know: it has no key to anything."""
    named = {
        PREFIX + name.upper()
        for kind in (ServiceSettings, AnalysisSettings, *OF_RECORDINGS)
        for name in kind.model_fields
    }
    return {
        name: value
        for name, value in os.environ.items()
        if name in named | PROCESS_VARIABLES or name.startswith("POWERTOOLS_")
    }
