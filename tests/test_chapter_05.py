"""What chapter 5 says: its claims against its own variables, and its tasks driven through its panels."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "05-bert-sentence-embeddings.ipynb"


@pytest.fixture(scope="module")
def chapter():
    """Run all cells of the notebook with the pocket model. Return (variables, panels by name, prose, printed)."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    prose = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    printed, panels = [], {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_MODELS", "pocket")
        patch.setattr("builtins.print", lambda *parts, **_: printed.append(" ".join(str(part) for part in parts)))
        space = {}
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and (shown := re.match(r"([A-Z]\w+Panel)\(", source)):
                panels[shown[1]] = eval(source, space)
            elif cell["cell_type"] == "code":
                exec(source, space)
    return space, panels, re.sub(r"\s+", " ", prose), printed


@pytest.fixture
def sentence_panel(chapter):
    panel = chapter[1]["SentenceMapPanel"]
    panel.apply("Reset")
    return panel


@pytest.fixture
def attention_panel(chapter):
    panel = chapter[1]["BertAttentionPanel"]
    panel.apply("Reset")
    return panel


def drawn(panel):
    return np.array(panel.map.image.get_array(), dtype=float)


# what is printed


def test_the_lines_of_the_source_are_there(chapter):
    source = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in source if cell["cell_type"] == "code")
    for line in [
        "from transformers import BertModel, BertTokenizer",
        "tokenizer = BertTokenizer.from_pretrained(name)",
        "model = BertModel.from_pretrained(name",
        "model.eval()",
        'sentence = "The cat sat on the mat."',
        'inputs = tokenizer(sentence, return_tensors="pt")',
        'print("Tokenized Input IDs:", inputs["input_ids"])',
        'print("Attention Mask:", inputs["attention_mask"])',
        "with torch.no_grad():\n    outputs = model(**inputs)",
        "last_hidden_state = outputs.last_hidden_state",
        "sentence_embedding = last_hidden_state.mean(dim=1)",
        'print("Sentence Embedding Shape:", sentence_embedding.shape)',
    ]:
        assert line in code, line


def test_nine_tokens_of_six_words_two_of_them_special(chapter):
    space, _, prose, printed = chapter
    assert space["tokens"] == ["[CLS]", "the", "cat", "sat", "on", "the", "mat", ".", "[SEP]"]
    assert "Six words have become nine tokens" in prose
    assert "Attention Mask: tensor([[1, 1, 1, 1, 1, 1, 1, 1, 1]])" in printed


def test_the_wordpiece_written_in_the_chapter_is_the_tokenizers(chapter):
    space, _, prose, _ = chapter
    wordpiece, tokenizer = space["wordpiece"], space["tokenizer"]
    assert wordpiece("mat") == ["mat"] and wordpiece("🙂") == ["[UNK]"]
    assert len(wordpiece("embeddings")) > 1 and len(wordpiece("tokenization")) > 1
    assert "*mat* does: it is in the vocabulary. *embeddings* and *tokenization* are cut." in prose
    for word in "unbelievably grandmother kitten rug photosynthesis q zzz don sat 漢 naive".split():
        assert wordpiece(word) == tokenizer.tokenize(word), word


def test_bank_goes_in_as_one_vector_and_comes_out_near_its_own_meaning(chapter):
    space, _, _, printed = chapter
    assert len({tuple(vector.tolist()) for vector in space["going_in"]}) == 1
    assert len({tuple(vector.tolist()) for vector in space["coming_out"]}) == 4
    pairs = [line.split() for line in printed if line.startswith("bank in")]
    assert [(line[2], line[-1]) for line in pairs] == [
        ("money", "city"), ("city", "money"), ("river", "lake"), ("lake", "river"),
    ]  # fmt: skip


def test_the_pitfall_shows_the_flaw_and_the_cure(chapter):
    space, _, prose, printed = chapter
    lines = [line for line in printed if line.startswith("same sentence, same embedding")]
    assert lines == ["same sentence, same embedding: False", "same sentence, same embedding: True"]
    curves = {name: np.array(values) for name, values in space["curves"].items()}
    assert np.abs(curves["both masked"] - 1).max() < 1e-6
    assert (np.diff(curves["mean not masked"]) < 0).all() and (np.diff(curves["nothing masked"]) < 0).all()
    assert "With both masked the cosine stays at 1.00, whatever the padding. The other two fall." in prose


