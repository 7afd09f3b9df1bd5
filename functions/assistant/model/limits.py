"""What is true of every assessment: it measures, and leaves judging to people."""

import re

SUBJECT = (
    r"(?:(?:the|this|these|those|all) )?(?:automated )?(?:analysis|report|assessment|text|summary|"
    r"software|system|explanation|algorithm|pipeline|measures?|values?|results?|measurements?|"
    r"numbers|figures|verdicts?|ranges?|positions?|biomarkers?)"
)
OBJECT = (
    r"(?:diagnos[ie]s|interpretations?|advice|recommendations?|treatment recommendations?|"
    r"(?:clinical|medical) (?:judgm?e?nt|assessment|interpretation|decisions?|review|examination|"
    r"diagnosis|advice)|(?:a |the )?clinician'?s (?:judgm?e?nt|review|assessment|interpretation)|"
    r"(?:values?|results?|measures?|measurements?|findings?|recordings?|causes?|reasons?|meanings?)"
    r"(?: of (?:the|its|their|any) (?:values?|results?|measures?|measurements?))?|them|it|"
    r"what (?:they|the values) mean|why)"
)
OBJECTS = (
    rf"(?:an? |any |the |its |their )?{OBJECT}(?:,? (?:and|or|nor) (?:an? |any |no )?{OBJECT})*"
)
DENIED = (
    r"(?:(?:does|do|can|could|did) ?not (?:itself |themselves |alone )?(?:make|replace|give|offer|"
    r"contain|constitute|provide|include|establish|represent|interpret|explain|diagnose|name|state|"
    r"tell|imply|draw|add|attempt|substitute(?: for)?)|(?:is|are) not|(?:is|are) no|"
    r"(?:makes?|gives?|contains?|offers?|provides?|includes?|draws?|adds?) no) " + OBJECTS
)
LEFT_TO_PEOPLE = (
    r"(?:the )?(?:clinical )?(?:interpretation|judgm?e?nt|meaning|assessment)(?: of (?:the|these|"
    r"its|their) (?:values?|results?|measures?|measurements?))? (?:rests with|remains with|lies with|"
    r"is left to|belongs to|is a matter for|is for|remains a matter for) (?:the|a) (?:treating |"
    r"reviewing |responsible )?(?:clinician|physician|doctor|professional)"
)
OUTSIDE = (
    r"(?:an? |the )?(?:values?|results?|positions?|measures?) (?:outside|beyond) (?:its|a|the|"
    r"their) (?:reference |published )?(?:range|limits?) (?:do|does|can) ?not (?:by (?:itself|"
    r"themselves) |alone )?(?:tell|name|give|explain|establish|prove|imply|mean|state) "
    r"(?:an? |any |the |its )?(?:cause|diagnosis|disease|reason|why)"
)
LIMIT = re.compile(rf"{SUBJECT} {DENIED}|{LEFT_TO_PEOPLE}|{OUTSIDE}", re.IGNORECASE)
# The end of a sentence that began otherwise: "... are measurements and make no diagnosis".
ALSO = re.compile(rf"(?<=[a-z]),? (?:and|but)(?: they| it)? {DENIED}$", re.IGNORECASE)
WITHOUT = re.compile(rf"(?<=[a-z]),? without {OBJECTS}$", re.IGNORECASE)


def without_limits(sentence: str) -> str:
    """Return what of a sentence is no such limit: nothing, where it is one whole."""
    if LIMIT.fullmatch(sentence):
        return ""
    return WITHOUT.sub("", ALSO.sub("", sentence))
