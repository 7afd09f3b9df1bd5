"""The values that a deployment gives to what its template declares."""

from typing import Any

import pytest

from local.template_parameters import ID, WrongParameters, from_variables, parameters_of

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "TokenIssuer": {"Type": "String"},
        "BurstRequests": {"Type": "Number", "Default": 100},
        "BasePath": {"Type": "String", "Default": ""},
        ID: {"Type": "String"},
    }
}
ISSUER = {"TokenIssuer": "https://issuer.example.org"}


class TestParametersOf:
    def test_what_is_not_given_is_the_templates_own_as_text(self) -> None:
        told = parameters_of(TEMPLATE, ISSUER)
        assert told == {**ISSUER, "BurstRequests": "100", "BasePath": ""}

    def test_what_is_given_comes_before_the_templates_own(self) -> None:
        assert parameters_of(TEMPLATE, {**ISSUER, "BurstRequests": "7"})["BurstRequests"] == "7"

    def test_empty_value_goes_back_to_the_default(self) -> None:
        assert parameters_of(TEMPLATE, {**ISSUER, "BurstRequests": ""})["BurstRequests"] == "100"

    @pytest.mark.parametrize("given", [{}, {"TokenIssuer": ""}])
    def test_what_has_no_default_must_be_given(self, given: dict[str, str]) -> None:
        with pytest.raises(WrongParameters, match=r"^TokenIssuer must be given"):
            parameters_of(TEMPLATE, given)

    def test_misspelled_name_is_told_with_those_that_there_are(self) -> None:
        with pytest.raises(WrongParameters, match=r"no parameter Burst; it has .*BurstRequests"):
            parameters_of(TEMPLATE, {**ISSUER, "Burst": "7"})

    def test_identifier_is_nobodys_to_give(self) -> None:
        with pytest.raises(WrongParameters, match=f"no parameter {ID}"):
            parameters_of(TEMPLATE, {**ISSUER, ID: "0"})


class TestFromVariables:
    def test_names_of_ci_are_those_of_parameters(self) -> None:
        variables = {"TOKEN_ISSUER": "https://a", "BASE_PATH": "", "AWS_REGION": "eu-central-1"}
        assert from_variables(TEMPLATE, variables) == {"TokenIssuer": "https://a", "BasePath": ""}

    def test_identifier_is_not_taken_from_a_variable(self) -> None:
        assert from_variables(TEMPLATE, {"DEPLOYMENT_ID": "0"}) == {}
