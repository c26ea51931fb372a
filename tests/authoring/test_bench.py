"""The verdicts of `make bench` on planted figures; nothing is timed here."""

import pytest

from helpers.authoring import bench
from helpers.authoring.measure import MeasureError, Run


def faults(name, seconds, memory, models="pocket"):
    return bench.judge(Run(name, seconds, seconds - 1, seconds, memory), models).faults


def test_a_chapter_has_25_seconds_and_800_mb():
    assert faults("05-bert-sentence-embeddings", 25.0, 800) == []
    assert faults("05-bert-sentence-embeddings", 25.1, 800) == ["25.1 s, goal 25 s"]
    assert faults("05-bert-sentence-embeddings", 30, 801) == ["30.0 s, goal 25 s", "801 MB, goal 800 MB"]


def test_the_chapter_that_trains_has_60_seconds():
    assert faults("06-text-classification-with-bert", 60, 100) == []
    assert faults("06-text-classification-with-bert", 61, 100) == ["61.0 s, goal 60 s"]


def test_with_the_originals_only_memory_has_a_goal():
    assert faults("06-text-classification-with-bert", 900, 1600, "full") == []
    assert faults("06-text-classification-with-bert", 900, 1601, "full") == ["1601 MB, goal 1600 MB"]


def test_a_solution_has_a_goal_of_memory_only():
    assert faults("solutions/01-attention", 90, 800) == []
    assert faults("solutions/01-attention", 90, 900) == ["900 MB, goal 800 MB"]


def test_what_was_not_measured_is_not_met():
    assert faults("01-attention", 3, None) == ["memory not measured on this system"]


def planted(pair, models, root):
    if pair.name == "08-translation-with-t5":
        raise MeasureError("08-translation-with-t5, cell 4 failed: ValueError: shapes")
    return Run(pair.name, 70.0 if pair.name.startswith("06") else 5.0, 4.0, 6.0, 300.0)


def test_every_notebook_gets_a_line_and_a_failure_stops_nothing(capsys):
    assert bench.bench_notebooks(run=planted) == ["08-translation-with-t5"]
    lines = capsys.readouterr().out.splitlines()
    by_name = {line.split()[0]: line for line in lines if line[:1].isdigit() or line.startswith("solutions/")}
    assert by_name["01-attention"].split()[1:] == ["5.0", "25", "6.0", "300", "800", "met"]
    assert by_name["solutions/01-attention"].split()[1:] == ["5.0", "none", "6.0", "300", "800", "met"]
    assert by_name["06-text-classification-with-bert"].endswith("MISSED: 70.0 s, goal 60 s")
    assert "FAILED: 08-translation-with-t5, cell 4 failed: ValueError: shapes" in by_name["08-translation-with-t5"]
    assert "Missed: 06-text-classification-with-bert." in lines and "Failed: 08-translation-with-t5." in lines
    assert not [name for name in by_name if name.startswith("exercises/")]


def test_the_bottom_line_counts_and_says_if_the_cores_are_others():
    verdicts = [bench.judge(Run("01-attention", seconds, 1, 1, 100), "pocket") for seconds in (3, 30)]
    assert (
        bench.bottom_line(verdicts, ["09-x"], 2).splitlines()[0] == "1 of 3 notebooks meet every goal that they have."
    )
    assert "cores" not in bench.bottom_line(verdicts, [], 2)
    assert "for 2 cores; here are 16" in bench.bottom_line(verdicts, [], 16)


@pytest.mark.parametrize("arguments, parts", [([], "pn"), (["--only", "panels"], "p"), (["--only", "notebooks"], "n")])
def test_either_part_can_be_asked_for(monkeypatch, arguments, parts):
    ran = []
    monkeypatch.setattr(bench, "bench_panels", lambda: ran.append("p"))
    monkeypatch.setattr(bench, "bench_notebooks", lambda names, models: ran.append("n"))
    assert bench.main(arguments) == 0 and "".join(ran) == parts


def test_named_notebooks_run_without_the_panels_and_a_failure_is_the_status(monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", "full")
    seen = []
    monkeypatch.setattr(bench, "bench_panels", lambda: pytest.fail("not asked for"))
    monkeypatch.setattr(bench, "bench_notebooks", lambda *given: seen.append(given) or ["01-attention"])
    assert bench.main(["01-attention"]) == 1 and seen == [(["01-attention"], "full")]


def test_a_name_or_a_set_that_is_not_there_is_said(monkeypatch, capsys):
    assert bench.main(["10-nothing"]) == 1 and "There is no notebook named 10-nothing" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_MODELS", "big")
    assert bench.main([]) == 1 and "must be pocket or full" in capsys.readouterr().out
