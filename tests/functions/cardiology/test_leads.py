import pytest

from functions.cardiology.ecg import STANDARD_LEADS
from functions.cardiology.leads import Channel, distinct, ecg_channels, is_lead, lead_name
from functions.cardiology.unreadable import NoEcgLead


class TestLeadName:
    @pytest.mark.parametrize("lead", STANDARD_LEADS)
    def test_standard_leads_are_known_however_they_are_written(self, lead: str) -> None:
        for written in (
            lead,
            lead.lower(),
            lead.upper(),
            f"Lead {lead}",
            f"ECG {lead}",
            f"EKG_{lead}",
            f"MDC_ECG_LEAD_{lead.upper()}",
            f"Lead {lead} (Einthoven)",
            f"{lead}, augmented voltage",
        ):
            assert lead_name(written) == lead

    @pytest.mark.parametrize("name", ["MLII", "MCL1", "V1R", "VX", "CM5", "D3"])
    def test_named_leads_beside_the_standard_ones_are_known(self, name: str) -> None:
        assert lead_name(name) == lead_name(f"ecg {name.lower()}") == name

    @pytest.mark.parametrize(
        "name", ["Jane Doe", "a\x00b\nc", "x" * 500, " \t", "jane_ecg", "ECG of J"]
    )
    def test_name_that_is_the_senders_own_is_not_repeated(self, name: str) -> None:
        assert lead_name(name) == "ECG"


class TestIsLead:
    @pytest.mark.parametrize("name", ["II", "avr", "V5", "MLII", "MCL1", "ECG", "ekg lead 1", "vx"])
    def test_leads(self, name: str) -> None:
        assert is_lead(name)

    @pytest.mark.parametrize("name", ["RESP", "ABP", "PLETH", "EEG Fpz-Cz", "SpO2", "time", "x"])
    def test_others(self, name: str) -> None:
        assert not is_lead(name)


class TestEcgChannels:
    def test_pressure_breath_and_brain_waves_are_left_out(self) -> None:
        channels = [
            Channel("EEG Fpz-Cz", "uV", 100),
            Channel("ECG II", "uV", 256),
            Channel("ABP", "mmHg", 256),
            Channel("Resp", "mV", 256),
        ]
        chosen, warnings = ecg_channels(channels)

        assert chosen == [1]
        assert warnings == ("Left out, not an ECG lead: EEG, ABP, Resp.",)

    def test_channel_of_the_senders_own_name_is_told_without_it(self) -> None:
        channels = [Channel("II", "mV", 250), Channel("jane_doe_column", "mV", 250)]
        assert ecg_channels(channels)[1] == (
            "Left out, not an ECG lead: a channel of another name.",
        )
        with pytest.raises(NoEcgLead) as refusal:
            ecg_channels([Channel("jane_doe", "mmHg", 250)])
        assert "jane" not in str(refusal.value)

    def test_most_common_rate_is_kept(self) -> None:
        channels = [Channel("I", "mV", 125), Channel("II", "mV", 250), Channel("V1", "mV", 250)]
        chosen, warnings = ecg_channels(channels)

        assert chosen == [1, 2]
        assert "another rate: I." in warnings[0]

    def test_unknown_names_are_taken_where_nothing_is_surely_a_lead(self) -> None:
        assert ecg_channels([Channel("sig 0", "mV", 250), Channel("temp", "mV", 250)])[0] == [0]

    def test_nothing_electric_is_refused(self) -> None:
        with pytest.raises(NoEcgLead):
            ecg_channels([Channel("II", "mmHg", 250)])
        with pytest.raises(NoEcgLead):
            ecg_channels([])


def test_repeated_names_are_numbered() -> None:
    assert distinct(["II", "V1", "II"]) == ("II (1)", "V1", "II (2)")
