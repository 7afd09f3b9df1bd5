"""template.yaml: what reaches the functions that run, who may do what, what rings, what is kept."""

import re

import pytest

from functions.accounts.exports.slices import ARCHIVE_BYTES
from functions.maintenance.service import Job
from local.deployment import DIGITS
from shared.settings import StorageSettings
from tests.deployments import ROOT, Pieces, lambdas, resources, template
from tests.nonempty import nonempty
from tests.shared.test_settings import RIGHT_FORMS, WRONG
from tests.test_deploy_drift import FUNCTIONS, JOBS, WORKERS

# What a function has at /tmp unless its EphemeralStorage says otherwise.
LAMBDA_DISK_MB = 512
# The parameters that become settings, whose form the functions check at their start.
SETTINGS = {
    "MEDILENS_TOKEN_ISSUER": "TokenIssuer",
    "MEDILENS_TOKEN_AUDIENCE": "TokenAudience",
    "MEDILENS_AUTHORIZED_PARTIES": "AuthorizedParties",
    "MEDILENS_CODE_VERSION": "CodeVersion",
    "MEDILENS_DATABASE_POOL": "DatabasePool",
}


def takes(parameter: str, value: str) -> bool:
    declared = template()["Parameters"][parameter]
    if "AllowedValues" in declared:
        return value in declared["AllowedValues"]
    return re.search(declared["AllowedPattern"], value) is not None


class TestParameters:
    """CloudFormation refuses what the functions would refuse at their start."""

    @pytest.mark.parametrize(
        ("name", "value"), [(name, value) for name, value in WRONG if name in SETTINGS and value]
    )
    def test_wrong_one_is_refused_before_anything_is_changed(self, name: str, value: str) -> None:
        assert not takes(SETTINGS[name], value)

    @pytest.mark.parametrize(
        ("name", "value"),
        [(name, value) for name, value in RIGHT_FORMS if name in SETTINGS],
    )
    def test_right_one_is_taken(self, name: str, value: str) -> None:
        """The laptop's HTTP on the loopback interface is no address for AWS."""
        assert takes(SETTINGS[name], value) == (not value.startswith("http://127.0.0.1"))

    @pytest.mark.parametrize("origin", ["*", "app.example.org", "https://app.example.org/"])
    def test_origin_is_a_scheme_and_a_host(self, origin: str) -> None:
        assert takes("AllowedOrigins", "https://app.example.org")
        assert not takes("AllowedOrigins", origin)


class TestVersions:
    """What a deployment changes has to reach what runs, and to come back where it fails."""

    def test_every_function_publishes_a_version_of_every_deployment(self) -> None:
        """`tests/artifacts/test_deployment.py` has the locked translator make the versions."""
        for name, properties in nonempty(lambdas().items()):
            assert properties["AutoPublishCodeSha256"] == {"Ref": "DeploymentId"}, name
            assert properties["VersionDeletionPolicy"] == "Delete", name

    def test_no_deployment_goes_without_its_identifier(self) -> None:
        declared = template()["Parameters"]["DeploymentId"]
        assert "Default" not in declared
        assert re.fullmatch(declared["AllowedPattern"], "0" * DIGITS)

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_a_function_that_fails_takes_its_deployment_back(self, name: str) -> None:
        preference = lambdas()[name]["DeploymentPreference"]
        alarm = template()["Resources"][f"{name}Fails"]["Properties"]
        metrics = [
            query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query
        ]

        assert preference == {"Type": {"Ref": "TrafficShift"}, "Alarms": [{"Ref": f"{name}Fails"}]}
        assert metrics == [
            {
                "Namespace": {"Ref": "AWS::StackName"},
                "MetricName": "server_error",
                "Dimensions": [{"Name": "function", "Value": name}],
            },
            {
                "Namespace": "AWS/Lambda",
                "MetricName": "Errors",
                "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": name}}],
            },
        ]
        # The API waits for the versions: an alarm of the API would wait for itself.
        assert "Api" not in str(alarm).replace("ApiGateway", "")

    def test_jobs_go_over_at_once(self) -> None:
        assert all("DeploymentPreference" not in lambdas()[name] for name in nonempty(JOBS))


class TestProcessors:
    """Whose libraries are published for arm64 is resolved by tests/artifacts/test_arm64.py."""

    def test_those_that_cannot_be_chosen_are_the_same_in_template_and_makefile(self) -> None:
        fixed = {
            name
            for name, properties in lambdas().items()
            if properties["Architectures"] != [{"Ref": "Architecture"}]
        }
        makefile = (ROOT / "Makefile").read_text()
        (x86_only,) = re.findall(r"^X86_ONLY := (.*)$", makefile, re.MULTILINE)

        assert all(lambdas()[name]["Architectures"] == ["x86_64"] for name in fixed)
        assert {name for name in fixed if name in FUNCTIONS} == set(x86_only.split())


