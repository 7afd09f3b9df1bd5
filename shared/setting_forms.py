"""The forms that values of settings have, each a type that says its form in words.

The description of a field or of its type is the second half of the message about a wrong value:
"MEDILENS_TOKEN_ISSUER has to be an HTTPS address, such as …".
"""

import re
from base64 import b64decode
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, FilePath, SecretStr

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
POSTGRES_SCHEMES = {"postgres", "postgresql"}
# What an address of Postgres may carry; server settings belong to the role.
POSTGRES_PARAMETERS = {"sslmode", "channel_binding", "sslrootcert"}
SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

PUBLIC_KEY = re.compile(
    r"\A\s*-----BEGIN PUBLIC KEY-----\s+[A-Za-z0-9+/=\s]{40,}-----END PUBLIC KEY-----\s*\Z"
)


class WrongForm(ValueError):
    """A value does not have the form of its setting."""


def _split(value: str) -> SplitResult:
    """Split an address, its port read once: `urlsplit` puts that off."""
    parts = urlsplit(value)
    if re.search(r"\s", value) or not parts.hostname or parts.port == 0:
        raise WrongForm
    return parts


def _https(value: str) -> str:
    """Accept HTTPS anywhere, and HTTP on the loopback interface."""
    parts = _split(value)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES
    if not (plain or parts.scheme == "https") or parts.username or parts.query or parts.fragment:
        raise WrongForm
    return value


def _origins(value: object) -> object:
    """Split at commas and spaces; a list without any origin would let every origin in."""
    if not isinstance(value, str):
        return value
    origins = value.replace(",", " ").split()
    if not origins or any(urlsplit(_https(origin)).path for origin in origins):
        raise WrongForm
    return origins


def _parties(value: object) -> object:
    """Accept origins and names; a host without its scheme is neither."""
    if not isinstance(value, str):
        return value
    parties = value.replace(",", " ").split()
    origins = [party for party in parties if not re.fullmatch(r"[A-Za-z0-9_-]+", party)]
    if origins or not parties:
        _origins(" ".join(origins))
    return parties


