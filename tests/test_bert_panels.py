"""Panel 5 draws the model's own attention weights, and the cosines of the mean vectors of your sentences."""

import base64
import warnings

import numpy as np
import pytest
from strategies import descendants

from helpers.figures.words import listing, number
from helpers.panels import BertAttentionPanel, SentenceMapPanel
from helpers.panels.bert_attention_panel import MOST_PRINTED, MOST_TOKENS

TEXT = "The cat sat on the mat."
LONG = "My grandmother told us a very long story of a fox and a bear in the forest near the river."
SENTENCES = ["The cat sat on the mat.", "A kitten rested on the rug.", "I am hungry."]


@pytest.fixture
def panel(bert):
    return BertAttentionPanel(*bert, TEXT, {"deep": {"layer": 3, "head": 8}})


@pytest.fixture(scope="module")
def shared(bert):
    """One panel for the tests of texts, which need no fresh one: each begins at what the last one left."""
    return BertAttentionPanel(*bert, TEXT)


@pytest.fixture
def sentence_panel(bert):
    return SentenceMapPanel(*bert, SENTENCES)


def model_says(bert, text):
    """Return the tokens and the attentions (layers, heads, tokens, tokens), asked without the helper."""
    import torch

    model, tokenizer = bert
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        attentions = model(**inputs, output_attentions=True).attentions
    return tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]), np.concatenate([w.numpy() for w in attentions])


def assert_draws(panel, bert, text, layer, head, special=True):
    tokens, weights = model_says(bert, text)
    shown = slice(None) if special else slice(1, -1)
    matrix, names = weights[layer - 1, head - 1][shown, shown], tokens[shown]
    view = panel.map
    np.testing.assert_allclose(view.image.get_array(), matrix, rtol=0, atol=1e-6)
    assert view.rows == view.columns == names
    ax = view.image.axes
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert [label.get_text() for label in labels] == names
    printed = {cell: label.get_text() for cell, label in view.numbers.items()}
    few = len(names) <= MOST_PRINTED
    assert printed == ({cell: number(weight) for cell, weight in np.ndenumerate(matrix)} if few else {})
    assert all(f"{name}: {listing(names, row)}" in repr(panel) for name, row in zip(names, matrix, strict=True))
    assert view.image.get_clim() == (0, 1)
    row, column = np.unravel_index(matrix.argmax(), matrix.shape)
    share = weights[layer - 1, head - 1][:, [0, -1]].sum(axis=1).mean()
    assert panel.says() == (
        f"Layer {layer}, head {head}: {names[row]} looks at {names[column]} with {number(matrix.max())}, "
        f"the largest weight on the map. [CLS] and [SEP] get {number(share)} of a token's weight on average."
    )
    assert panel.problem.value == panel.status.value == "" and panel.picture.value == panel.canvas.png()
    assert len(panel.canvas.figure.axes) == (1 if few else 2)


# who looks at whom


def test_every_layer_and_head_is_drawn(panel, bert):
    assert_draws(panel, bert, TEXT, 1, 1)
    for layer, head in [(1, 7), (4, 7), (4, 8), (2, 1)]:
        panel.entries["layer"].value, panel.entries["head"].value = layer, head
        assert_draws(panel, bert, TEXT, layer, head)
    panel.apply("deep")
    assert_draws(panel, bert, TEXT, 3, 8)
    panel.apply("Reset")
    assert_draws(panel, bert, TEXT, 1, 1)


def test_the_entries_end_at_the_models_layers_and_heads(panel):
    ends = [(panel.entries[name].slider.min, panel.entries[name].slider.max) for name in ("layer", "head")]
    assert ends == [(1, 4), (1, 8)]
    panel.entries["head"].value = 99
    assert "head 8:" in panel.says()


def test_without_special_tokens_their_rows_and_columns_go_and_the_rest_stays_as_it_is(panel, bert):
    with_them = np.array(panel.map.image.get_array())
    panel.entries["special tokens"].value = False
    assert_draws(panel, bert, TEXT, 1, 1, special=False)
    np.testing.assert_array_equal(panel.map.image.get_array(), with_them[1:-1, 1:-1])
    panel.entries["special tokens"].value = True
    assert_draws(panel, bert, TEXT, 1, 1)


@pytest.mark.parametrize(
    "text", [LONG, "Embeddings, unbelievably!", "a", "🙂 dogs", "[MASK] sat [SEP] and $x^2$", "é 漢字 dog"]
)
@pytest.mark.parametrize("special", [True, False])
def test_another_text_is_another_map_and_no_warning(shared, bert, text, special):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shared.entries["special tokens"].value = special
        shared.entries["text"].value = text
    assert_draws(shared, bert, text, 1, shared.entries["head"].value, special)


