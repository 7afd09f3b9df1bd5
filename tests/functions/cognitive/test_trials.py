"""A device is told by its system's family, whichever browser and version it runs."""

import pytest

from functions.cognitive.trials import Device


class TestSystem:
    @pytest.mark.parametrize(
        ("said", "system"),
        [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36", "Windows"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari", "macOS"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile", "iOS"),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 8) Chrome/140.0 Mobile", "Android"),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0", "ChromeOS"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Linux"),
            ("Win32", "Windows"),
            ("MacIntel", "macOS"),
            ("chrome", None),
            (None, None),
        ],
    )
    def test_user_agents_are_told_apart(self, said: str | None, system: str | None) -> None:
        assert Device(user_agent=said).system == system
