"""The English words by which the simple rule finds a verb and its noun."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


VERBS = _set(
    """
    abbreviate access achieve act adapt add adjust advise alphabetize alter analyse analyze
    animate annotate answer anticipate apply argue arrange articulate ask assemble assess assign
    assume attach balance be begin boil bold brainstorm break brief bring build calculate
    capitalise capitalize caption capture categorise categorize change characterise characterize
    check choose cite clarify classify clean close code collect color colour combine come comment
    communicate compare compile complete compose comprehend compress compute conclude condense
    conduct confirm connect consider construct contrast convert convey convince copy correct count
    craft create criticise criticize critique cut debate debug decide declare decode decompose
    deduce deduct define delete deliver demonstrate depict derive describe design detail detect
    determine develop devise diagnose differentiate discover discuss display distinguish divide do
    document draft double draw edit elaborate eliminate emphasise emphasize encode encourage engage
    enhance ensure entertain enumerate envision establish estimate evaluate examine exchange
    execute exemplify expand explain explore express extend extract factor figure fill filter find
    finish fix flip focus follow forecast form format formulate gather generate get give go group
    guess guide handle help highlight hypothesise hypothesize identify illustrate imagine
    implement improve include incorporate increase indicate infer inform input insert inspect
    install integrate interpret introduce invent investigate invert join judge justify keep label
    lay learn leave link list locate look make map mark match measure mention merge model modify
    move multiply name narrate negate note number observe obtain offer omit open optimise optimize
    order organise organize outline output paint paraphrase parse perform persuade pick place plan
    play plot point portray post practice practise predict prepare present print prioritise
    prioritize process produce program prompt pronounce proofread propose prove provide punctuate
    put quantify query quote randomise randomize rank rate re-arrange re-order re-write reach read
    realise realize rearrange recall recast recite recommend reconstruct record recreate reduce
    refactor refer reflect reformat reformulate refute regenerate relate remember remove rename
    render reorder reorganise reorganize repeat rephrase replace reply report represent reproduce
    research resolve respond restate restructure retell return reveal reverse review revise reword
    rewrite round rule run save say scan score search seek segment select send separate sequence
    set share shorten show simplify simulate sketch solve sort specify speculate spell split spot
    stage start state store structure submit substitute subtract suggest sum summarise summarize
    supply support survey swap synthesise synthesize tabulate tag take talk teach tell test think
    trace track transcribe transform translate transpose traverse treat try turn uncover underline
    understand update use utilise utilize validate verify view visit visualise visualize vote
    weigh work write
    """
)
"""Base forms that instructions begin with; another word counts as one where an article follows."""

NOUNS_TOO = _set(
    """
    access act address answer balance boil bold brief break build caption capture cause change
    check close clean code color colour comment compute contrast convert copy correct count craft
    cut debate decrease delete design detail display document draft estimate exchange express
    extract factor figure file fill filter find finish fix flip focus forecast form format gather
    group guess guide handle help highlight increase index input insert invert join judge keep
    label lay leave link list locate look make map mark match measure move multiply name note
    number object offer open order organize outline output paint parse pick place plan play plot
    point portray post practice practise present print process produce program prompt quantify
    query question quote rank rate reach read recall recast record report request research result
    return reverse review rewrite round rule run save say scan score search segment separate
    sequence set shape share show sketch solve sort sound spell split spot stage start state store
    structure sum summary supply support survey swap tag take talk teach tell test think time
    touch trace track treat try turn understand update use value view visit vote work
    """
)
"""Verbs that, after an "and", may be nouns or adjectives as well."""

QUESTIONS = _set("what which who whom whose where when why how")
AUXILIARIES = _set(
    """
    am is are was were do does did has have had can could would should will shall may might must
    isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't wouldn't shouldn't
    """
)
POLITE = _set("can could would will")
"""Before "you" and a verb: a request, not a question."""

DETERMINERS = _set(
    """
    a an the this that these those my your his her its our their all both each every some any no
    several many few more most another such one two three four five six seven eight nine ten
    """
)
MODIFIERS = _set(
    """
    following given provided presented above below next same other own supplied attached
    underlined mentioned listed described specified either very first second third last
    """
)
"""Stand before a noun and are none in what instructions say."""

PREPOSITIONS = _set(
    """
    about above across after against along among around as at before behind below between beyond
    by concerning despite down during except for from in inside into like near of off on onto out
    outside over per regarding since through throughout to toward towards under until up upon via
    versus with within without
    """
)
ENDS = _set(
    """
    that which what who whom whose where when why how if whether because while so is are was were
    be been has have had can could would should will may might must do does did you i we they he
    she it using based titled called named once twice again not also than then
    """
)
"""A noun phrase is over before these."""

PRONOUNS = _set("me us him them it myself yourself someone")
PARTICLES = _set("up out down off over back together through away")
FILLERS = _set(
    """
    please kindly now also then next first firstly second secondly third thirdly finally lastly
    afterwards afterward subsequently additionally just simply quickly briefly carefully next-up
    moreover furthermore again and let's
    """
)
"""Said before the verb."""
OPENERS = _set(
    """
    given using based from in for with as after before by if when on at considering assuming
    according once while without to under of upon following within until through during
    """
)
"""Begin something that is said before the verb, up to a comma."""

COUNTED = _set(
    "couple number lot bunch handful variety pair plenty one two three four five some each"
)
"""What is meant stands behind their "of"."""

ADJECTIVES = _set(
    """
    appropriate accurate adequate elaborate suitable good bad best better new old short long
    simple easy brief clear different great small large unique important nice funny strong
    private public
    """
)
"""Adjectives without an adjective's ending."""

PARTICIPLES = _set(
    """
    found written made sold held seen spoken known taken born grown shown built drawn worn
    """
)
"""Behind a noun and before a preposition they say more of it."""

WITH_LY = _set("family reply anomaly assembly supply butterfly monopoly fly belly jelly bully ally")
"""Nouns that look like adverbs."""

SAME_IN_PLURAL = _set(
    """
    news series species physics mathematics maths economics ethics politics basics means lyrics
    analysis basis thesis hypothesis synthesis emphasis status bus gas lens bias chaos css sms
    python's class pros cons always
    """
)
