"""Tiny made-up corpora, so that the recipes can be tried in seconds and without the real text."""

import gzip
import io
import json
import tarfile

import numpy as np
import pytest
from transformers import BertConfig, GPT2Config, T5Config

from helpers.pocket import bert, corpora, gpt2, t5

NOUNS = "dog cat bird king queen river house garden boy girl wolf fox baker star boat tree apple road".split()
FRENCH = dict(
    zip(
        NOUNS,
        "chien chat oiseau roi reine rivière maison jardin garçon fille loup renard boulanger "
        "étoile bateau arbre pomme route".split(),
    )
)
VERBS = {"sees": "voit", "likes": "aime", "finds": "trouve", "wants": "veut"}


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def sentence(rng, extra=""):
    one, two = rng.choice(NOUNS, 2)
    verb = rng.choice(list(VERBS))
    return f"The {one} {verb} the {two}{extra}.", f"le {FRENCH[one]} {VERBS[verb]} le {FRENCH[two]} !"


def paragraph(rng, count):
    return " ".join(sentence(rng, f" near Castle Number {rng.integers(10, 9999)} on the hill")[0] for _ in range(count))


@pytest.fixture(scope="session")
def fake_corpora(tmp_path_factory):
    """Return a folder with every corpus file that the recipes read, made from a few words."""
    folder, rng = tmp_path_factory.mktemp("corpora"), np.random.default_rng(3)
    pairs = [sentence(rng) for _ in range(1500)] + [(f"Tom has {n} apples.", f"Tom a {n} pommes.") for n in range(300)]
    # Every paraphrase shares its French, so the sentence encoder has pairs to learn from.
    pairs += [(f"Number {n} is here.", f"Le {n} est là.") for n in range(99)]
    pairs += [(f"Here is number {n}.", f"Le {n} est là.") for n in range(99)]
    write(folder, corpora.TATOEBA_PAIRS, "".join(f"{e}\t{f}\n" for e, f in pairs))
    write(folder, corpora.TATOEBA_ENGLISH, "\n".join(e for e, _ in pairs))
    letters = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 !?,.;:'"
    books = ["\n\n".join(paragraph(rng, 8) + "\n" + letters for _ in range(6)) for _ in range(60)]
    write(folder, corpora.BOOKS, "\n".join(books) + "\n")
    rows = "".join(f"book_{i}\tx\tx\t0\t{len(book.encode())}\tcore\tnobody\n" for i, book in enumerate(books))
    write(folder, corpora.BOOKS_LIST, "repo\tcommit\tsource_file\traw_bytes\tclean_bytes\ttier\tnames\n" + rows)
    for name in (corpora.STORIES, corpora.MASC, corpora.FACTBOOK, corpora.WIKITEXT, corpora.NONFICTION):
        between = "\n\n" if name == corpora.STORIES else "\n"
        write(folder, name, between.join(paragraph(rng, 4) for _ in range(120)))
    long = [sentence(rng, f" in the year {rng.integers(1000, 1999)}")[0] for _ in range(60)]
    write(folder, corpora.WIKISPLIT, "".join(f"{s[:-1]}, and then it rained all day.\t{s}\n" for s in long))
    with tarfile.open(folder / corpora.SCITLDR, "w:gz") as archive:
        for part in ("train", "dev", "test"):
            rows = [{"source": [sentence(rng)[0] for _ in range(5)], "target": ["A dog."]} for _ in range(9)]
            data = "\n".join(map(json.dumps, rows)).encode()
            info = tarfile.TarInfo(f"scitldr_A/{part}.jsonl")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    for name in corpora.REVIEWS:
        lines = [f"{sentence(rng)[0]}  \t{rng.integers(2)}" for _ in range(1000)]
        write(folder, name, "\n".join(lines) + "\n")
    for name in corpora.POLARITY:
        write(folder, name, "\n".join(sentence(rng)[0] for _ in range(50)))
    return folder


def make_small(patch):
    """Make models and chunks so small that a training step takes milliseconds."""
    sizes = {
        t5: {"VOCABULARY": 200, "CHUNK": 64, "BATCH_PIECES": 600},
        gpt2: {"VOCABULARY": 400, "CHUNK": 4, "CONTEXT": 16, "SEQUENCES": 4},
        bert: {"VOCABULARY": 200, "CHUNK": 8, "BATCH": 8},
    }
    for module, values in sizes.items():
        for name, value in values.items():
            patch.setattr(module, name, value)
    configs = {
        t5: T5Config(
            vocab_size=200,
            d_model=16,
            d_kv=4,
            num_heads=2,
            d_ff=16,
            num_layers=1,
            dropout_rate=0.1,
            decoder_start_token_id=0,
        ),
        gpt2: GPT2Config(
            vocab_size=400, n_positions=64, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
        ),
        bert: BertConfig(
            vocab_size=200,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=128,
        ),
    }
    for module, config in configs.items():
        patch.setattr(module, "config", lambda config=config: config)


@pytest.fixture(scope="session")
def shrink():
    """Return the function that makes models and chunks small for a MonkeyPatch."""
    return make_small
