"""The tools of local/tools, which have an environment of their own."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UV = str(own) if (own := ROOT / ".uv" / "bin" / "uv").exists() else shutil.which("uv") or "uv"


def python_of_the_tools() -> list[str]:
    """Return the start of a command that runs a script beside the tools."""
    return [UV, "run", "--quiet", "--frozen", "--project", str(ROOT / "local" / "tools"), "python"]
