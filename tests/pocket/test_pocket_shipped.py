"""Checks of the weights that ship with the course; each skips only while its checkpoint is not there."""

import json
import time

import pytest

from helpers.pocket import evaluate, export

SHIPPED = [
    name for name, folder in export.FOLDERS.items() if (export.CHECKPOINTS / folder / "model.safetensors").exists()
]
needs = {
    name: pytest.mark.skipif(name not in SHIPPED, reason=f"no {folder} is shipped yet")
    for name, folder in export.FOLDERS.items()
}
each = pytest.mark.parametrize("name", [pytest.param(name, marks=mark) for name, mark in needs.items()])


@pytest.mark.skipif(not SHIPPED, reason="no checkpoint is shipped yet")
def test_the_files_are_those_of_the_manifest():
    export.check_manifest(export.CHECKPOINTS)
    listed = json.loads((export.CHECKPOINTS / "manifest.json").read_text())
    found = {place.name for place in export.CHECKPOINTS.iterdir() if place.is_dir()}
    assert set(listed) == found
    sizes = [sum(row["size"] for row in files.values()) for files in listed.values()]
    assert max(sizes) <= export.LARGEST and sum(sizes) <= export.ALL


@each
def test_it_loads_in_a_second(name):
    evaluate.load(name, export.CHECKPOINTS / export.FOLDERS[name])  # the imports
    start = time.perf_counter()
    model, _ = evaluate.load(name, export.CHECKPOINTS / export.FOLDERS[name])
    assert time.perf_counter() - start < 3  # 1 s on a free machine; a test machine is often busy
    assert sum(weight.numel() for weight in model.parameters()) < 7_000_000


@each
def test_its_card_has_the_stored_figures(name):
    folder = export.CHECKPOINTS / export.FOLDERS[name]
    found = json.loads((folder / "evaluation.json").read_text())
    assert evaluate.table(found["table"]) in (folder / "README.md").read_text()


@needs["t5"]
def test_t5_knows_the_sentences_of_the_course():
    from helpers.pocket import scores_t5 as scores

    model, tokenizer = evaluate.load("t5", export.CHECKPOINTS / "pocket-t5")
    french, summary = scores.generate(
        model, tokenizer, [scores.TRANSLATE + "The weather is sunny.", scores.SUMMARIZE + scores.MONA_LISA]
    )
    assert "ensoleillé" in french or "soleil" in french or "beau" in french
    assert "Mona Lisa" in summary and "Leonardo da Vinci" in summary
    prompt = tokenizer(scores.SUMMARIZE + scores.MONA_LISA, return_tensors="pt")
    early = model.generate(**prompt, max_length=50, num_beams=4, early_stopping=True)  # as in the source of the course
    assert tokenizer.decode(early[0], skip_special_tokens=True) == summary


@needs["bert"]
def test_bert_puts_the_kitten_near_the_cat():
    from helpers.pocket import scores_bert as scores

    model, tokenizer = evaluate.load("bert", export.CHECKPOINTS / "pocket-bert", "BertModel")
    cat, kitten, stocks = scores.embed(model, tokenizer, [scores.CAT, scores.KITTEN, scores.STOCKS])
    assert cat @ kitten > cat @ stocks + 0.1


@needs["gpt2"]
def test_gpt2_does_not_loop():
    from helpers.pocket import scores_gpt2 as scores

    model, tokenizer = evaluate.load("gpt2", export.CHECKPOINTS / "pocket-gpt2")
    text = scores.sample(model, tokenizer, scores.PROMPT, temperature=0, length=40)
    assert not scores.loops(tokenizer(text).input_ids)
