"""The forms of settings: what is pasted into them, rightly and wrongly."""

from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from shared import setting_forms as forms

PEM = "-----BEGIN PUBLIC KEY-----\n" + "A" * 60 + "\n-----END PUBLIC KEY-----"
HEX = "0123456789abcdef" * 4
WEBHOOK = "whsec_" + "A" * 24
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:medilens-AbCdEf"

RIGHT: list[tuple[Any, str]] = [
    (forms.HttpsAddress, "https://a.example:8443/realms/clinic"),
    (forms.HttpsAddress, "http://localhost:8000"),
    (forms.HttpsAddress, "http://[::1]:80"),
    (forms.PostgresAddress, "postgres://me:p%40ss@db.example:6543/m?sslmode=verify-full"),
    (forms.PostgresAddress, "postgresql://me@db.example/m?sslrootcert=/etc/ca.pem"),
    (forms.PublicKey, PEM),
    (forms.PublicKey, PEM.replace("\n", "\\n")),
    (forms.WebhookSecret, WEBHOOK),
    (forms.WebhookSecret, f"{WEBHOOK} {WEBHOOK}"),
    (forms.MasterKeys, HEX),
    (forms.MasterKeys, f"{HEX} {HEX}"),
    (forms.SigningKey, HEX.upper()),
    (forms.Region, "eu-central-1"),
    (forms.Region, "us-gov-west-1"),
    (forms.Region, "auto"),
    (forms.Bucket, "clinic-uploads"),
    (forms.KmsKey, "alias/medilens"),
    (forms.KmsKey, "arn:aws-cn:kms:cn-north-1:1:key/a"),
    (forms.SecretArn, ARN),
    (forms.Sha256, HEX),
    (forms.BasePath, "/medilens/v1.2"),
    (forms.Version, "v1.2.0+abc"),
    (forms.Word, "https://api.example"),
    (forms.Password, "x" * 12),
    (forms.IdentityKey, "x" * 32),
]
WRONG: list[tuple[Any, str]] = [
    (forms.HttpsAddress, "http://a.example"),
    (forms.HttpsAddress, "http://localhost.example"),
    (forms.HttpsAddress, "https://me@a.example"),
    (forms.HttpsAddress, "https://a.example?key=1"),
    (forms.HttpsAddress, "https://a.example#top"),
    (forms.HttpsAddress, "https://a.example:0"),
    (forms.HttpsAddress, "https://a.example:99999"),
    (forms.HttpsAddress, "https://"),
    (forms.HttpsAddress, "https://a.example /x"),
    (forms.HttpsAddress, "ftp://a.example"),
    (forms.PostgresAddress, "postgres://me@db.example/m?sslmode=verify"),
    (forms.PostgresAddress, "postgres://me@db.example/m#x"),
    (forms.PostgresAddress, "postgres://me@db.example/"),
    (forms.PostgresAddress, "postgres://db.example/m"),
    (forms.PostgresAddress, "postgres://me@db.example/m?options=-c%20jit%3Doff"),
    (forms.PublicKey, PEM.replace("PUBLIC", "PRIVATE")),
    (forms.PublicKey, PEM + PEM),
    (forms.WebhookSecret, "whsec_" + "A" * 25),
    (forms.WebhookSecret, f"{WEBHOOK},{WEBHOOK}"),
    (forms.WebhookSecret, " ".join([WEBHOOK] * 3)),
    (forms.MasterKeys, HEX.upper()),
    (forms.MasterKeys, f"{HEX} {HEX} {HEX}"),
    (forms.MasterKeys, HEX[:-1]),
    (forms.SigningKey, HEX + "0"),
    (forms.Region, "eu-central-1a"),
    (forms.Region, "EU"),
    (forms.Region, "e"),
    (forms.Bucket, "-uploads"),
    (forms.Bucket, "a"),
    (forms.KmsKey, "medilens"),
    (forms.SecretArn, ARN.replace("secret:", "")),
    (forms.Sha256, HEX.upper()),
    (forms.BasePath, "medilens"),
    (forms.BasePath, "/medilens/"),
    (forms.Version, "x" * 101),
    (forms.Version, "the newest"),
    (forms.Word, "two words"),
    (forms.Password, "x" * 11),
    (forms.IdentityKey, "x" * 31),
]
OF_SECRETS = [form for form, _ in RIGHT if form.__origin__ is SecretStr]


