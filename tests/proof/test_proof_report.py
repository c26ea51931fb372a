"""The frame of the proof: results are kept and read again, and the page says all of them."""

import json

import pytest

from helpers.proof import __main__ as command
from helpers.proof.report import report, table
from helpers.proof.result import Result, keep, read


@pytest.fixture
def result():
    """A result with something awkward in each field."""
    rows = [["a | b", 1234, 0.98765], ["two\nlines", 0, 12345.6]]
    return Result(
        "Mutants, all of them", "2 of 3 were caught.", ["what", "times", "share"], rows, False, ["One survived."]
    )


def test_a_kept_result_is_read_again_as_it_was(tmp_path, result):
    keep(tmp_path / "deep" / "mutants.json", "mutants", result, 90)
    kept = read(tmp_path / "deep" / "mutants.json")
    assert kept.result == result
    assert (kept.part, kept.minutes) == ("mutants", 1.5)
    assert {"Python", "numpy", "torch", "transformers", "matplotlib"} <= set(kept.versions)


def test_a_row_that_does_not_fit_the_headers_is_refused():
    with pytest.raises(ValueError, match="rows: got a row of 1 cells, expected 2"):
        Result("t", "s", ["a", "b"], [["only one"]], True)
    with pytest.raises(TypeError, match="passed: got 1, expected True or False"):
        Result("t", "s", [], [], 1)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"part": "x"}', '{"part": "x", "result": {}}'])
def test_a_broken_file_is_named(tmp_path, text):
    (tmp_path / "fuzz.json").write_text(text)
    with pytest.raises(ValueError, match="fuzz.json: got .*, expected a result of the proof"):
        read(tmp_path / "fuzz.json")


def test_the_page_says_what_was_tried_and_what_fell_short(tmp_path, result):
    keep(tmp_path / "mutants.json", "mutants", result, 90)
    page = report(tmp_path, ["counts", "mutants"])
    assert "| [Mutants, all of them](#mutants-all-of-them) |" in page
    assert "**does not hold**, 1 shortfall |" in page
    assert "| counts |  |  | never run |" in page
    assert "- One survived." in page
    assert "| a \\| b | 1,234 | 0.988 |" in page
    assert "| two lines | 0 | 12,346 |" in page


def test_what_was_tried_by_hand_stands_at_the_end_of_its_part(tmp_path, result):
    for part in ("fuzz", "mutants"):
        keep(tmp_path / f"{part}.json", part, result, 90)
    (tmp_path / "fuzz.md").write_text("By hand: nothing.\n")
    page = report(tmp_path, ["fuzz", "mutants"])
    assert page.index("- One survived.") < page.index("\nBy hand: nothing.\n\n## ") < page.rindex("- One survived.")
    assert page.count("By hand: nothing.") == 1


def test_a_table_has_one_line_a_row():
    assert table(["a"], [["x\ny"]]) == "| a |\n| --- |\n| x y |\n"


def test_the_command_keeps_results_and_fails_if_a_part_does(tmp_path, monkeypatch, result, capsys):
    class Part:
        """Stands for the module of a part."""

        @staticmethod
        def run(say):
            """Give the result, or break off."""
            say("at work")
            if result.title == "broken":
                raise RuntimeError("no luck")
            return result

    monkeypatch.setattr(command.importlib, "import_module", lambda name: Part)
    (tmp_path / "tests").mkdir()
    assert command.main(["counts"], tmp_path) == 1
    result.passed = True
    assert command.main(["counts"], tmp_path) == 0
    assert "holds" in (tmp_path / "tests/PROOF.md").read_text()
    result.title = "broken"
    assert command.main(["counts"], tmp_path) == 1
    assert json.loads((tmp_path / "tests/proof/counts.json").read_text())["result"]["title"] == "Mutants, all of them"
    printed = capsys.readouterr().out
    assert "counts: at work" in printed and "counts: broke off; nothing was kept" in printed


def test_a_part_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["everything"])
    assert "PART: got everything, expected some of counts" in capsys.readouterr().err


def test_the_page_is_the_one_of_the_kept_results():
    page, folder = command.ROOT / command.PAGE, command.ROOT / command.FOLDER
    assert page.read_text(encoding="utf-8") == report(folder, command.PARTS)
    assert all(kept.stem in command.PARTS for kept in folder.glob("*.json"))
