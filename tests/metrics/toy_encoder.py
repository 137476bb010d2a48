"""A bilingual encoder for tests: a BERT without layers whose words share vectors by a lexicon."""

import random
from pathlib import Path

_PAIRS = (
    "anciana=woman vendió=sold casa=house año=year pasado=last anciano=man compró=bought "
    "río=river hijos=children querían=want dejar=leave llovió=rained noche=night "
    "carretera=road llena=full agua=water nieve=snow colinas=hills derritió=melted "
    "temprano=early primavera=spring verano=summer viento=wind trae=brings arena=sand "
    "sur=south garzas=herons grises=grey duermen=sleep juncos=reeds lagos=lakes "
    "tranquilos=quiet invierno=winter muchas=many vuelan=fly costas=coasts cálidas=warmer "
    "crías=birds aprenden=learn pescar=fish ocho=eight semanas=weeks viejos=old "
    "pescadores=fishermen cuentan=tell historias=stories plumas=feathers plata=silver "
    "panaderos=bakers hornean=bake pan=bread pueblo=village maestros=teachers libros=books "
    "escuela=school leen=read médicos=doctors curan=heal enfermos=patients "
    "granjeros=farmers siembran=sow trigo=wheat campo=field dónde=where"
)
LEXICON = dict(pair.split("=") for pair in _PAIRS.split())
"""Spanish word → English word."""
WIDTH = 96


def toy_encoder(folder: Path, *, bilingual: bool = True, pooling: str | None = None) -> Path:
    """Save one into a folder; where it isn't bilingual, each language has vectors of its own."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = [*marks, *LEXICON, *dict.fromkeys(LEXICON.values())]
    vocab = {word: n for n, word in enumerate(words)}
    made = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    model = BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=WIDTH,
            num_hidden_layers=0,
            num_attention_heads=2,
            intermediate_size=8,
            max_position_embeddings=64,
        ),
        add_pooling_layer=False,
    )
    rng = random.Random(5)
    with torch.no_grad():
        table = model.embeddings.word_embeddings.weight.zero_()
        model.embeddings.position_embeddings.weight.zero_()
        model.embeddings.token_type_embeddings.weight.zero_()
        for word in words[len(marks) :]:
            table[vocab[word]] = torch.tensor([rng.gauss(0, 1) for _ in range(WIDTH)])
        if bilingual:
            for ours, theirs in LEXICON.items():
                table[vocab[ours]] = table[vocab[theirs]]
    model.save_pretrained(folder, safe_serialization=True)
    if pooling is not None:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(f'{{"pooling_mode_{pooling}": true}}')
    return folder