def test_meanings_cluster_on_the_map(chapter):
    space, _, _, printed = chapter
    assert "kitten nearer to cat than market: True" in printed
    nearness = space["nearness"]
    partner = [1, 0, 3, 2, 5, 4]
    assert (nearness - 9 * np.eye(6)).argmax(axis=1).tolist() == partner
    assert nearness[0, 1] - nearness[0, 2] > 0.2


def test_the_rung_holds_with_room_and_breaks_when_the_layer_is_changed(chapter):
    space, _, _, printed = chapter
    rungs = [line for line in printed if re.match(r"(embeddings|my .*) = ", line)]
    assert len(rungs) == 7 and all(line.endswith(" True") for line in rungs)
    layer, x = space["model"].encoder.layer[0], space["embed_tokens"](space["ids"])
    output, weights = space["my_layer"](x, layer, space["real"])
    their_output = space["outputs"].hidden_states[1].numpy()
    assert np.abs(output - their_output).max() < 5e-6 and weights.shape == (1, 8, 9, 9)
    wrong, _ = space["my_layer"](x, space["model"].encoder.layer[1], space["real"])
    assert np.abs(wrong - their_output).max() > 0.1
    assert "weight on the padding: 0.0" in printed


# what you should have seen


def test_counting_the_padding_changes_the_shortest_sentence_most(chapter, sentence_panel):
    lengths = [len(chapter[0]["tokenizer"].tokenize(text)) for text in chapter[0]["sentences"]]
    assert np.argmin(lengths) == 4 and chapter[0]["sentences"][4] == "I am hungry."
    before = drawn(sentence_panel)
    sentence_panel.entries["count the padding"].value = True
    change = np.abs(drawn(sentence_panel) - before).sum(axis=1)
    assert change.argmax() == 4 and change[4] > 0.1
    assert "*I am hungry.* is the shortest, so its mean counts the most padding." in chapter[2]


def test_love_and_hate_are_nearest(chapter, sentence_panel):
    sentence_panel.entries["sentences"].value = "I love this film.\nI hate this film.\nThe train is late."
    assert sentence_panel.says().startswith("Nearest: sentences 1 and 2 ")
    assert "2. Love and hate." in chapter[2]


def test_the_dog_and_the_man_are_very_near_but_not_the_same(chapter, sentence_panel):
    sentence_panel.entries["sentences"].value = "The dog bit the man.\nThe man bit the dog."
    assert 0.95 < drawn(sentence_panel)[0, 1] < 0.995
    assert "Very near, and yet not at 1.00." in chapter[2]


@pytest.mark.parametrize("text", [None, "My grandmother told us a long story about a fox.", "Where is the station?"])
def test_looks_ahead_is_a_line_beside_the_diagonal_for_any_text(attention_panel, text):
    attention_panel.apply("looks ahead")
    if text:
        attention_panel.entries["text"].value = text
    ahead = np.diagonal(drawn(attention_panel), 1)
    assert (ahead[1:] > 0.5).all() and ahead.mean() > 0.75  # [CLS] has no part in it


def test_a_head_that_rests_leaves_a_dark_map(chapter, attention_panel):
    attention_panel.apply("rests on [CLS] and [SEP]")
    attention_panel.entries["special tokens"].value = False
    assert drawn(attention_panel).max() < 0.5 and drawn(attention_panel).sum(axis=1).mean() < 0.2
    assert "Dark cells. The rows no longer sum to 1" in chapter[2]


def test_embeddings_has_a_row_for_each_piece(chapter, attention_panel):
    attention_panel.entries["text"].value = "Embeddings look around."
    pieces = chapter[0]["wordpiece"]("embeddings")
    assert attention_panel.map.rows[1 : 1 + len(pieces)] == pieces and len(pieces) > 1
    assert "One row for each of its pieces." in chapter[2]


def test_each_list_of_tasks_has_its_answers(chapter):
    assert chapter[2].count("Try this:") == chapter[2].count("What you should have seen") == 2
    assert chapter[2].count("Predict, then run.") >= 3 and chapter[2].count("## Pitfall:") >= 1
