"""What becomes of an object, whichever store keeps it."""

import pytest

from shared import settings
from shared.aws import storage
from tests.shared.conftest import Answers

pytestmark = pytest.mark.usefixtures("quick")


class TestDelete:
    @pytest.mark.parametrize("status", [204, 404])
    def test_one_that_is_not_there_is_fine(
        self, status: int, answers: type[Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
        monkeypatch.setenv("MEDILENS_STORAGE_ENDPOINT", answers.url)
        settings.load.cache_clear()
        answers.statuses = [status]
        storage.delete("a/b")

        assert len(answers.received) == 1
