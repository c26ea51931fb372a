"""What `make timings` writes: planted figures, no notebook is run. And what is committed agrees with itself."""

import re
import shutil

import pytest

from helpers.authoring import room, timings
from helpers.authoring.marked import put_between
from helpers.authoring.measure import MeasureError, Run
from helpers.authoring.pairs import CHAPTERS, SOLUTIONS, find_pairs
from helpers.checkpoints.manifest import ORIGINALS

MACHINE = "Linux on x86_64 (AMD), 2 cores, 8 GB of memory", "Python 3.11.2, torch 2.13.0"
POCKET = [
    Run("01-attention", 3.46, 2.5, 3.0, 151.4),
    Run("06-text-classification-with-bert", 44.2, 40.0, 80.5, 702.0),
    Run("07-text-generation-with-gpt2", 9.0, 8.0, 9.5, 795.6),
    Run("solutions/01-attention", 2.0, 1.0, 1.0, 900.0),
]
FULL = [Run("05-bert-sentence-embeddings", 95.04, 92.0, 90.0, 1500.0)]


def page(pocket=POCKET, full=FULL, other=0.0, **options):
    return timings.page({"pocket": pocket} | ({"full": full} if full else {}), 8.96, MACHINE, other, **options)


def test_every_figure_is_on_the_page_and_is_read_again():
    text = page(environ={})
    assert "| 06-text-classification-with-bert | 44.2 | 40.0 | 80.5 | 702 |" in text
    assert "takes 9.0 seconds" in text and all(part in text for part in MACHINE)
    assert "as many as the libraries choose" in text and "quiet machine" not in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Chapters, small models",
        "## Solutions to the exercises, small models",
        "## Chapters, originals",
        "## What the figures are",
    ]
    assert timings.read(text) == {
        "pocket": [
            Run("01-attention", 3.5, 2.5, 3.0, 151),
            Run("06-text-classification-with-bert", 44.2, 40.0, 80.5, 702),
            Run("07-text-generation-with-gpt2", 9.0, 8.0, 9.5, 796),
            Run("solutions/01-attention", 2.0, 1.0, 1.0, 900),
        ],
        "full": [Run("05-bert-sentence-embeddings", 95.0, 92.0, 90.0, 1500)],
    }


def test_what_was_not_measured_is_said():
    assert "originals were not measured" in page(full=None) and "originals were not measured" not in page()
    text = page([Run("01-attention", 3, 2, 2, None)])
    assert "| 01-attention | 3.0 | 2.0 | 2.0 | not measured |" in text
    assert timings.read(text)["pocket"][0].memory is None


def test_what_makes_the_figures_doubtful_is_said():
    assert "1.2 cores busy meanwhile, so every second below is too high" in page(other=1.2)
    assert "Measured with stand-ins" in page(stand_ins=True) and "stand-ins" not in page()
    assert "Threads of a kernel: 1 by OMP_NUM_THREADS" in page(environ={"OMP_NUM_THREADS": "1"})


def test_the_guide_gets_the_extremes_of_the_chapters():
    assert timings.summary(page()).replace("\n", " ") == (
        f"Measured on one machine ({MACHINE[0]}): with the small models a chapter runs from its first cell to its last in "
        "4 to 44 seconds, chapter 6 the longest, and its kernel takes up to 796 MB (chapter 7); with the originals a "
        "chapter runs from its first cell to its last in 95 to 95 seconds, chapter 5 the longest, and its kernel takes up "
        "to 1500 MB (chapter 5)."
    )
    assert "MB" not in timings.summary(page([Run("01-attention", 3, 2, 2, None)], [])).split("): ")[1]
    assert "; with the stand-ins for the originals a chapter" in timings.summary(page(stand_ins=True)).replace(
        "\n", " "
    )
    assert "): with" in timings.summary(page()) and ") while other programs ran" in timings.summary(page(other=1.2))


def test_the_originals_are_measured_if_all_are_there(tmp_path, monkeypatch):
    environ = {"COURSE_MODELS_DIR": str(tmp_path)}
    assert timings.available(environ) == (("pocket",), False)
    for name in ORIGINALS:
        assert timings.available(environ)[0] == ("pocket",)
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(b"0")
        (tmp_path / name / "fetched.json").write_text('{"stand_in": true, "files": {}}')
    assert timings.available(environ) == (("pocket", "full"), True)