class TestDisk:
    @pytest.mark.parametrize("name", ["accounts", "accountsWorker"])
    def test_holds_an_archive_and_the_largest_recording_that_is_taken(self, name: str) -> None:
        disk_mb = lambdas()[name].get("EphemeralStorage", {"Size": LAMBDA_DISK_MB})["Size"]
        variables = template()["Globals"]["Function"]["Environment"]["Variables"]
        assert "MEDILENS_MAX_UPLOAD_BYTES" not in variables
        largest = StorageSettings.model_fields["max_upload_bytes"].default
        assert ARCHIVE_BYTES + largest < disk_mb * 2**20


class TestRoles:
    @staticmethod
    def roles() -> Pieces:
        return resources("AWS::IAM::Role")

    def test_no_two_functions_share_one(self) -> None:
        used = {name: properties["Role"]["Fn::GetAtt"] for name, properties in lambdas().items()}
        wanted = {f"{name}Role" for name in lambdas()}
        missing = sorted(wanted - self.roles().keys())

        assert missing == [], f"template.yaml lacks {', '.join(missing)}"
        assert self.roles().keys() == wanted
        assert used == {name: f"{name}Role.Arn" for name in lambdas()}

    @pytest.mark.parametrize("name", WORKERS)
    def test_a_function_reaches_no_queue_but_its_own(self, name: str) -> None:
        for role in (f"{name}Role", f"{name}WorkerRole"):
            queues = set(re.findall(r"(\w+Queue)\.Arn", str(self.roles()[role])))
            assert queues == {f"{name}Queue"}

    def test_whoever_only_reads_the_database_reaches_no_recording(self) -> None:
        for name in ("records", "maintenance"):
            assert "s3:" not in str(self.roles()[f"{name}Role"])

    def test_none_has_rights_without_bounds(self) -> None:
        for name, role in nonempty(self.roles().items()):
            for policy in nonempty(role["Policies"]):
                for statement in nonempty(policy["PolicyDocument"]["Statement"]):
                    actions = statement["Action"]
                    listed = [actions] if isinstance(actions, str) else actions
                    assert not any("*" in action for action in nonempty(listed)), name
                    if statement["Resource"] == "*":
                        assert all(action.startswith("xray:") for action in listed), name


class TestAlarms:
    @staticmethod
    def alarms() -> Pieces:
        return resources("AWS::CloudWatch::Alarm")

    def test_every_one_reaches_the_topic_and_stands_in_the_runbook(self) -> None:
        runbook = (ROOT / "docs" / "operating.md").read_text()
        for name, alarm in nonempty(self.alarms().items()):
            kind = re.sub(r"^[a-z]+(?=Fails$|Waits$)", "…", name)
            assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
            assert f"| `{kind}`" in runbook, name

    @pytest.mark.parametrize("name", WORKERS)
    def test_what_waits_too_long_is_told(self, name: str) -> None:
        alarm = self.alarms()[f"{name}Waits"]
        assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
        assert str(alarm["Dimensions"]).count(f"{name}Queue.QueueName") == 1

    def test_silence_of_the_schedule_is_told(self) -> None:
        alarm = self.alarms()["ScheduleSilent"]
        assert alarm["TreatMissingData"] == "breaching"
        assert alarm["ComparisonOperator"] == "LessThanThreshold"
        assert alarm["Threshold"] == 1

    def test_a_late_job_and_a_late_seal_are_told_by_the_job_that_runs_each_minute(self) -> None:
        for name in ("ScheduleLate", "SealingLate"):
            assert self.alarms()[name]["Dimensions"] == [{"Name": "job", "Value": Job.SEALING}]
        schedules = template()["Resources"]["maintenanceJobs"]["Properties"]["Events"]
        assert schedules["Sealing"]["Properties"]["Schedule"] == "cron(* * * * ? *)"

    def test_nobody_removes_a_checkpoint(self) -> None:
        bucket = template()["Resources"]["Checkpoints"]["Properties"]
        assert bucket["ObjectLockEnabled"]
        assert set(bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]) == {
            "Mode",
            "Days",
        }


class TestKept:
    """What a deletion of the stack leaves, and what does not pile up."""

    @pytest.mark.parametrize(
        "kind",
        [
            *("AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::S3::Bucket"),
            "AWS::Logs::LogGroup",
        ],
    )
    def test_it_outlives_the_stack_unless_its_creation_failed(self, kind: str) -> None:
        matches = [
            resource for resource in template()["Resources"].values() if resource["Type"] == kind
        ]
        assert matches
        for resource in matches:
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
            assert resource["UpdateReplacePolicy"] == "Retain"

    @pytest.mark.parametrize("bucket", ["Uploads", "AccessLogs"])
    def test_versions_that_nobody_sees_expire(self, bucket: str) -> None:
        properties = template()["Resources"][bucket]["Properties"]
        rules = properties["LifecycleConfiguration"]["Rules"]

        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert any(rule.get("ExpiredObjectDeleteMarker") for rule in rules)

    def test_parts_of_an_upload_name_no_encryption_and_are_not_refused(self) -> None:
        document = template()["Resources"]["UploadsPolicy"]["Properties"]["PolicyDocument"]
        (rule,) = (it for it in document["Statement"] if it["Sid"] == "OnlyUnderOurKey")

        assert rule["Condition"]["Null"] == {"s3:x-amz-server-side-encryption": "false"}
        assert "StringNotEqualsIfExists" in rule["Condition"]
