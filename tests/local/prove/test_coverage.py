"""What no attack touches is named."""

from local.prove.coverage import operation_of, untouched
from local.prove.exchanges import Exchange, fields_of
from shared.permissions import RoleName


def exchange(who: str, method: str, path: str, *fields: str, query: str = "") -> Exchange:
    return Exchange(
        who,
        method,
        path,
        frozenset({query} - {""}),
        frozenset({"authorization"}),
        frozenset(fields),
        frozenset({("sub", len(who)), ("sts", 1)}),
        404,
    )


SENT = [
    exchange("clinician of ours", "GET", "/api/records/assessments", query="limit"),
    exchange("admin of ours", "POST", "/api/accounts/keys", "name"),
    exchange("a key for chat", "GET", "/api/records/assessments/0199"),
]


def test_whatever_no_request_touches_is_named() -> None:
    named = untouched(SENT)

    assert "GET /api/records/assessments/{assessment_id}" not in named["routes"]
    assert "DELETE /api/records/assessments/{assessment_id}" in named["routes"]
    assert named["roles"] == [RoleName.PATIENT, RoleName.RESEARCHER, "nobody"]
    assert "chat" not in named["scopes of keys"]
    assert "view_audit" in named["scopes of keys"]
    assert "scopes of POST /api/accounts/keys" in named["fields"]
    assert "name of POST /api/accounts/keys" not in named["fields"]
    assert "cursor of GET /api/records/assessments" in named["parameters of queries"]
    assert "limit of GET /api/records/assessments" not in named["parameters of queries"]
    assert "if-match" in named["headers"]
    assert "authorization" not in named["headers"]
    assert {"sts", "act", "nbf"} <= set(named["claims"])
    assert "sub" not in named["claims"]


def test_a_request_meets_the_route_that_says_it_most_precisely() -> None:
    assert str(operation_of("GET", "/api/accounts/break-glass/reviews")) == (
        "GET /api/accounts/break-glass/reviews"
    )
    assert operation_of("GET", "/api/nothing") is None


def test_names_of_a_body_are_read_and_no_values() -> None:
    assert fields_of(b'{"name": "Ada"}', "application/json") == {"name"}
    assert fields_of(b"name=Ada&a=b", "application/x-www-form-urlencoded") == {"name", "a"}
    form = b'--x\r\nContent-Disposition: form-data; name="task"\r\n\r\nvowel\r\n--x--'
    assert fields_of(form, "multipart/form-data; boundary=x") == {"task"}
    assert fields_of(b"[" * 10_000, "application/json") == frozenset()