def _networks(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _postgres(value: SecretStr) -> SecretStr:
    parts = _split(value.get_secret_value())
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    complete = parts.username and parts.path.strip("/")
    if parts.scheme not in POSTGRES_SCHEMES or not complete or parts.fragment:
        raise WrongForm
    if parameters.keys() - POSTGRES_PARAMETERS:
        raise WrongForm
    if parameters.get("sslmode", "require") not in SSL_MODES:
        raise WrongForm
    return value


WEBHOOK_SECRETS = r"whsec_[A-Za-z0-9+/]{16,}={0,2}(?: whsec_[A-Za-z0-9+/]{16,}={0,2})?"


def _public_key(value: SecretStr) -> SecretStr:
    """Accept line breaks that a console has kept as a backslash and an n."""
    if not PUBLIC_KEY.match(value.get_secret_value().replace("\\n", "\n")):
        raise WrongForm
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    """Accept two of them while one takes the other's place."""
    if not re.fullmatch(WEBHOOK_SECRETS, value.get_secret_value()):
        raise WrongForm
    for secret in value.get_secret_value().split():
        try:
            b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:  # too many or too few `=`
            raise WrongForm from None
    return value


def _master_keys(value: SecretStr) -> SecretStr:
    """Accept two of them while one takes the other's place."""
    if not re.fullmatch(r"[0-9a-f]{64}(?:\s+[0-9a-f]{64})?", value.get_secret_value()):
        raise WrongForm
    return value


def _signing_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch("[0-9a-fA-F]{64}", value.get_secret_value()):
        raise WrongForm
    return value


def _region(value: str) -> str:
    """Accept the names of any store; an availability zone of AWS is none."""
    zone = re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", value)
    if zone or not re.fullmatch(r"[a-z0-9-]{2,32}", value):
        raise WrongForm
    return value


HttpsAddress = Annotated[
    str,
    AfterValidator(_https),
    Field(description="an HTTPS address without a query"),
]
StoreAddress = Annotated[
    str,
    AfterValidator(_https),
    Field(description="the HTTPS address of a store, such as https://fsn1.your-objectstorage.com"),
]
QueueAddress = Annotated[
    str,
    AfterValidator(_https),
    Field(
        description="the HTTPS address of a queue, rather than its ARN, such as"
        " https://sqs.eu-central-1.amazonaws.com/123456789012/cardiology"
    ),
]
Issuer = Annotated[
    str,
    AfterValidator(_https),
    Field(
        description="the issuer's HTTPS address as its tokens write it (iss), with a slash at its"
        " end only if they have one, such as https://clerk.example.org"
    ),
]
Origins = Annotated[
    frozenset[str],
    BeforeValidator(_origins),
    Field(
        description="origins separated by commas, each a scheme and a host without a path,"
        " such as https://app.example.org"
    ),
]
Parties = Annotated[
    frozenset[str],
    BeforeValidator(_parties),
    Field(
        description="origins separated by commas, each a scheme and a host without a path,"
        " such as https://app.example.org, or names of clients without dots"
    ),
]
Networks = Annotated[
    frozenset[IPv4Network | IPv6Network],
    BeforeValidator(_networks),
    Field(description="networks separated by commas, such as 10.0.0.0/8"),
]
PostgresAddress = Annotated[
    SecretStr,
    AfterValidator(_postgres),
    Field(
        description="an address of Postgres with a role and a database and no parameters but"
        " sslmode, sslrootcert and channel_binding, such as"
        " postgresql://medilens_app:PASSWORD@HOST/medilens?sslmode=require"
    ),
]
BasePath = Annotated[
    str,
    Field(
        pattern="^(/[A-Za-z0-9_.~-]+)+$",
        description="a path with a slash at its start and none at its end, such as /medilens",
    ),
]
PublicKey = Annotated[
    SecretStr,
    AfterValidator(_public_key),
    Field(
        description="a public key as PEM, from -----BEGIN PUBLIC KEY----- to"
        " -----END PUBLIC KEY-----, with its line breaks"
    ),
]
WebhookSecret = Annotated[
    SecretStr,
    AfterValidator(_webhook_secret),
    Field(
        description="the endpoint's signing secret, which begins with whsec_, or two with a blank"
        " between"
    ),
]
SecretArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d+:secret:\S+$",
        description="the ARN of a secret, such as"
        " arn:aws:secretsmanager:eu-central-1:123456789012:secret:medilens-AbCdEf",
    ),
]
Password = Annotated[
    SecretStr,
    Field(
        min_length=12,
        description="a password of at least 12 characters, such as `openssl rand -hex 24` prints",
    ),
]
IdentityKey = Annotated[
    SecretStr,
    Field(
        min_length=32,
        description="a key of at least 32 characters, such as `openssl rand -hex 32` prints",
    ),
]
MasterKeys = Annotated[
    SecretStr,
    AfterValidator(_master_keys),
    Field(
        description="a key of 64 hexadecimal digits, such as `openssl rand -hex 32` prints, or two"
        " with a blank between"
    ),
]
Bucket = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="the name of a bucket, neither an address nor an ARN, such as clinic-uploads",
    ),
]
Region = Annotated[
    str,
    AfterValidator(_region),
    Field(description="a region rather than one of its zones, such as eu-central-1"),
]
KmsKey = Annotated[
    str,
    Field(
        pattern=r"^(arn:aws[a-z-]*:kms:\S+:\S+:(key|alias)/\S+|alias/\S+|[0-9a-f-]{36})$",
        description="the ARN, the alias or the ID of a KMS key, such as alias/medilens",
    ),
]
Sha256 = Annotated[
    str, Field(pattern="^[0-9a-f]{64}$", description="64 hexadecimal digits in lower case")
]
OwnFile = Annotated[FilePath, Field(description="the path of a file that is part of the function")]
Folder = Annotated[Path, Field(description="the path of a folder that the process may write")]
SigningKey = Annotated[
    SecretStr,
    AfterValidator(_signing_key),
    Field(
        description="an Ed25519 key as 64 hexadecimal digits, such as `openssl rand -hex 32` prints"
    ),
]
Word = Annotated[
    str, Field(pattern=r"^\S+$", description="a text without spaces, such as https://api.example")
]
Version = Annotated[
    str,
    Field(
        # Counted repetitions and \w of all alphabets take a long time to compile.
        pattern="^[A-Za-z0-9_.+/:-]+$",
        max_length=100,
        description="at most 100 letters, digits and . + / : - _, such as a commit",
    ),
]


def seconds(default: float, most: float) -> Any:
    return Field(
        default=default,
        gt=0,
        le=most,
        allow_inf_nan=False,
        description=f"a number of seconds above 0 and at most {most:g}, such as {default:g}",
    )


def size(default: int, most: int) -> Any:
    return Field(
        default=default,
        gt=0,
        le=most,
        description=f"a number of bytes in digits alone, at most {most}, such as {default}",
    )
