"""What the fuzz found, each as a plain test of its smallest input."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from helpers import validate
from helpers.attention import causal_mask
from helpers.authoring import build as building
from helpers.authoring.pairs import Pair, read_source
from helpers.checkpoints.choose import chosen_set
from helpers.checkpoints.folders import models_folder, pocket_files
from helpers.checkpoints.manifest import ORIGINALS, find
from helpers.checks.values import show
from helpers.figures import show_heatmaps
from helpers.models.gpt2 import next_token_probabilities
from helpers.panels import MultiHeadPanel
from helpers.passages import read_passages
from helpers.pocket import corpora, phrasebook
from helpers.positions import sinusoidal_positions
from helpers.preflight.packages import check_packages
from helpers.preflight.widgets import MANAGER, check_widgets
from helpers.reviews import load_reviews
from helpers.sentences import english_french

HEADER = "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n# ---\n\n"


class Mute:
    def __repr__(self):
        raise RuntimeError("no repr of this")


def test_words_refuse_an_array_without_axes():
    with pytest.raises(TypeError, match=r"^names must be a list of texts, but it is array\(0\.\)"):
        validate.words("names", np.array(0.0), 1)


def test_a_sentence_shows_also_what_cannot_be_shown():
    with pytest.raises(TypeError, match="^n must be a whole number, but it is a Mute that cannot be shown"):
        validate.whole_number("n", Mute())
    with pytest.raises(ValueError, match=r"^n must be at most 9, but it is a?n?.{1,70}$"):
        validate.whole_number("n", 10**5000, high=9)


@pytest.mark.parametrize("size", [10_001, 10**30])
@pytest.mark.parametrize(
    "call", [causal_mask, lambda n: sinusoidal_positions(n, 2), lambda n: sinusoidal_positions(2, n)]
)
def test_a_size_beyond_all_memory_is_refused(call, size):
    with pytest.raises(ValueError, match=r"^(length|width) must be at most 10000, but it is 10"):
        call(size)


def test_the_likeliest_token_stays_however_small_top_p_is():
    assert next_token_probabilities(np.zeros(1, dtype=np.float32), top_p=1e-300).tolist() == [1]
    assert next_token_probabilities(np.float32([0, 2, 1]), top_p=1e-300).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "value", [np.array(b"ab"), np.array([("a", 1)], dtype=[("n", "U1"), ("i", "i4")]), np.datetime64("2026-01-01")]
)
def test_a_check_shows_answers_that_are_neither_numbers_nor_text(value):
    assert show(value).startswith("a ")


@pytest.mark.parametrize("value", [np.array([]), np.array([1, 2]), {}, Mute()])
def test_names_and_sets_of_any_type_are_refused_in_a_sentence(value):
    with pytest.raises(ValueError, match="^models must be pocket or full, but it is "):
        chosen_set(value)
    with pytest.raises(ValueError, match="^name must be one of bert-base-uncased, gpt2, t5-small, but it is "):
        find(value)
    with pytest.raises(ValueError, match="^part must be train or test, but it is "):
        load_reviews(value)


@pytest.mark.parametrize(
    "text", ["[]", "null", '{"pocket-gpt2": []}', '{"pocket-gpt2": {"model.safetensors": 3}}', "{}", "{"]
)
def test_a_damaged_manifest_of_the_pocket_models_lists_nothing(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert pocket_files(ORIGINALS["gpt2"], tmp_path) == {}


@pytest.mark.parametrize("read", [english_french, read_passages, phrasebook.read])
def test_a_text_that_is_not_utf_8_is_refused_by_its_name(tmp_path, read):
    (tmp_path / "text.tsv").write_bytes(b"\x80")
    with pytest.raises(ValueError, match="^text.tsv must be text in UTF-8, but it is not ") as problem:
        read(tmp_path / "text.tsv")
    assert type(problem.value) is ValueError


@pytest.mark.parametrize(
    "listed",
    ["repo\ttier\n", "a\tcore\t3\n", "repo\ttier\tclean_bytes\nb\tcore\tx\n", "repo\ttier\tclean_bytes\nb\tcore\n"],
)
def test_a_damaged_list_of_books_is_refused(tmp_path, listed):
    for name, content in ((corpora.BOOKS_LIST, listed.encode()), (corpora.BOOKS, gzip.compress(b"a book"))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(corpora.CorpusError, match=r"^corpora: storybook/"):
        corpora.read_books(tmp_path)


@pytest.mark.parametrize(
    "text", ["3\n", '[project]\ndependencies = [""]\n', "[project]\ndependencies = 3\n", "project = 3\n", "["]
)
def test_a_damaged_pyproject_is_told(tmp_path, monkeypatch, text):
    from helpers.preflight import packages

    (tmp_path / "pyproject.toml").write_text(text)
    read = packages.read_pins
    monkeypatch.setattr(packages, "read_pins", lambda: read(tmp_path))
    result = check_packages()
    assert result.state == "stop" and result.found.startswith("The pins in pyproject.toml cannot be read")


@pytest.mark.parametrize(
    "rest",
    [
        '"version": "5.0.0", "jupyterlab": []',
        '"version": 5, "jupyterlab": {}',
        '"jupyterlab": {"_build": {"load": "x"}}',
        '"version": "5.0.0", "jupyterlab": {"_build": null, "disabledExtensions": [null]}',
    ],
)
def test_a_damaged_extension_is_told(tmp_path, rest):
    place = tmp_path / "labextensions" / "@jupyter-widgets" / "jupyterlab-manager"
    place.mkdir(parents=True)
    (place / "package.json").write_text(f'{{"name": "{MANAGER}", {rest}}}')
    (place / "x").write_text("")
    result = check_widgets([str(tmp_path / "labextensions")], [], str(tmp_path / "settings"), "8.1.9", "~=3.0.17")
    assert result.state == "stop" and result.cure


@pytest.mark.parametrize("tags", ["3", "[3]", '"stub"', "{}"])
def test_tags_that_are_no_list_of_words_are_refused(tmp_path, tags):
    (tmp_path / "01-x.py").write_text(f"{HEADER}# %% tags={tags}\n1\n")
    with pytest.raises(ValueError, match="^01-x.py(, cell 1: tags must be a list of words| is not a text of cells: )"):
        read_source(tmp_path / "01-x.py")


def test_a_kernelspec_that_is_no_table_is_refused(tmp_path):
    pair = Pair(tmp_path / "01-x.ipynb", tmp_path / "01-x.py")
    pair.source.write_text("# ---\n# jupyter:\n#   kernelspec: 3\n# ---\n\n# %%\n1\n")
    with pytest.raises(building.BuildError, match="^01-x: "):
        building.build(pair, tmp_path)


@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_disk_that_refuses_leaves_the_old_notebook_and_nothing_beside_it(tmp_path, monkeypatch, step):
    notebook = tmp_path / "01-x.ipynb"
    notebook.write_text("old")
    write = Path.write_bytes

    def half(path, content):
        write(path, content[:1])
        raise OSError(28, "No space left on device")

    def closed(*paths):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(*((Path, "write_bytes", half) if step == "write" else (os, "replace", closed)))
    with pytest.raises(
        building.BuildError, match=r"^01-x.ipynb could not be written: (No space left|Permission denied)"
    ):
        building._replace(notebook, b"new content")
    assert [path.name for path in tmp_path.iterdir()] == ["01-x.ipynb"] and notebook.read_text() == "old"


@pytest.mark.parametrize("titles", [None, 3, "a", [None], np.zeros(1)])
def test_titles_that_are_no_list_of_texts_are_refused(titles):
    with pytest.raises(TypeError, match="^titles must be a list of texts, but it is "):
        show_heatmaps([[[1.0]]], ["a"], ["b"], titles)


@pytest.mark.parametrize("dtype, temperature", [("float32", 1e-300), ("float64", 1e-300), ("float32", 3.5e38)])
def test_a_temperature_beyond_the_range_of_the_logits_is_no_division_by_zero(dtype, temperature):
    assert next_token_probabilities(np.zeros(1, dtype), temperature) == [1.0]
    logits = np.array([0, 3e38], dtype)
    if temperature < 1:
        with pytest.raises(ValueError, match="logits / temperature, with the temperature 1e-300, leaves the range"):
            next_token_probabilities(logits, temperature)
    else:
        assert next_token_probabilities(logits, temperature).argmax() == 1


def test_the_home_folder_of_nobody_is_a_folder_that_is_not_there():
    assert models_folder({"COURSE_MODELS_DIR": "~nobody-of-this-name/models"}).name == "models"


def test_the_panel_of_the_heads_names_the_matrix_that_is_too_large():
    zero = [[0.0]]
    with (
        pytest.raises(ValueError, match="the product of embeddings and W_v leaves the range"),
        np.errstate(all="ignore"),
    ):
        MultiHeadPanel([[0.0], [2.0]], zero, zero, [[1e308]], zero, ["a", "b"])
