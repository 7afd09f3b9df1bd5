"""What became of every row of the files, in the words of the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.cognitive.trials import ImportReport, LeftOut, UnknownWord


def import_json(imports: Sequence[ImportReport]) -> Mapping[str, Any]:
    """Say for all files together that rows = practice + test + those left out, and why.

    `first_line` counts lines in a table or text log, and trials in a JSON.
    """
    return {
        "rows": sum(report.rows for report in imports),
        "practice": sum(report.practice for report in imports),
        "test": sum(report.test for report in imports),
        "left_out": [
            _left_out(number, reason)
            for number, report in enumerate(imports, 1)
            for reason in report.left_out
        ],
        "unknown_conditions": [
            _unknown_condition(number, word)
            for number, report in enumerate(imports, 1)
            for word in report.unknown_words
        ],
        "files": [_file(report) for report in imports],
    }


def _file(report: ImportReport) -> Mapping[str, Any]:
    return {
        "format": report.file_format,
        "encoding": report.encoding,
        "decimal_commas": list(report.decimal_commas),
        "columns": {task: dict(columns) for task, columns in report.columns.items()},
    }


def _left_out(file: int, reason: LeftOut) -> Mapping[str, Any]:
    return {
        "file": file,
        "code": reason.code,
        "count": reason.count,
        "first_line": reason.first_line,
        "detail": reason.text,
    }


def _unknown_condition(file: int, word: UnknownWord) -> Mapping[str, Any]:
    return {
        "file": file,
        "word": word.word,
        "trials": word.trials,
        "test": word.test,
        "first_line": word.first_line,
    }
