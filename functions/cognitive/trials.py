"""What a cognitive session is, once its file format is behind us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from shared.errors import UnusableRecording


class Family(StrEnum):
    """Tasks that are scored alike."""

    SIMPLE_REACTION = "simple_reaction"
    CHOICE_REACTION = "choice_reaction"
    INTERFERENCE = "interference"
    N_BACK = "n_back"
    GO_NO_GO = "go_no_go"
    STOP_SIGNAL = "stop_signal"
    SPAN = "span"
    TRAILS = "trails"
    WORD_LIST = "word_list"
    FLUENCY = "fluency"
    CODING = "coding"
    SWITCHING = "switching"
    CUEING = "cueing"
    TAPPING = "tapping"


class Phase(StrEnum):
    PRACTICE = "practice"
    TEST = "test"


class Mode(StrEnum):
    """How a task was given; a norm of one mode says nothing about another."""

    WEB = "web"
    COMPUTER = "computer"
    PAPER = "paper"
    UNKNOWN = "unknown"


class NoTestTrials(UnusableRecording):
    """The log holds no trial after practice."""

    code = "no-test-trials"

    def __init__(self) -> None:
        super().__init__("Found no test trials; at least one task with trials after practice.")


@dataclass(frozen=True)
class Trial:
    """One stimulus and what the person did; times in milliseconds.

    Attributes
    ----------
    condition : str or None
        In the words of the task's profile, such as "congruent"; None where the log's
        word is not one of them.
    correct : bool or None
        Withholding where the task asks for it is correct. None where nothing says.
    rt_ms : float or None
        From stimulus to response; None where there was no response.
    onset_ms : float or None
        When the event happened, counted from the start of its part of the task.
    cue : str or None
        What came before or beside the stimulus: an attention cue, a fluency category.
    load : int or None
        How much had to be held in mind (the n of an n-back, the items of a span).
    stop_delay_ms : float or None
        From the go stimulus to the stop signal.
    rule : str or None
        Which of several tasks was asked for, in task switching.
    items, recalled : tuple of str
        What was shown and what came back, in order.
    """

    phase: Phase = Phase.TEST
    condition: str | None = None
    block: str | None = None
    stimulus: str | None = None
    target: str | None = None
    response: str | None = None
    correct: bool | None = None
    rt_ms: float | None = None
    onset_ms: float | None = None
    cue: str | None = None
    load: int | None = None
    stop_delay_ms: float | None = None
    rule: str | None = None
    items: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concern:
    """Something in the log that was not understood; the run's verdict is then questionable."""

    code: str
    text: str


@dataclass(frozen=True)
class LeftOut:
    """Rows of a file that do not count, for one reason."""

    code: str
    count: int
    first_line: int
    text: str


@dataclass(frozen=True)
class UnknownWord:
    """A word where a condition should stand; None where it is missing or no single word."""

    word: str | None
    trials: int
    test: int
    first_line: int


@dataclass(frozen=True)
class ImportReport:
    """What became of every row of one file: rows = practice + test + those left out.

    Attributes
    ----------
    columns : Mapping[str, Mapping[str, str]]
        By task and field, the column it was read from.
    decimal_commas : tuple of str
        Columns whose commas were read as decimal points.
    """

    file_format: str
    encoding: str = "utf-8"
    rows: int = 0
    practice: int = 0
    test: int = 0
    left_out: tuple[LeftOut, ...] = ()
    unknown_words: tuple[UnknownWord, ...] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decimal_commas: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskRun:
    """All trials of one task in one session, in the order they were given.

    Attributes
    ----------
    version : str or None
        The task's own version where the log names one; norms are kept per version.
    choices : int or None
        How many answers there were to choose from, which fixes the accuracy of guessing.
    floor_ms : float
        A faster response cannot be a reaction to the stimulus.
    settings : Mapping[str, float]
        Numbers of the profile that change scores, such as `lapse_ms`.
    rt_unit : str
        In which unit the log gave times, and how that is known.
    concerns : tuple of Concern
        What in the log was not understood.
    """

    task: str
    family: Family
    trials: tuple[Trial, ...]
    version: str | None = None
    choices: int | None = None
    floor_ms: float = 100.0
    settings: Mapping[str, float] = field(default_factory=dict)
    rt_unit: str = "milliseconds (stated by the format)"
    concerns: tuple[Concern, ...] = ()

    @property
    def test(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.phase is Phase.TEST)

    @property
    def practice(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.phase is Phase.PRACTICE)

    def choice_count(self) -> int | None:
        """Answers to choose from: the profile's number, or the right answers that were seen."""
        if self.choices is not None:
            return self.choices
        targets = {trial.target for trial in self.test if trial.target is not None}
        answers = targets or {trial.response for trial in self.test if trial.correct} - {None}
        return len(answers) if len(answers) > 1 else None


# How browsers and PsychoPy call systems, the telling word first: a phone's browser also says
# Linux or Mac.
SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "iphone": "iOS",
        "ipad": "iOS",
        "android": "Android",
        "cros": "ChromeOS",
        "windows": "Windows",
        "win32": "Windows",
        "mac": "macOS",
        "darwin": "macOS",
        "linux": "Linux",
    }
)


@dataclass(frozen=True)
class Device:
    """What a session ran on; None where the log does not say."""

    user_agent: str | None = None
    refresh_hz: float | None = None
    input_kind: str | None = None

    @property
    def system(self) -> str | None:
        """The operating system's family, which stays the same when a browser is updated."""
        said = (self.user_agent or "").lower()
        return next((name for word, name in SYSTEMS.items() if word in said), None)


@dataclass(frozen=True)
class Session:
    """One sitting of one person.

    Attributes
    ----------
    file_format : str
        Such as "jsPsych CSV", for the provenance.
    focus_losses : int or None
        How often the window lost the focus; None where the log does not count it.
    fullscreen : float or None
        Share of rows logged in full screen.
    warnings : tuple of str
        What the decoder had to note, in sentences for people.
    imports : tuple of ImportReport
        What became of every row, one report a file.
    concerns : tuple of Concern
        What was not understood of the files as a whole.
    """

    runs: tuple[TaskRun, ...]
    file_format: str
    mode: Mode = Mode.UNKNOWN
    device: Device = field(default_factory=Device)
    client: str | None = None
    focus_losses: int | None = None
    fullscreen: float | None = None
    warnings: tuple[str, ...] = ()
    imports: tuple[ImportReport, ...] = ()
    concerns: tuple[Concern, ...] = ()
