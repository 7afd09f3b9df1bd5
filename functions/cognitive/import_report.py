"""What became of every row of the files, in the words of the answer."""

from collections.abc import Sequence
from typing import Any

from functions.cognitive.trials import ImportReport


def import_json(imports: Sequence[ImportReport]) -> dict[str, Any]:
    """Say for all files together that rows = practice + test + those left out, and why.

    `first_line` counts lines in a table or text log, and trials in a JSON.
    """
    return {
        "rows": sum(each.rows for each in imports),
        "practice": sum(each.practice for each in imports),
        "test": sum(each.test for each in imports),
        "left_out": [
            {
                "file": number,
                "code": reason.code,
                "count": reason.count,
                "first_line": reason.first_line,
                "detail": reason.text,
            }
            for number, each in enumerate(imports, 1)
            for reason in each.left_out
        ],
        "unknown_conditions": [
            {
                "file": number,
                "word": word.word,
                "trials": word.trials,
                "test": word.test,
                "first_line": word.first_line,
            }
            for number, each in enumerate(imports, 1)
            for word in each.unknown_words
        ],
        "files": [
            {
                "format": each.file_format,
                "encoding": each.encoding,
                "decimal_commas": list(each.decimal_commas),
                "columns": {task: dict(columns) for task, columns in each.columns.items()},
            }
            for each in imports
        ],
    }
