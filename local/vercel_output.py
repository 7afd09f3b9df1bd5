"""Turn what `vercel build` leaves into folders that hold what runs, and nothing else.

The builder names the files of each function in a list that points into its own environments.
Here each function's folder gets the files themselves, so that what is deployed with
`vercel deploy --prebuilt` can be pruned, given its bytecode, weighed and run.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from local import artifact

CONFIG = ".vc-config.json"
FILE_LIST = "filePathMap"


def unfold(function: Path, root: Path) -> None:
    """Link the listed files of one function into its folder and drop the list."""
    config = json.loads((function / CONFIG).read_text())
    for name, source in config.pop(FILE_LIST, {}).items():
        place = function / name
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(root / source, place)
    (function / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True))


def complete(built: Path, output: Path) -> None:
    """Complete every function that was built below `built` and put the whole at `output`."""
    for function in sorted((built / ".vercel" / "output").rglob("*.func")):
        unfold(function, built)
        artifact.finish(function)
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(exist_ok=True)
    shutil.move(built / ".vercel" / "output", output)


if __name__ == "__main__":
    complete(Path(sys.argv[1]), Path(sys.argv[2]))
