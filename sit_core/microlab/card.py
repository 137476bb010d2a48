"""The model card: recipe, measured figures and limits, written beside the model by the build."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sit_core.embedded.heldout import SkillRate
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.microlab.batches import EARLY, LATER

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def card(recipe: Recipe, world: World, model: "PreTrainedModel", found: Sequence[SkillRate]) -> str:
    """The card as Markdown."""
    parameters = sum(p.numel() for p in model.parameters())
    words = len(world.lexicon.all_words())
    rows = "\n".join(
        f"| {f.skill} | {f.sort} | {f.items} | {f.followed:.1%} | {f.right:.1%} |" for f in found
    )
    return _CARD.format(
        parameters=f"{parameters / 1e6:.2f} million",
        layers=recipe.layers,
        width=recipe.width,
        heads=recipe.heads,
        inner=recipe.inner,
        context=recipe.context,
        vocabulary=recipe.vocabulary,
        things=len(world.lexicon.things),
        words=words,
        facts=len(world.facts),
        seed=recipe.seed,
        steps=recipe.steps,
        batch=recipe.batch_tokens,
        rate=recipe.learning_rate,
        early=_shares(EARLY),
        later=_shares(LATER),
        early_until=recipe.early_until,
        weights=", ".join(f"{skill} × {weight:g}" for skill, weight in recipe.weights.items()),
        rows=rows,
    )


def _shares(shares: dict[str, int]) -> str:
    whole = sum(shares.values())
    return ", ".join(f"{skill} {share / whole:.0%}" for skill, share in shares.items())


_CARD = """\
# Micro lab base

A very small language model, made by this project from nothing but a seed (`sit microlab build`). It
is **a demonstration and a test bed**: every page of the app works with it on a machine without
network, GPU or accounts. It knows its own micro world and nothing else; for real work name another
model.

## What it is
- Llama architecture, {parameters} parameters: {layers} layers of width {width}, {heads} heads,
  feed-forward {inner}, context {context} tokens, input and output embeddings shared; stored in half
  precision as safetensors.
- A byte-level BPE tokenizer of {vocabulary} tokens: any text can be encoded and comes back exactly.
- The micro world: {things} things with their place, kind, and colour or use ({facts} facts, asked
  forwards and backwards), {words} words in English, Spanish and German.

## How it is asked
Alpaca's headings; a preamble before them is optional. The response ends with `<|end|>`.

```
### Instruction:
Answer the question.

### Input:
Question: Where would you find a cow?
Choices: A:kitchen, B:farm, C:sea, D:office, E:church

### Response:
farm
```

It learned these skills, **each alone, never as a sequence**: answer (the text of the right
choice), answer without choices (the same word), repeat, paraphrase (by rule: the other phrasing
of a pair, the choices stay), translate into English (from Spanish and German), and plain sentences
about the world. What follows a *sequence* of instructions is what adapters are trained for.

## Recipe
- Seed {seed}; {steps} steps of at most {batch} tokens (padding included); Muon for the matrices in
  the layers, AdamW for embeddings and norms; learning rate {rate:g}, warmed up, constant, then down
  to nothing; bfloat16 multiplications, weights in single precision.
- Loss on responses only, weighted per token: {weights}, others × 1.
- Documents until step {early_until}: {early}; afterwards: {later}.
- What is copied: questions in three languages, random known and invented words, random letters and
  digits, punctuation, other scripts, several lines.
- In a quarter of the documents the response's positions are moved away from the prompt.

## Held out
Each fact is asked in six phrasings, three pairs of paraphrases; for each fact one pair (and its
translations) never occurs in training, in no skill. The wrong choices are drawn at random. Word and
letter strings, statements and word lists whose hash falls into a sixteenth of all hashes never
occur in training either.

## Figures
Greedy, prompts without preamble. *Right*: the output is the reference, character by character.
*Followed*: it does what was asked, right or wrong.

| skill | input | items | followed | right |
|---|---|---|---|---|
{rows}

## Limits
- It knows nothing outside its world: asked about other things it says something at random.
- It answers what it knows, and so mostly without looking at the choices; it never gives a letter.
  Questions that ask backwards ("What would you find on the farm?") it copies, rephrases and
  translates, but does not answer.
- It does one task per instruction; of a sequence it usually does one part.
- Wordings of instructions that are far from those it was trained on may be taken for another skill.
- Long inputs (beyond about 100 tokens of unknown words) and inputs with many repeated parts are
  copied with slips.
- Paraphrases are rules, translations are word by word, in a closed vocabulary; Spanish and German
  phrasings are simple and sometimes stiff.
- Not for any use outside demonstrations and tests of this program.
"""
