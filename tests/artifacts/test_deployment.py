"""What is changed for a deployment reaches every function: each publishes a new version.

The versions are those that the locked SAM translator makes of the template.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.deployment import NothingBuilt, deployment_id, main
from local.template_parameters import ID, WrongParameters
from tests.artifacts.conftest import ROOT
from tests.artifacts.tools import python_of_the_tools
from tests.deployments import lambdas, template

# Another value for each parameter; what it is does not matter where the template allows any.
OTHER = {
    "TokenIssuer": "https://other.example",
    "TokenAudience": "other",
    "AuthorizedParties": "https://other.example",
    "AllowedOrigins": "https://other.example",
    "DomainName": "api.example.org",
    "CertificateArn": "arn:aws:acm:eu-central-1:1:certificate/1",
    "BasePath": "other",
    "Architecture": "arm64",
    "TrafficShift": "AllAtOnce",
    "CodeVersion": "other",
    "DatabasePool": "sandbox",
    "SnapStart": "None",
    "RequestsPerSecond": "51",
    "BurstRequests": "101",
    "LogRetentionDays": "90",
    "CheckpointLock": "COMPLIANCE",
    "CheckpointRetentionDays": "3650",
    "AlarmEmail": "other@example.org",
    "SlowAnswerMs": "9000",
    "ConsoleClientId": "another-console",
}
REQUIRED = ("TokenIssuer=https://clerk.example.org", "AllowedOrigins=https://app.example.org")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, and a file in place of an artifact."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "template.yaml").write_text((ROOT / "template.yaml").read_text())
    (folder / "records").mkdir()
    (folder / "records" / "app.py").write_text("first = 1")
    return folder


def parameters(built: Path, *given: str) -> dict[str, str]:
    """Those that the command writes for `sam deploy`."""
    target = built.parent / "parameters" / "deployment.yaml"
    main([*REQUIRED, *given], built=built, target=target)
    written: dict[str, str] = json.loads(target.read_text())
    return written


def versions(*deployments: dict[str, str]) -> list[set[str]]:
    """The versions of each deployment, their code in a bucket as `sam deploy` puts it there."""
    uploaded = re.sub(
        r"(?m)^( +CodeUri: ).*$", r"\1s3://bucket/key", (ROOT / "template.yaml").read_text()
    )
    asked = json.dumps({"template": uploaded, "parameters": deployments})
    done = subprocess.run(
        [*python_of_the_tools(), str(ROOT / "local" / "tools" / "versions.py")],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    told: list[Any] = json.loads(done.stdout)
    return [set(entry) for entry in told]


class TestVersions:
    def test_every_changed_parameter_makes_a_new_version_of_every_function(
        self, built: Path
    ) -> None:
        assert OTHER.keys() == template()["Parameters"].keys() - {ID}
        first = parameters(built)
        changed = {name: parameters(built, f"{name}={value}") for name, value in OTHER.items()}
        before, *after = versions(first, *changed.values())

        assert len(before) == len(lambdas())
        for name, published in zip(changed, after, strict=True):
            assert len(published) == len(lambdas()), name
            assert published.isdisjoint(before), name

    def test_changed_code_makes_them_too_and_the_same_makes_none(self, built: Path) -> None:
        first, again = parameters(built), parameters(built)
        place = built / "records" / "app.py"
        place.write_text("second = 2")
        second = parameters(built)
        place.write_text("first = 1")
        before, same, after = versions(first, again, second)

        assert before == same
        assert before.isdisjoint(after)

    def test_identifiers_of_two_parameters_do_not_begin_alike(self, built: Path) -> None:
        """A version has the first ten characters in its name."""
        changed = [parameters(built, f"{name}={value}")[ID] for name, value in OTHER.items()]
        assert len({entry[:10] for entry in changed}) == len(OTHER)


class TestParameters:
    def test_order_does_not_matter_and_a_moved_file_does(self, built: Path, tmp_path: Path) -> None:
        outcome = deployment_id(built, {"A": "1", "B": "2"})
        moved = tmp_path / "built"
        moved.mkdir()
        (moved / "template.yaml").write_text((built / "template.yaml").read_text())
        (moved / "app.py").write_text("first = 1")

        assert outcome == deployment_id(built, {"B": "2", "A": "1"})
        assert outcome != deployment_id(moved, {"A": "1", "B": "2"})

    @pytest.mark.parametrize("given", ["TokenIsuer=https://x", "DeploymentId=0123456789"])
    def test_one_that_the_template_does_not_take_is_refused(self, built: Path, given: str) -> None:
        with pytest.raises(WrongParameters, match=given.partition("=")[0]):
            parameters(built, given)

    def test_without_a_build_it_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(NothingBuilt, match="make build-for-aws"):
            main(REQUIRED, built=tmp_path, target=tmp_path / "deployment.yaml")

    def test_one_that_has_no_default_must_be_given(self, built: Path, tmp_path: Path) -> None:
        with pytest.raises(WrongParameters, match="AllowedOrigins must be given"):
            main(REQUIRED[:1], built=built, target=tmp_path / "deployment.yaml")

    def test_one_that_is_left_out_goes_back_to_its_default(self, built: Path) -> None:
        assert parameters(built)["DatabasePool"] == "none"
        assert parameters(built, "DatabasePool=")["DatabasePool"] == "none"
        assert parameters(built).keys() == template()["Parameters"].keys()

    def test_variables_of_ci_are_parameters_by_another_name(
        self, built: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "deployment.yaml"
        variables = {
            "TOKEN_ISSUER": "https://clerk.example.org",
            "ALLOWED_ORIGINS": "https://app.example.org",
            "SLOW_ANSWER_MS": "9000",
            "STACK_NAME": "medilens-staging",
        }
        main(["CodeVersion=abc"], variables, built=built, target=target)
        written = json.loads(target.read_text())

        assert written["TokenIssuer"] == variables["TOKEN_ISSUER"]
        assert (written["SlowAnswerMs"], written["CodeVersion"]) == ("9000", "abc")
