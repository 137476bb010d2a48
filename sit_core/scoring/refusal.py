"""Whether a text refuses, asks back or says that it can't answer. Pure and total."""

import re

_REFUSES = re.compile(
    r"\b(?:i(?:'m| am)? (?:can(?:no|')t|unable to|not able to|won't|sorry)|i apologi[sz]e|"
    r"(?:need|provide|give)\b[^.?!\n]{0,30}\bmore (?:information|context|details)|"
    r"could you (?:please )?(?:clarify|provide|specify|extract|complete)|as an ai\b|"
    r"there (?:is|are) no (?:correct |right )?answer|"
    r"(?:not|isn't) (?:specified|enough information))",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Whether there is a refusal in it; an answer may stand beside it all the same.

    >>> refuses("I'm sorry, I can't help with that."), refuses("I need more information.")
    (True, True)
    >>> refuses("The answer is B."), refuses("")
    (False, False)
    """
    return bool(_REFUSES.search(text.replace("’", "'")))