def test_the_picture_after_other_texts_is_that_of_a_fresh_panel(panel, bert):
    fresh = panel.picture.value, repr(panel)
    for text in (LONG, "a", TEXT):
        panel.entries["text"].value = text
    assert (panel.picture.value, repr(panel)) == fresh


def test_a_map_of_the_most_tokens_keeps_its_labels_apart_and_on_the_sheet(panel):
    panel.entries["text"].value = "grandmothers everywhere " + "strawberries " * 3
    panel.entries["text"].value = "grandmother " * (MOST_TOKENS - 2)
    assert panel.problem.value == "" and len(panel.map.rows) == MOST_TOKENS
    ax, renderer = panel.map.image.axes, panel.canvas.figure.canvas.get_renderer()
    boxes = [label.get_window_extent(renderer) for label in ax.get_yticklabels()]
    centres = [(box.y0 + box.y1) / 2 for box in boxes]
    assert np.abs(np.diff(centres)).min() > 13 * 100 / 72  # pixels: a line of 13 points
    for label in [*ax.get_xticklabels(), *ax.get_yticklabels()]:
        box = label.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 900 and box.y1 <= 600


def test_the_model_runs_once_for_a_text_however_many_heads_are_looked_at(bert, monkeypatch):
    import helpers.panels.bert_attention_panel as module

    asked, real = [], module.attention_maps
    monkeypatch.setattr(module, "attention_maps", lambda *a: asked.append(a[2]) or real(*a))
    panel = BertAttentionPanel(*bert, TEXT)
    panel.entries["head"].value = 5
    panel.entries["special tokens"].value = False
    panel.entries["text"].value = "A dog."
    assert asked == [TEXT, "A dog."]


BAD_TEXTS = ["", " \n ", "x" * 10_000, "cat " * 23, "🙂", "שלום עולם", "\ud83d", "\u200b"]


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_bad_text_is_a_sentence_the_picture_stays_and_the_panel_goes_on(shared, bert, text):
    head = 3 if shared.entries["head"].value != 3 else 5
    good = "A dog." if shared.entries["text"].value != "A dog." else "Two cats."
    before = shared.picture.value, repr(shared)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shared.entries["text"].value = text
        shared.entries["head"].value = head  # still the bad text
    assert "text " in shared.problem.value and shared.problem.layout.display == "block"
    assert (shared.picture.value, repr(shared)) == before and shared.status.value == ""
    shared.entries["text"].value = good
    assert_draws(shared, bert, good, 1, head, shared.entries["special tokens"].value)


def test_a_panel_that_starts_with_a_bad_text_is_refused(bert):
    with pytest.raises(ValueError, match="text is empty"):
        BertAttentionPanel(*bert, "")
    with pytest.raises(TypeError, match="text must be text"):
        BertAttentionPanel(*bert, None)


# how near sentences are


def cosine_table(bert, sentences, count_padding=False):
    import torch

    model, tokenizer = bert
    inputs = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**inputs).last_hidden_state
    counted = torch.ones_like(inputs["attention_mask"]) if count_padding else inputs["attention_mask"]
    vectors = [states[i][counted[i] == 1].mean(dim=0) for i in range(len(sentences))]
    pairs = [[torch.cosine_similarity(a, b, dim=0).item() for b in vectors] for a in vectors]
    return np.array(pairs), int((inputs["attention_mask"] == 0).sum())


def assert_maps(panel, bert, sentences, count_padding=False):
    table, padding = cosine_table(bert, sentences, count_padding)
    np.testing.assert_allclose(panel.map.image.get_array(), table, rtol=0, atol=1e-5)
    assert [row.split(" ", 1)[0] for row in panel.map.rows] == panel.map.columns
    assert panel.map.columns == [f"[{i + 1}]" for i in range(len(sentences))]
    others = table - 9 * np.eye(len(table))
    near = sorted(int(i) + 1 for i in np.unravel_index(others.argmax(), table.shape))
    assert panel.says().startswith(f"Nearest: sentences {near[0]} and {near[1]} ({number(others.max())}). ")
    far = sorted(int(i) + 1 for i in np.unravel_index(table.argmin(), table.shape))
    assert (f"Farthest: {far[0]} and {far[1]} ({number(table.min())})." in panel.says()) == (len(sentences) > 2)
    assert panel.says().endswith(f"The means count {padding if count_padding else 0} padding tokens.")
    assert all(f"{row}: {listing(panel.map.columns, values)}" in repr(panel)
               for row, values in zip(panel.map.rows, np.asarray(panel.map.image.get_array()), strict=True))  # fmt: skip
    assert panel.problem.value == "" and panel.picture.value == panel.canvas.png()


