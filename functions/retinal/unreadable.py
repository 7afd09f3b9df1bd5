"""Why a picture is no fundus photo that can be measured."""

from shared.errors import UnusableRecording


class NoFieldOfView(UnusableRecording):
    """The photo shows nothing round and lit on a dark surround."""

    code = "no-field-of-view"

    def __init__(self) -> None:
        super().__init__(
            "No round field of view on a dark surround was found; send the fundus camera's whole "
            "picture, not cropped."
        )


class FieldTooSmall(UnusableRecording):
    """The photo has so few pixels that small vessels are narrower than one pixel."""

    code = "picture-too-small"

    def __init__(self, diameter_px: float, minimum_px: int) -> None:
        super().__init__(
            f"The field of view is {diameter_px:.0f} px wide; expected {minimum_px} px or more: "
            "send the camera's own file."
        )


class NotAFundusPhoto(UnusableRecording):
    """The photo shows a round, lit field, but no retina."""

    code = "wrong-modality"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This does not look like a color photo of a fundus: {reason}. Send a color photo of "
            "the retina."
        )


class TooDark(UnusableRecording):
    """The photo is too dark to show vessels."""

    code = "too-dark"

    def __init__(self, mean: float) -> None:
        super().__init__(
            f"The field of view is nearly black (mean {mean:.0f} of 255): raise the flash, dilate "
            "the pupil and repeat the photo."
        )


class TooBlurred(UnusableRecording):
    """The photo is too blurred to show vessels."""

    code = "too-blurred"

    def __init__(self, focus: float, minimum: float) -> None:
        super().__init__(
            f"The photo is too soft to measure (focus {focus:.3f}, at least {minimum:.2f}): check "
            "focus, eyelashes and the media, and repeat the photo."
        )
