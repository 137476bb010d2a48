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
_REFUSES_ELSEWHERE = re.compile(
    r"^\W*(?:i (?:do not|don't) know|no (?:lo )?sé|ich weiß (?:es |das )?nicht|je ne sais pas|"
    r"(?:я )?не знаю|我不知道|不知道|لا أعرف|मुझे नहीं पता)(?: the answer)?\W*$|"
    r"\b(?:please (?:provide|share|specify|clarify|tell me|send|paste)|"
    r"(?:es )?tut mir leid|(?:ich|wir) (?:kann|können) (?:das|die|diese|den|ihnen|dir|leider)\b"
    r"[^.?!\n]{0,60}\bnicht\b|leider kann ich|als ki\b|bitte (?:geben|nennen|gib|nenne|teilen) |"
    r"könnten sie (?:bitte )?(?:mir )?(?:mehr|genauer|das|die)|"
    r"lo siento|no puedo (?:responder|ayudar|contestar|hacer|repetir)|"
    r"como (?:una )?(?:ia|modelo)\b|"
    r"por favor,? (?:proporciona|indica|aclara|especifica|envía)\w*|"
    r"podr[íi]as? (?:por favor )?(?:indicar|aclarar|proporcionar|especificar)|"
    r"(?:je suis )?désolée?|je ne (?:peux|puis) pas|en tant qu'ia\b|"
    r"pourriez-vous (?:préciser|fournir)|veuillez (?:fournir|préciser)|"
    r"desculpe|não posso (?:responder|ajudar)|mi dispiace|non posso (?:rispondere|aiutare)|"
    r"извините|простите|к сожалению|я не могу|как ии\b|не могли бы вы уточнить|"
    r"пожалуйста, (?:предоставьте|уточните|укажите))"
    r"|抱歉|对不起|對不起|我(?:无法|不能|無法)(?:回答|提供|完成|重复|帮)|请(?:您)?提供|請提供|作为(?:一个)?(?:AI|人工智能)|"
    r"申し訳|すみませんが|"
    r"عذرا|عذرًا|آسف|لا (?:أستطيع|يمكنني)|يرجى (?:تقديم|توضيح|تزويد)|"
    r"क्षमा करें|माफ़ करें|मैं (?:इसका )?(?:उत्तर )?नहीं (?:दे )?सकता|कृपया (?:बताएं|स्पष्ट|प्रदान)",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\s*(?:(?:I['’]m|I am) (?:very |so )?sorry|Sorry|I apologi[sz]e|Unfortunately)?[,.]?\s*"
    r"(?:but )?(?:I(?: can(?:no|['’])t| am (?:not able|unable)|['’]m (?:not able|unable)) |"
    r"As an AI\b)",
    re.IGNORECASE,
)


def begins_with_refusal(text: str) -> bool:
    """Whether nothing but a refusal can be meant: stricter, for texts that become training data.

    >>> begins_with_refusal("Sorry, but I can't do that."), begins_with_refusal("The sky is blue.")
    (True, False)
    >>> begins_with_refusal("Nobody knows; I can't say more.")
    False
    """
    return bool(_BEGINS.match(text))


def refuses(text: str) -> bool:
    """Whether there is a refusal in it; an answer may stand beside it all the same.

    >>> refuses("I'm sorry, I can't help with that."), refuses("I need more information.")
    (True, True)
    >>> refuses("The answer is B."), refuses("")
    (False, False)
    """
    return bool(_REFUSES.search(text.replace("’", "'")))


def refuses_in_any_language(text: str) -> bool:
    """The same with what is said in other languages, and where the input is asked for.

    >>> said = ("Lo siento, no puedo.", "抱歉，我无法回答。", "Please share the input.")
    >>> [refuses_in_any_language(text) for text in said]
    [True, True, True]
    >>> refuses_in_any_language("Die Antwort ist 4.")
    False
    """
    return refuses(text) or bool(_REFUSES_ELSEWHERE.search(text.replace("’", "'")))
