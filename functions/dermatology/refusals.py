"""Pictures on which no lesion can be measured honestly, each with what to do about it."""

from shared.errors import UnusableRecording

MIN_DIAMETER_PX = 60
GOOD_DIAMETER_PX = 150


class NoLesion(UnusableRecording):
    """The network sees nothing that stands out from skin as a lesion does."""

    code = "no-lesion"

    def __init__(self) -> None:
        super().__init__(
            "No lesion stands out in the picture. Take a picture of one lesion in its middle, with"
            " skin all around it."
        )


class LesionTooSmall(UnusableRecording):
    """The lesion has too few pixels for an outline."""

    code = "lesion-too-small"

    def __init__(self, diameter_px: float) -> None:
        super().__init__(
            f"The lesion is {diameter_px:.0f} pixels across; expected at least {MIN_DIAMETER_PX}."
            " Go nearer, or send the picture at its full size."
        )


class NotSkin(UnusableRecording):
    """What surrounds the object does not have the color of skin."""

    code = "wrong-modality"

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"This does not look like a picture of a lesion on skin: {detail}. Send a photograph or"
            " a dermatoscope's picture of one lesion with skin around it."
        )


class TooBlurred(UnusableRecording):
    """No edge in the picture is sharp enough to judge a border by."""

    code = "too-blurred"

    def __init__(self, focus: float, least: float) -> None:
        super().__init__(
            f"The picture is blurred: its focus is {focus:.1f}, expected at least {least:.1f}."
            " Hold the camera still, tap on the lesion to focus, and take it again."
        )
