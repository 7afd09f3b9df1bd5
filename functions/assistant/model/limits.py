"""What is true of every assessment: it measures, and leaves judging to people."""

import re
from functools import cache

SUBJECT = (
    r"(?:(?:the|this|these|those|all) )?(?:automated )?(?:analysis|report|assessment|text|summary|"
    r"software|system|explanation|algorithm|pipeline|measures?|values?|results?|measurements?|"
    r"numbers|figures|verdicts?|ranges?|positions?|biomarkers?)"
)
JUDGING = (
    r"(?:diagnos[ie]s|interpretations?|advice|(?:treatment )?recommendations?|"
    r"(?:clinical|medical) (?:judgm?e?nt|assessment|interpretation|decisions?|review|examination|"
    r"diagnosis|advice)|clinician'?s (?:judgm?e?nt|review|assessment|interpretation)|"
    r"reading of the (?:trace|tracing|recording|film|image|picture)|examination|consultation)"
)
CAUSES = r"(?:causes?|reasons?|meanings?|diagnos[ie]s|why)"
MEASURED = (
    r"(?:(?:values?|results?|measures?|measurements?|findings?|recordings?|signals?)|them|it|"
    r"what (?:they|the values|the results) mean)"
)
A = r"(?:an? |any |the |its |their )?"
NOT = r"(?:does|do|can|could|did) ?not (?:(?:by )?(?:itself|themselves) |alone )?"
DENIED = (
    rf"(?:{NOT}(?:make|replace|give|offer|contain|constitute|provide|include|represent|add|"
    r"substitute(?: for)?)|(?:is|are) (?:not|no)|"
    rf"(?:makes?|gives?|contains?|offers?|provides?|includes?|adds?) no) {A}{JUDGING}"
    rf"(?:,? (?:and|or|nor) (?:no )?{A}{JUDGING})*"
    rf"|{NOT}(?:name|state|tell|imply|establish|explain|prove|identify) {A}{CAUSES}"
    rf"(?: of {A}{MEASURED})?|{NOT}(?:interpret|explain|judge) {A}{MEASURED}"
)
DENIED = rf"(?:{DENIED})"
LEFT_TO_PEOPLE = (
    rf"(?:the )?(?:clinical )?(?:interpretation|judgm?e?nt|meaning)(?: of {A}{MEASURED})? "
    r"(?:rests with|remains with|lies with|is left to|belongs to|is a matter for|is for|"
    r"remains a matter for) "
    r"(?:the|a) (?:treating |reviewing |responsible )?(?:clinician|physician|doctor|professional)"
)
OUTSIDE = (
    r"(?:an? |the )?(?:values?|results?|positions?|measures?) (?:outside|beyond) (?:its|a|the|"
    r"their) (?:reference |published )?(?:range|limits?) (?:do|does|can) ?not (?:by (?:itself|"
    r"themselves) |alone )?(?:tell|name|give|explain|establish|prove|imply|mean|state) "
    r"(?:an? |any |the |its )?(?:cause|diagnosis|disease|reason|why)"
)
# How a change is judged, which is so of every verdict.
VERDICT = (
    r"(?:the|a|each) (?:change )?verdict (?:on (?:the |a )?change )?(?:compares|weighs|judges) "
    r"(?:the |a )?change (?:with|against|by) (?:the )?(?:published )?(?:measurement )?"
    r"(?:error|repeatability)(?: of the (?:measure|method|measurement))?"
)
LIMIT = rf"{SUBJECT} {DENIED}|{LEFT_TO_PEOPLE}|{OUTSIDE}|{VERDICT}"
# The end of a sentence that began otherwise: "... are measurements and make no diagnosis".
ENDING = rf"(?<=[a-z]),? (?:(?:and|but)(?: they| it)? {DENIED}|without {A}{JUDGING})$"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile both when a model first writes: a start does not wait for them."""
    return re.compile(LIMIT, re.IGNORECASE), re.compile(ENDING, re.IGNORECASE)


def without_limits(sentence: str) -> str:
    """Return what of a sentence is no such limit: nothing, where it is one whole."""
    limit, ending = _patterns()
    return "" if limit.fullmatch(sentence) else ending.sub("", sentence)