def read(form: Any, value: object) -> Any:
    return TypeAdapter(form).validate_python(value)


@pytest.mark.parametrize(("form", "value"), RIGHT)
def test_right_form_is_kept_as_it_was_written(form: Any, value: str) -> None:
    taken = read(form, value)
    if isinstance(taken, SecretStr):
        taken = taken.get_secret_value()
    assert taken == value


@pytest.mark.parametrize(("form", "value"), WRONG)
def test_wrong_form_is_refused(form: Any, value: str) -> None:
    with pytest.raises(ValidationError):
        read(form, value)


@pytest.mark.parametrize("form", OF_SECRETS)
def test_no_secret_is_shown(form: Any) -> None:
    value = next(value for kind, value in RIGHT if kind is form)
    assert value not in repr(read(form, value))


class TestLists:
    @pytest.mark.parametrize("between", [",", ", ", " ", ",\n"])
    def test_origins_are_separated_by_commas_or_blanks(self, between: str) -> None:
        written = between.join(["https://a.example", "http://localhost:3000"])
        assert read(forms.Origins, written) == {"https://a.example", "http://localhost:3000"}

    @pytest.mark.parametrize(
        "written", ["", ",", "*", "a.example", "https://a.example/", "https://a.example/x"]
    )
    def test_no_origin_lets_nobody_in_by_mistake(self, written: str) -> None:
        with pytest.raises(ValidationError):
            read(forms.Origins, written)

    @pytest.mark.parametrize(
        ("written", "parties"),
        [
            ("console", {"console"}),
            ("console,https://a.example", {"console", "https://a.example"}),
        ],
    )
    def test_parties_are_names_or_origins(self, written: str, parties: set[str]) -> None:
        assert read(forms.Parties, written) == parties

    @pytest.mark.parametrize(
        "written", ["", "a.example", "console,a.example", "console https://a/x"]
    )
    def test_a_host_without_its_scheme_is_no_party(self, written: str) -> None:
        with pytest.raises(ValidationError):
            read(forms.Parties, written)

    def test_networks_of_both_kinds(self) -> None:
        networks = read(forms.Networks, "10.0.0.0/8, fd00::/8")
        assert {str(network) for network in networks} == {"10.0.0.0/8", "fd00::/8"}

    @pytest.mark.parametrize("written", ["10.0.0.1/8", "10.0.0.0/33", "clinic.example"])
    def test_an_address_within_a_network_is_none(self, written: str) -> None:
        with pytest.raises(ValidationError):
            read(forms.Networks, written)


class Amounts(BaseModel):
    wait_s: float = forms.seconds(default=10, most=600)
    limit_bytes: int = forms.size(default=100, most=1_000)


class TestAmounts:
    @pytest.mark.parametrize(
        "told",
        [{}, {"wait_s": "0.5"}, {"wait_s": 600}, {"limit_bytes": "1"}, {"limit_bytes": 1_000}],
    )
    def test_within_their_bounds(self, told: dict[str, Any]) -> None:
        assert (
            Amounts.model_validate(told).model_dump().items()
            >= {name: float(value) for name, value in told.items()}.items()
        )

    @pytest.mark.parametrize(
        "told",
        [
            *({"wait_s": value} for value in ("0", -1, "600.1", "inf", "nan", "10s")),
            *({"limit_bytes": value} for value in ("0", -1, 1_001, "1.5", "1 kB")),
        ],
    )
    def test_beyond_them(self, told: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            Amounts.model_validate(told)

    @pytest.mark.parametrize(("name", "most"), [("wait_s", "600"), ("limit_bytes", "1000")])
    def test_their_form_names_the_most(self, name: str, most: str) -> None:
        assert most in (Amounts.model_fields[name].description or "")


def test_every_form_is_told_in_words() -> None:
    told = [part for form, _ in RIGHT for part in form.__metadata__ if hasattr(part, "description")]
    assert all(part.description for part in told)
    assert len(told) == len(RIGHT)