def test_all_run_with_the_small_models_and_those_that_load_one_with_the_originals():
    pocket = [pair.name for pair in timings.notebooks("pocket")]
    assert pocket == [pair.name for pair in find_pairs() if pair.kind in (CHAPTERS, SOLUTIONS)]
    chapters = [pair.name[:2] for pair in timings.notebooks("full") if pair.kind == CHAPTERS]
    assert chapters == ["05", "06", "07", "08", "09"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a guide, and planted measurements."""
    (tmp_path / "guide.md").write_text("# Guide\n\n{}\nold\n{}\n\nend\n".format(*timings.MARKS))
    monkeypatch.setattr(timings, "available", lambda: (("pocket",), False))
    monkeypatch.setattr(timings, "measure_all", lambda sets: {"pocket": POCKET})
    monkeypatch.setattr(timings.measure, "measure_preflight", lambda: 9.0)
    return tmp_path


def test_the_command_writes_both_pages(folder, capsys):
    for _ in range(2):
        assert timings.main(["--folder", str(folder)]) == 0
        assert len(timings.read((folder / "timings.md").read_text())["pocket"]) == len(POCKET)
        guide = (folder / "guide.md").read_text()
        assert "chapter 6 the longest" in guide and "old" not in guide and guide.endswith("\n\nend\n")
    assert "Written: timings.md" in capsys.readouterr().out


def test_nothing_is_written_if_a_notebook_fails_or_the_guide_has_lost_its_marks(folder, monkeypatch, capsys):
    def fail(sets):
        raise MeasureError("05-bert, cell 3 failed: no memory")

    monkeypatch.setattr(timings, "measure_all", fail)
    before = (folder / "guide.md").read_text()
    assert timings.main(["--folder", str(folder)]) == 1
    assert "05-bert, cell 3 failed: no memory\nNothing was written." in capsys.readouterr().out
    (folder / "guide.md").write_text("# Guide\n")
    monkeypatch.setattr(timings, "measure_all", lambda sets: pytest.fail("it measured before it looked"))
    assert timings.main(["--folder", str(folder)]) == 1
    assert "must each stand once" in capsys.readouterr().out
    assert not (folder / "timings.md").exists() and before


def test_the_notebooks_run_one_after_another_with_each_set(capsys):
    seen = []

    def run(pair, models, root):
        seen.append((models, pair.name))
        return Run(pair.name, 1.0, 1.0, 1.0, None)

    runs = timings.measure_all(("pocket", "full"), run=run)
    assert [(models, made.name) for models, all_made in runs.items() for made in all_made] == seen
    assert "not measured" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "<a>", "<b> <a>", "<a> <a> <b>"])
def test_marks_must_stand_once_and_in_order(text):
    with pytest.raises(ValueError, match="must each stand once"):
        put_between(text, "new", "<a>", "<b>")
    assert put_between("x <a> old <b> y", "new", "<a>", "<b>") == "x <a>\nnew\n<b> y"


# What is committed

PAGE = timings.TIMINGS.read_text(encoding="utf-8") if timings.TIMINGS.is_file() else ""
GUIDE = timings.GUIDE.read_text(encoding="utf-8")
RUN_IT = "run `make timings`, then `python -m helpers.authoring.room`"


def test_every_chapter_is_measured_and_every_row_is_a_notebook():
    measured = {run.name for run in timings.read(PAGE).get("pocket", [])}
    names = {kind: {pair.name for pair in find_pairs() if pair.kind == kind} for kind in (CHAPTERS, SOLUTIONS)}
    assert names[CHAPTERS] <= measured <= names[CHAPTERS] | names[SOLUTIONS], RUN_IT


def test_the_guides_figures_are_those_of_the_page():
    assert put_between(GUIDE, timings.summary(PAGE), *timings.MARKS) == GUIDE, RUN_IT


def test_the_servers_table_and_limits_are_those_of_the_page(tmp_path):
    folder = shutil.copytree(room.SERVER, tmp_path / "server")
    server = re.search(r"JupyterLab's server takes (\d+) MB", (folder / "README.md").read_text(encoding="utf-8"))
    room.write(room.figures(PAGE), int(server[1]), folder)
    for name in ("README.md", "values.yaml", "limits.json"):
        assert (folder / name).read_bytes() == (room.SERVER / name).read_bytes(), RUN_IT