def test_the_map_of_sentences_holds_the_cosines_of_their_own_means(sentence_panel, bert):
    assert_maps(sentence_panel, bert, SENTENCES)
    other = ["It is raining.", "The weather is bad today.", LONG, "Two and two make four."]
    sentence_panel.entries["sentences"].value = "\n\n" + "\n".join(f"  {text} " for text in other) + "\n"
    assert_maps(sentence_panel, bert, other)
    sentence_panel.entries["sentences"].value = "One cat.\nTwo dogs."
    assert_maps(sentence_panel, bert, ["One cat.", "Two dogs."])
    sentence_panel.apply("Reset")
    assert_maps(sentence_panel, bert, SENTENCES)


def test_counting_the_padding_changes_the_map(sentence_panel, bert):
    before = np.array(sentence_panel.map.image.get_array())
    sentence_panel.entries["count the padding"].value = True
    assert_maps(sentence_panel, bert, SENTENCES, count_padding=True)
    assert np.abs(np.array(sentence_panel.map.image.get_array()) - before).max() > 0.02


def test_the_map_of_sentences_after_other_sentences_is_that_of_a_fresh_panel(sentence_panel):
    fresh = sentence_panel.picture.value, repr(sentence_panel)
    for text in ("One cat.\nTwo dogs.", "\n".join(SENTENCES)):
        sentence_panel.entries["sentences"].value = text
    assert (sentence_panel.picture.value, repr(sentence_panel)) == fresh


def test_eight_long_sentences_stay_on_the_sheet_and_a_ninth_is_told(sentence_panel):
    many = [f"{i} {LONG}" for i in range(8)]
    sentence_panel.entries["sentences"].value = "\n".join(many)
    assert sentence_panel.problem.value == "" and len(sentence_panel.map.rows) == 8
    ax, renderer = sentence_panel.map.image.axes, sentence_panel.canvas.figure.canvas.get_renderer()
    assert all(label.get_window_extent(renderer).x0 >= 0 for label in ax.get_yticklabels())
    width = np.diff(ax.transData.transform([(0, 0), (1, 0)])[:, 0])[0]
    assert width > 40  # pixels: room for "0.71" in 12 points
    sentence_panel.entries["sentences"].value = "\n".join([*many, "one more"])
    assert "must be 2 to 8, each on a line of its own, but there are 9" in sentence_panel.problem.value


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "but there are 0"),
        ("one", "but there are 1"),
        *[(f"A cat.\n{bad}", "sentence 2") for bad in BAD_TEXTS if bad.strip() and not bad.startswith("cat")],
        ("A cat.\n" + "cat " * 63, "sentence 2 may have at most 62 tokens"),
    ],
)
def test_a_bad_sentence_is_told_by_its_number_and_the_picture_stays(sentence_panel, text, words):
    before = sentence_panel.picture.value, repr(sentence_panel)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence_panel.entries["sentences"].value = text
    assert words in sentence_panel.problem.value
    assert (sentence_panel.picture.value, repr(sentence_panel)) == before


def test_sentences_that_are_no_list_of_texts_are_refused(bert):
    for sentences in ("one text", [1, 2], 7):
        with pytest.raises(TypeError, match="sentences must be a list of texts"):
            SentenceMapPanel(*bert, sentences)


# both


def test_two_fresh_panels_say_the_same(bert):
    for make in (lambda: BertAttentionPanel(*bert, TEXT), lambda: SentenceMapPanel(*bert, SENTENCES)):
        words = repr(make())
        assert words == repr(make()) and "0x" not in words and "\n" not in words


def test_the_page_gets_picture_and_words(panel, sentence_panel):
    for one in (panel, sentence_panel):
        data, metadata = one._repr_mimebundle_()
        assert base64.b64decode(data["image/png"]) == one.picture.value
        assert data["text/plain"] == metadata["image/png"]["alt"] == repr(one)


def test_every_entry_stands_in_the_panel_once_and_in_order(panel):
    shown = [widget for widget in descendants(panel) if widget in panel.entries.values()]
    assert shown == list(panel.entries.values())


def test_a_slider_that_costs_the_model_waits_until_it_is_let_go(panel):
    assert not any(entry.slider.continuous_update for entry in panel.entries.values() if hasattr(entry, "slider"))
