"""Why a log is refused that could be read as text: what it holds is no session of one person."""

from functions.cognitive.reading import STANDARD_COLUMNS
from shared.errors import UnreadableUpload

MAX_FILES = 20  # the tasks of one sitting


class SeveralPeople(UnreadableUpload):
    """The log holds trials of more than one person."""

    code = "several-people"

    def __init__(self, people: int) -> None:
        super().__init__(f"The log holds trials of {people} people; one session is of one person.")


class SeveralSessions(UnreadableUpload):
    """The log holds more than one session of a person."""

    code = "several-sessions"

    def __init__(self, sign: str) -> None:
        super().__init__(f"The log holds several sessions: {sign}. Send one after the other.")


class RepeatedTask(UnreadableUpload):
    """A session holds the same task twice."""

    code = "repeated-task"

    def __init__(self, task: str, where: str) -> None:
        super().__init__(f"The task {task} stands {where}; a session holds a task once.")


class NoTrials(UnreadableUpload):
    """The log was read but holds nothing that is a trial."""

    code = "no-trials"

    def __init__(self, rows: int = 0) -> None:
        super().__init__(
            f"None of the log's {rows} rows is a trial with a response time, a judgment or a"
            " condition. A mapping can say which columns hold them."
        )


class NoTimes(UnreadableUpload):
    """No column of the log holds response times, which the task is about."""

    code = "no-response-times"

    def __init__(self, task: str) -> None:
        expected = ", ".join(STANDARD_COLUMNS["rt"])
        super().__init__(
            f"No row of {task} holds a response time; expected a column such as {expected}."
            " A mapping can name another."
        )


class ImpossibleTime(UnreadableUpload):
    """A time is longer than any sitting."""

    code = "impossible-time"

    def __init__(self) -> None:
        super().__init__("The log holds a time beyond a day; one sitting is shorter.")


class ImpossibleVersion(UnreadableUpload):
    """What stands as the task's version is not the name of one."""

    code = "impossible-version"

    def __init__(self) -> None:
        super().__init__(
            "A task_version begins with a digit, or v and a digit, such as 2.1 or v3-web; at most"
            " 32 letters, digits and . _ + - of ASCII."
        )


class FileCount(UnreadableUpload):
    """There are no files, or more than a session has."""

    code = "too-many-files"

    def __init__(self, files: int) -> None:
        super().__init__(f"Found {files} files; a session has 1 to {MAX_FILES}.")
