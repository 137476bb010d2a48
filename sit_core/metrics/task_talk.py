"""What in an output is about the task rather than a part of it: labels, announcements, offers.

Short lists for the languages that instruction data are written in most; a language that is not
here is read by its marks alone (colons, question marks, quotation marks).
"""

import re

_BEFORE = r"(?:(?<!\w)|(?<=[\u3040-\u9fff]))"
REPEATED, REWORDED, ANSWERED, OTHER = "repeat", "paraphrase", "answer", "other"
"""What a label says of the text behind it."""
_NAMES = {
    REPEATED: r"repeat\w*|repetition|original|input|wiederhol\w*|eingabe|repetici[oó]n|repetid\w+|"
    r"entrada|r[ée]p[ée]tition|repeti[çc][ãa]o|重复|重復|原文|输入|повтор\w*|التكرار|تكرار|दोहरा\w*",
    REWORDED: r"paraphras\w*|rephras\w*|reword\w*|reformul\w*|umformul\w*|umschreib\w*|"
    r"par[áa]fras\w*|parafras\w*|in other words|mit anderen worten|en otras palabras|"
    r"改写|改寫|转述|釋義|释义|言い換え|перефраз\w*|إعادة الصياغة|إعادة صياغة|पुनर्कथन|दूसरे शब्दों",
    ANSWERED: r"answer\w*|solution|result|antwort|l[öo]sung|ergebnis|respuesta|soluci[oó]n|"
    r"resultado|r[ée]ponse|r[ée]sultat|resposta|risposta|答案|回答|解答|答え|答|ответ|решение|"
    r"الإجابة|الجواب|إجابة|उत्तर|जवाब|cevap|tr[ảa] lời|đáp án",
}
LABEL = re.compile(
    _BEFORE
    + "(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES.items())
    + r")[^\n:：.?!؟。]{0,25}(?::(?!\w)|：)[*_\"”`]*",
    re.IGNORECASE,
)
"""One of these anywhere in a line, with the colon that ends it."""
_HEADING = re.compile(
    r"[\W\d_]*(?:(?:the|final|correct|step)\W+|\d+\W+){0,3}(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES.items())
    + r")(?:\W+\w+){0,2}\W*",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\s*(?:#{1,6}\s|\*\*|__)")
OTHER_LABEL = re.compile(
    r"[\s*_#>\"“{,-]*(?P<name>[^\W\d][\w'’ -]{0,40}?)[*_\"”]*\s?[:：][*_]*(?!\d)"
)
"""Any few words with a colon at the beginning of a line."""
_OPENS = re.compile(
    r"\W*(?:sure(?: thing)?|of course|certainly|okay|ok|absolutely|gladly|great|no problem|"
    r"alright|understood|got it|claro(?: que sí)?|por supuesto|vale|natürlich|gerne?|klar|"
    r"selbstverständlich|bien sûr|d'accord|certainement|конечно|хорошо|ладно|"
    r"بالتأكيد|بالطبع|حسنا|حسنًا|ज़रूर|ठीक है|अवश्य|certo|certamente|com certeza|tabii|evet)\W*"
    r"|\W*(?:好的|当然|當然|没问题|好|可以|もちろん(?:です)?|はい)\W*",
    re.IGNORECASE,
)
_DO = (
    r"(?:repeat|answer|paraphras|rephras|reword|continue|help|assist|solve|do (?:that|this|so|it)|"
    r"translat|begin|start|proceed|follow)"
)
_OFFERS = re.compile(
    rf"\b(?:i|we|let me|let us|let's)\b(?:'ll|'d|'ve)?[^.!?\n]{{0,40}}\b{_DO}\w*"
    r"|^\W*(?:here(?:'s| is| are)\b|below is\b|the following is\b|now,? (?:for|to|the)\b)"
    r"[^.!?\n]{0,80}$"
    r"|\b(?:let me|let us|let's)\b[^.!?\n]{0,20}\b"
    r"(?:think|see|look|start|go|break|consider|walk|work)\b"
    r"|^\W*(?:so,? )?you (?:want|wish|would like|are asking|asked|ask)\b"
    r"|^\W*(?:that(?:'s| is)|what) an? (?:great|good|interesting|excellent) question\b"
    r"|\b(?:gute frage|buena pregunta|bonne question|хороший вопрос)\b|好问题|سؤال (?:جيد|رائع)"
    r"|^\W*(?:step \d+\W+)?(?:repeat|answer|paraphrase|rephrase|solve|respond to) "
    r"(?:the|this|it|your)\b[^.!?\n]{0,30}\W*$"
    r"|\blet me know\b|\bfeel free\b|\bhope (?:this|that|it) helps\b"
    r"|^\W*(?:if you|should you)\b[^.!?\n]{0,60}\b(?:want|like|need|wish|prefer|have)\b"
    r"|\b(?:the|this) (?:question|input|problem|user)\b[^.!?\n]{0,30}\b"
    r"(?:asks|is asking|asked|wants to know)\b"
    r"|\bich (?:werde|kann|könnte|habe)\b[^.!?\n]{0,60}"
    r"(?:wiederhol|beantwort|antwort|umformul|helfen|fortfahren)"
    r"|^\W*(?:wenn|falls) (?:sie|du)\b|\bhier (?:ist|sind|kommt)\b[^.!?\n]{0,60}$"
    r"|\b(?:puedo|podría|voy a|he)\b[^.!?\n]{0,60}(?:repet|respond|parafrase|ayudar|continu)"
    r"|^\W*si (?:quieres?|desea|deseas|necesita|necesitas|lo desea|lo necesita)\b"
    r"|\baqu[íi] (?:tienes?|está|va)\b[^.!?\n]{0,60}$"
    r"|\bje (?:vais|peux|pourrais)\b[^.!?\n]{0,60}(?:répét|répond|reformul|aider|continu)"
    r"|^\W*si vous\b|\bvoici\b[^.!?\n]{0,60}$"
    r"|\bя\b[^.!?\n]{0,40}(?:повтор|отве[тч]|перефраз|помо[чг]|продолж)|^\W*если (?:вы|ты)\b"
    r"|^\W*вот\b[^.!?\n]{0,60}$"
    r"|(?:如果|若|如)(?:您|你|需|有)|(?:我|让我)(?:先|可以|会|將|将|来|能|要)[^。！？\n]{0,30}"
    r"(?:重复|重復|回答|改写|解答|帮|继续|翻译)|需要我|请告诉我|請告訴我"
    r"|(?:يمكنني|سأقوم|سوف|أستطيع)[^.!؟\n]{0,60}(?:تكرار|إجابة|الإجابة|أجيب|أكرر|مساعد)"
    r"|^\W*إذا (?:كنت|أردت|رغبت)|(?:मैं|यदि आप|अगर आप)[^।?\n]{0,60}(?:दोहरा|उत्तर|मदद|चाह)",
    re.IGNORECASE,
)
_OFFER_ASKED = re.compile(
    r"\b(?:would you like|do you want|shall i|should i|may i|can i help|which one do you|"
    r"do you mean|möchten sie|möchtest du|soll ich|meinen sie|quieres que|desea que|"
    r"podr[íi]as? (?:indicar|aclarar|decir)|te refieres|se refiere|voulez-vous|souhaitez-vous|"
    r"pourriez-vous|хотите|не могли бы вы|вы имеете в виду|вам нужно)"
    r"|您(?:想|要|是否|需要|是指)|你(?:想|要|是否|需要|是指)|请问您|是否需要|"
    r"هل تريد|هل ترغب|هل تقصد|क्या आप",
    re.IGNORECASE,
)
SECOND_PERSON = re.compile(
    r"\b(?:you|your|sie|ihnen|du|dir|usted|ustedes|tú|te|vous|votre|вы|вам|вас|ты|आप|आपको)\b|"
    r"[您你]|(?:تريد|ترغب|تقصد|لك)\b",
    re.IGNORECASE,
)
EDITS = re.compile(
    r"\b(?:correct|fix|repair|grammar|spell|punctuat|capitali[sz]|edit|proofread|rewrit|"
    r"uppercase|lowercase|simplif|korrigier|berichtig|verbesser|corrig|corrij|corregi|réécri|"
    r"исправ|correggi)|改正|修改|纠正|更正|صحح|تصحيح|सुधार|ठीक कर",
    re.IGNORECASE,
)
"""An instruction whose result is the input with a few things changed."""
WRITES = re.compile(
    r"\b(?:writ|generat|creat|mak|compos|suggest|draft|ask|invent|formulat|come up|add|pos|"
    r"schreib|erstell|erfind|stell|escrib|cre|redact|genera|formula|écri|rédig|propos|"
    r"напиш|придум|состав|задай)\w*(?:(?!\bthen\b|\banswer)[^.,;!?\n]){0,40}\b"
    r"(?:questions?|riddles?|quiz\w*|repl(?:y|ies)|headlines?|titles?|slogans?|fragen?|preguntas?|"
    r"вопрос\w*)|\breply to\b|(?:写|提出|提|生成|出)[^。，]{0,12}(?:问题|標題|标题)|"
    r"(?:اكتب|أنشئ|اطرح)[^.،]{0,20}سؤال|प्रश्न (?:लिख|बना)",
    re.IGNORECASE,
)
"""An instruction whose result may be a question."""
TAG = re.compile(r"</?(?P<name>[A-Za-z_ -]{2,30})>|\|[ *_]*(?P<cell>[^|\n]{2,30}?)[ *_]*\|")
"""A tag, or a cell of a table that may be a label."""
JSON_KEY = re.compile(r"[{,]\s*\"(?P<name>[^\"\n{}:]{1,40})\"\s*:\s*")
"""A key of a JSON object with its colon."""
ASKS_FOR = re.compile(
    r"\W*(?:please\s+)?(?:explain|tell|describe|name|give|find|state|determine|calculate|identify|"
    r"say|work out|figure out|list|erkläre?|nenne?|beschreibe|berechne|explica|di|nombra|calcula|"
    r"indica|expliquez?|dites?|nommez?|calculez?|объясни\w*|назови\w*|опиши\w*|найди\w*|"
    r"请(?:说明|解释|告诉|说出|计算)|说明|解释|اشرح|اذكر|बताइए|बताओ|समझाइए)(?!\w)",
    re.IGNORECASE,
)
"""How a question is put that has no question mark."""
SPEAKS_OF_IT = re.compile(
    r"\b(?:the|this) (?:\w+ ){0,2}(?:sentiment|statement|sentence|text|review|input|passage|"
    r"question|tone|answer|title|summary|message|topic|language|style)\b|"
    r"\b(?:der|die|das|diese[rs]?) (?:stimmung|aussage|satz|text|bewertung|frage|antwort|ton)\b|"
    r"\b(?:el|la|este|esta) (?:sentimiento|afirmación|frase|oración|texto|reseña|respuesta|tono)\b|"
    r"\b(?:le|la|ce|cette|l') ?(?:sentiment|affirmation|phrase|texte|avis|réponse|ton)\b|"
    r"\b(?:это|этот|данн\w+) (?:предложение|текст|утверждение|отзыв|вопрос)\b|"
    r"(?:这句话|这段|该句|该文|本文|这个|情感|语气)|(?:هذه الجملة|النص|هذا النص|المشاعر)|"
    r"(?:यह वाक्य|यह पाठ|भावना)",
    re.IGNORECASE,
)
"""A sentence about the input as a text: a verdict on it or a comment, no rewording."""
NOTHING_SAID = re.compile(
    r"\W*(?:n/?a|null|none|nil|none given|not provided|unknown|no answer|"
    r"to be (?:added|determined|answered)|"
    r"(?:your|the) answer(?: here)?|tbd|todo)\W*",
    re.IGNORECASE,
)


SUMS_UP = re.compile(
    r"\b(?:the|this) (?:text|passage|story|article|paragraph)\b[^.!?\n]{0,20}\b"
    r"(?:is about|describes|tells|talks about|deals with|discusses)\b|"
    r"\b(?:der|dieser) (?:text|artikel|abschnitt) (?:handelt|beschreibt|erzählt)|"
    r"\b(?:el|este) (?:texto|artículo|pasaje) (?:trata|habla|describe|cuenta)|"
    r"\b(?:le|ce) (?:texte|passage|récit) (?:parle|décrit|raconte|traite)|"
    r"(?:текст|отрывок|рассказ) (?:о|об|повествует|описывает|рассказывает)\b|"
    r"(?:本文|这段文字|这篇文章|文章)(?:讲|介绍|描述|主要)|"
    r"(?:يتحدث|يصف) (?:هذا )?النص|यह (?:पाठ|लेख)",
    re.IGNORECASE,
)
"""A sentence that says what a text is about."""


def label_of(match: re.Match[str]) -> str:
    """Which of the labels was found."""
    return next(name for name in _NAMES if match.group(name))


def meaning_of(name: str) -> str:
    """Which of the labels a name is.

    >>> meaning_of("repeated_input"), meaning_of("Sentiment")
    ('repeat', 'other')
    """
    match = _HEADING.fullmatch(name.replace("_", " "))
    return label_of(match) if match else OTHER


def heading(line: str) -> str | None:
    """What a heading of a few words says, without a colon; None where it is none.

    >>> heading("### Repeated input"), heading("**Answer**"), heading("Answer me, please, my dear")
    ('repeat', 'answer', None)
    """
    if len(line) > 60:
        return None
    match = _HEADING.fullmatch(line)
    marked = _MARKED.match(line) or (match and line.strip(" \t.") == match.group(label_of(match)))
    return label_of(match) if match and marked else None


def is_talk(text: str) -> bool:
    """Whether a sentence announces, offers or comments a step, and is none itself.

    >>> [is_talk(t) for t in ("Sure!", "Here is the text:", "I will answer it.", "如需要我可回答")]
    [True, True, True, True]
    >>> [is_talk(t) for t in ("Herons sleep in reeds.", "42", "Je pense que oui.")]
    [False, False, False]
    """
    said = text.replace("’", "'")[:400].strip()
    return (
        said.rstrip(' *_"”`').endswith((":", "："))
        or bool(_OPENS.fullmatch(said))
        or bool(_OFFERS.search(said))
    )


def offers(text: str) -> bool:
    """Whether a question is put to the reader about what is wanted.

    >>> offers("Would you like a shorter one?"), offers("Why do herons sleep?")
    (True, False)
    """
    return bool(_OFFER_ASKED.search(text[:400]))
