"""Random command lines of the eight long actions, as users type them and pages give them.

Each option of an action has a list of values to draw from; `tests/golden/make.py` keeps those
command lines that the program takes.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

Values = Sequence[str | None]
"""Of an option; None: it stands alone."""
FLAG: Values = (None,)
TEXTS: Values = (
    "First repeat the input, then answer: {instruction}",
    "-begins with a dash",
    "two\nlines",
    "Größe, „Zitat“ = 1",
    "'quoted' \"twice\"",
)
NAMES: Values = ("mine", "a,b", "r 1", "größe=2", "-x", "sit/R+A")
SECRETS: Values = ("OPENAI_API_KEY", "MY_API_KEY")
URLS: Values = ("http://localhost:8000/v1", "https://host.example:8443/v1", "http://[::1]:80/v1")

LOCAL: dict[str, Values] = {
    "--adapter": ("org/adapter", "./adapters/mine", "~/a b"),
    "--backend": ("transformers",),
    "--revision": ("main", "v1.0", "0a1b2c3"),
    "--dtype": ("auto", "float32", "bfloat16", "float16"),
    "--device": ("auto", "cpu", "cuda", "cuda:1", "mps"),
    "--device-map": ("auto", "balanced", "sequential"),
    "--prompt-format": ("auto", "chat", "alpaca", "plain"),
    "--batch-tokens": ("1", "2048", "65536"),
}
ENDPOINT: dict[str, Values] = {
    "--base-url": URLS,
    "--key-env": SECRETS,
    "--dtype": ("float16",),
    "--revision": ("v2",),
    "--prompt-format": ("chat",),
    "--in-flight": ("1", "16", "64", "1000"),
}
GENERATION: dict[str, Values] = {
    "--max-new-tokens": ("1", "256", "512", "4096"),
    "--temperature": ("0", "0.7", "1", "1e-3", "5"),
    "--top-p": ("1", "0.95", "0.1"),
    "--top-k": ("0", "1", "50"),
    "--seed": ("0", "1", "42", "9223372036854775807"),
    "--stop": ("\n\n", "###", "-", "a,b", "="),
}
PRICES: dict[str, Values] = {
    "--input-price": ("0", "0.5", "2"),
    "--output-price": ("0", "1.5", "8.25"),
    "--budget": ("10", "0.01", "1e3"),
}
DONE: dict[str, Values] = {"--detach": FLAG, "--json": FLAG}

REQUIRED: dict[str, dict[str, Values]] = {
    "predict": {
        "--model": ("microlab", "org/name", "./folder", "gpt-x"),
        "--run": NAMES,
        "--examples": ("microlab:repeat", "file.jsonl", "run:mine", "hub:org/set:test", "xquad:f"),
    },
    "score": {"--run": NAMES},
    "judge": {"--model": ("microlab", "org/name", "gpt-x")},
    "augment": {"--out": ("train.jsonl", "folder/train.jsonl", "a b.jsonl")},
    "train": {"--config": ("it", "sit", "paper-v3", "microlab", "yaml/train.yaml")},
    "seq-instruct": {"--name": ("mine", "set 2", "größe")},
    "seqeval": {"--name": ("mine", "r 1", "a,b"), "--model": ("microlab", "org/name", "gpt-x")},
    "benchmark": {
        "--system": ("mine", "r 1", "a,b"),
        "--model": ("microlab", "org/name", "gpt-x"),
        "--tasks": ("gsm8k", "gsm8k,mmlu", "arc_easy, hellaswag", "ifeval,ifeval"),
    },
}
MANY = {
    "--run",
    "--stop",
    "--map",
    "--source",
    "--chain",
    "--texts",
    "--wordings",
    "--set",
    "--results",
}
"""Options that may be given several times (``--run`` of predict may not)."""
TRAIN_CHANGES: Values = (
    "name=other-name",
    "out=results/here",
    "seed=7",
    "model.base=org/base",
    "model.revision=v1",
    "model.prompt_format=chat",
    "data.train=mixture.jsonl",
    "data.columns={output: answer, history: before}",
    "data.limit=100",
    "data.held_out=held.jsonl",
    "data.held_out_share=0.05",
    "data.held_out_rows=50",
    "data.max_length=512",
    "data.too_long=drop",
    "data.too_long=keep",
    "method.kind=full",
    "method.kind=lora",
    "method.rank=64",
    "method.alpha=32",
    "method.dropout=0.1",
    "method.targets=[query, all-linear]",
    "schedule.learning_rate=3e-5",
    "schedule.decay=cosine",
    "schedule.warmup_share=0",
    "schedule.batch=16",
    "schedule.epochs=0.5",
    "schedule.steps=700",
    "schedule.steps=null",
    "schedule.evaluate_every=10",
    "schedule.patience=3",
    "schedule.checkpoint_every=25",
    "schedule.weight_decay=0.01",
    "schedule.max_grad_norm=0.5",
    "hardware.device=cpu",
    "hardware.precision=float32",
    "hardware.four_bit=false",
    "hardware.attention=eager",
    "hardware.micro_batch_tokens=4096",
    "hardware.gradient_checkpointing=false",
    "hardware.threads=1",
)


def _predict(rng: Random) -> Mapping[str, Values]:
    return {
        **_model(rng),
        **GENERATION,
        rng.choice(["--instruction", "--template"]): TEXTS,
        "--map": ("instruction=question", "input=a=b", "output=größe"),
        "--steps": ("repeat,answer", "answer", "paraphrase,repeat,answer"),
        "--limit": ("1", "100"),
        "--thoughts": ("apart", "keep"),
        "--prompt-set": ("set", "a prompt set"),
        **DONE,
    }


def _score(_dice: Random) -> Mapping[str, Values]:
    return {
        "--run": NAMES,
        "--metrics": ("accuracy", "exact-match,f1", "rouge-l, bertscore", "following", "f1,f1"),
        "--tokenizer": ("unicode", "rouge_score"),
        "--encoder": ("roberta-large", "org/encoder", "./folder"),
        "--layers": ("1", "17"),
        "--sentence-encoder": ("org/sentences", "./sentences"),
        "--again": FLAG,
        **DONE,
    }


def _judge(rng: Random) -> Mapping[str, Values]:
    return {
        **_model(rng),
        "--run": NAMES,
        "--judge": ("seqeval", "steps", "pairwise", "./own", "mine"),
        "--against": ("reference", "a,b"),
        "--study": ("study 1", "größe"),
        "--limit": ("1", "200"),
        "--seed": ("0", "7"),
        **PRICES,
        **DONE,
    }


def _augment(rng: Random) -> Mapping[str, Values]:
    if rng.random() < 0.2:
        return {
            "--config": ("yaml/augment.yaml", "yaml/augment.manifest.yaml"),
            "--seed": ("0", "3"),
            "--format": ("alpaca", "messages"),
            "--json": FLAG,
        }
    return {
        "--source": ("alpaca:some.json", "file.jsonl", "microlab:answer:20", "hub:org/set"),
        "--tasks": ("repeat,answer", "paraphrase,repeat"),
        "--chain": ("R+A", "P+A", "R+P+A", "T+R+A"),
        "--seed": ("0", "1", "9"),
        "--share": ("0", "0.5", "1"),
        "--cap": ("0", "100"),
        "--plain": ("0", "50"),
        "--held-out": ("0.05", "200", "0"),
        "--texts": (
            "paraphrase=parallel.jsonl#text@id",
            "caption=column:caption",
            "translate=model:microlab",
        ),
        "--wordings": ("repeat=yaml/wordings.txt",),
        "--unseen": FLAG,
        "--translate-into": ("de", "en", "zh"),
        "--join": ("newline", "headings"),
        "--map": ("instruction=question", "input=text"),
        "--instruction": TEXTS[:2],
        "--keep-originals": FLAG,
        "--skip-bad-rows": FLAG,
        "--format": ("alpaca", "messages"),
        "--json": FLAG,
    }


def _train(_dice: Random) -> Mapping[str, Values]:
    return {"--set": TRAIN_CHANGES, **DONE}


def _seq_instruct(rng: Random) -> Mapping[str, Values]:
    common: dict[str, Values] = {
        "--limit": ("1", "500"),
        "--iterations": ("1", "4"),
        "--prompts": ("yaml",),
        "--attempts": ("1", "5"),
        "--seed": ("0", "8"),
        "--out": ("set.jsonl",),
        **PRICES,
        **DONE,
    }
    if rng.random() < 0.25:
        return {**common, "--config": ("yaml/seq_instruct.yaml", "yaml/seq_instruct.manifest.yaml")}
    model: dict[str, Values] = rng.choice(
        [
            {"--writer": ("rules",)},
            {"--writer": ("org/name",), "--backend": ("transformers",), "--temperature": ("0.7",)},
            {
                "--writer": ("gpt-x",),
                "--backend": ("openai",),
                "--base-url": URLS,
                "--key-env": SECRETS,
                "--in-flight": ("1", "64", "200"),
                "--temperature": ("0", "1", "1.3"),
            },
        ]
    )
    return {**common, "--source": ("alpaca:some.json", "file.jsonl"), **model}


def _seqeval(rng: Random) -> Mapping[str, Values]:
    judge = {name.replace("--", "--judge-", 1): values for name, values in _model(rng).items()}
    judged: dict[str, Values] = {
        "--judge-model": ("gpt-x", "org/judge"),
        **judge,
        "--judge": ("seqeval", "steps", "./own"),
        "--against": ("reference", "a,b"),
        **PRICES,
    }
    return {
        **_model(rng),
        **GENERATION,
        "--prompts": ("seqeval", "seqeval:file.jsonl", "file.jsonl", "microlab:repeat"),
        "--limit": ("1", "80"),
        **(judged if rng.random() < 0.75 else {"--no-judge": FLAG}),
        "--base-model": ("Llama 3, 8B",),
        "--training-data": ("Alpaca, R+A",),
        **DONE,
    }


def _benchmark(rng: Random) -> Mapping[str, Values]:
    model = {
        name: values
        for name, values in _model(rng).items()
        if name not in ("--device-map", "--prompt-format", "--batch-tokens")
    }
    return {
        **model,
        "--chat": FLAG,
        "--tokenizer": ("org/tokenizer", "./folder"),
        "--shots": ("0", "5"),
        "--limit": ("1", "100"),
        "--batch-size": ("1", "8", "32"),
        "--subtasks": FLAG,
        "--tasks-folder": ("yaml",),
        "--run-code": FLAG,
        **DONE,
    }


def _model(rng: Random) -> dict[str, Values]:
    if rng.random() < 0.5:
        return {**LOCAL}
    return {"--backend": ("openai",), **ENDPOINT}


OPTIONAL: dict[str, Callable[[Random], Mapping[str, Values]]] = {
    "predict": _predict,
    "score": _score,
    "judge": _judge,
    "augment": _augment,
    "train": _train,
    "seq-instruct": _seq_instruct,
    "seqeval": _seqeval,
    "benchmark": _benchmark,
}
ACTIONS = tuple(OPTIONAL)

MODES: tuple[tuple[str, ...], ...] = (
    ("judge", "--run=a", "--run", "b", "--imported", "--json"),
    ("judge", "--imported"),
    ("judge", "--imported", "--run", "a,b"),
    ("judge", "--run=a", "--model=m", "--estimate", "--budget=3", "--input-price=1"),
    ("judge", "--run=a", "--model=m", "--estimate", "--limit=5"),
    ("judge", "--study=s", "--model", "m", "--estimate", "--json"),
    ("benchmark", "--system=s", "--results=yaml", "--of", "org/name", "--subtasks", "--json"),
    ("benchmark", "--system", "s", "--results", "yaml", "--results=yaml/train.yaml"),
    ("benchmark", "--system=s", "--results=yaml", "--of=m"),
    ("benchmark", "--system=s", "--results=yaml", "--of=a,b"),
    ("train", "--config=it", "--look"),
    ("train", "--config", "sit", "--set", "model.base=m", "--look", "--json"),
    ("train", "--config=yaml/train.yaml", "--look"),
    ("seq-instruct", "--name=a", "--source=a.json", "--estimate"),
    ("seq-instruct", "--name=a", "--config=yaml/seq_instruct.yaml", "--estimate", "--json"),
    ("seq-instruct", "--name", "a", "--source", "a.json", "--estimate", "--limit=3"),
    ("seq-instruct", "--name=a", "--source=a.json", "--print-config"),
    ("seq-instruct", "--name=a", "--source=a.json", "--writer=rules", "--print-config"),
    ("seq-instruct", "--name=a", "--config=yaml/seq_instruct.yaml", "--print-config"),
    ("augment", "--out=o.jsonl", "--source=a.json", "--print-config"),
    ("augment", "--out=o.jsonl", "--config", "yaml/augment.yaml", "--print-config"),
    ("augment", "--out=o.jsonl", "--source=a.json", "--chain=R+A", "--print-config", "--json"),
    ("augment", "--out=o.jsonl", "--print-config", "--config=yaml/augment.manifest.yaml"),
    ("seqeval", "--name=a", "--model=m", "--no-judge"),
)
"""Command lines that begin no job: what click understands of them is kept."""


def draw(action: str, rng: Random) -> list[str]:
    """A command line; not every one is taken by the program."""
    dense = rng.choice((0.0, 0.1, 0.25, 0.5, 0.9))
    must = REQUIRED[action]
    options = {**OPTIONAL[action](rng)}
    # What the others need.
    needed = {"--backend", "--base-url"} if "openai" in options.get("--backend", ()) else set()
    judge_needs = {"--judge-backend", "--judge-base-url"}
    needed |= judge_needs if "openai" in options.get("--judge-backend", ()) else set()
    needed |= {"--judge-model", "--no-judge", "--writer"} & set(options)
    needed |= {"--source", "--config"} & (set(options) - set(must))
    if action == "judge":
        needed |= {"--run"} if rng.random() < 0.8 else {"--study"}
    words: list[list[str]] = []
    for name, values in {**options, **must}.items():
        if name not in must and name not in needed and rng.random() >= dense:
            continue
        count = 1
        if name in MANY and not (action == "predict" and name == "--run"):
            count = rng.choice((1, 1, 2, 3))
        if name == "--set":
            count = rng.randrange(1, 9)
        if name == "--texts" or name == "--map":
            count = rng.choice((1, 2))
        for value in rng.sample(list(values), min(count, len(values))):
            if value is None:
                words.append([name])
            elif value.startswith("-") or rng.random() < 0.6:
                words.append([f"{name}={value}"])
            else:
                words.append([name, value])
    rng.shuffle(words)
    return [action, *(word for group in words for word in group)]
