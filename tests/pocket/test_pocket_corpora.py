import gzip

import pytest

from helpers.pocket import corpora, train


def test_split_depends_only_on_the_text():
    keys = [f"sentence number {n}" for n in range(4000)]
    parts = [corpora.split_of(key) for key in keys]
    assert parts == [corpora.split_of(key) for key in keys]
    assert 0.01 < parts.count("test") / len(parts) < 0.03
    assert 0.005 < parts.count("dev") / len(parts) < 0.02


def test_sentences_that_differ_only_in_writing_share_a_part():
    assert corpora.normalise("Where's Tom?") == corpora.normalise("where's tom!")


def test_a_missing_corpus_is_named_before_any_work(tmp_path, fake_corpora):
    for model in corpora.NEEDED:
        corpora.check_corpora(fake_corpora, model)
        with pytest.raises(corpora.CorpusError, match="is missing in"):
            corpora.check_corpora(tmp_path, model)
    with pytest.raises(corpora.CorpusError, match="not a folder"):
        corpora.check_corpora(tmp_path / "nowhere", "t5")


def test_the_command_ends_with_one_sentence(tmp_path):
    with pytest.raises(SystemExit) as stop:
        train.main(["gpt2", "--corpora", str(tmp_path), "--out", str(tmp_path / "out")])
    assert "storybook/core.txt.gz is missing" in str(stop.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "data",
    [b"no gzip", gzip.compress(b"\xff\xfe\xff"), gzip.compress(b"  \n")],
    ids=["no gzip", "no UTF-8", "nothing but blanks"],  # the bytes of a gzip hold the time, and tests need a fixed name
)
def test_an_unreadable_corpus_is_named(tmp_path, data):
    (tmp_path / "a.txt.gz").write_bytes(data)
    with pytest.raises(corpora.CorpusError, match=r"a\.txt\.gz"):
        corpora.read_text(tmp_path, "a.txt.gz")


def test_books_come_back_as_they_were(fake_corpora):
    books = corpora.read_books(fake_corpora)
    assert len(books) == 60
    assert all(text.startswith("The ") for text in books.values())


def test_sentences_keep_titles_and_quotes_together():
    text = 'Mr. Brown came in. "Who is there?" he asked. Nobody spoke! It was J. K. at last.'
    assert corpora.sentences(text) == [
        "Mr. Brown came in.",
        '"Who is there?" he asked.',
        "Nobody spoke!",
        "It was J. K. at last.",
    ]
