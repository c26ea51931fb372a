"""The room's server: its figures come from measurements, and what is written agrees with them."""

import json
import re
import shutil

import pytest
import yaml

from helpers.authoring import room, timings
from helpers.authoring.measure import Run
from helpers.authoring.pairs import ROOT

POCKET = [
    Run("01-attention", 3.5, 2.5, 3.0, 150),
    Run("05-bert-sentence-embeddings", 19, 17, 12, 1080),
    Run("solutions/06-text-classification-with-bert", 15, 14, 20, 400),
]
FULL = [Run("05-bert-sentence-embeddings", 95, 92, 90, 1500)]
PAGE = timings.page({"pocket": POCKET, "full": FULL}, 9.0, ("a machine", "programs"), 0.0)


def test_the_largest_kernel_and_the_most_processor_time_are_read():
    assert room.figures(PAGE) == {"pocket": (1080.0, 20.0), "full": (1500.0, 90.0)}


@pytest.mark.parametrize(
    "text", ["", "# Timings\n\nnone yet", "| chapter | minutes |\n|---|---|\n| 01-attention | 35 |"]
)
def test_without_measurements_nothing_is_made_up(text):
    with pytest.raises(room.RoomError, match="Run `make timings` first"):
        room.figures(text)


def test_without_memory_nothing_is_made_up():
    page = timings.page({"pocket": [Run("01-attention", 3, 2, 2, None)]}, 9.0, ("a machine", "programs"), 0.0)
    with pytest.raises(room.RoomError, match="Memory was not measured"):
        room.figures(page)


def test_a_run_longer_than_the_wait_gets_a_core_of_its_own():
    assert room.sizes(10, 1000, 400, 150) == (14, 24, 10) and room.wait(400) == 400 and room.wait(20) == room.PATIENCE


def test_sizes_grow_with_learners_and_hold_what_they_promise():
    before = (0, 0)
    for learners in (1, 5, 10, 40):
        memory, twice, cores = room.sizes(learners, 800, 20, 150)
        assert memory * 1000 >= room.SYSTEM + learners * 950 and learners * 20 / cores <= room.PATIENCE
        assert memory > before[0] and cores >= before[1]
        before = memory, cores
    assert room.sizes(40, 800, 20, 150) == (40, 72, 5)
    assert room.limit(800, 150) == 2000 and room.limit(800, 150) >= 2 * 800 + 150


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(room.SERVER, tmp_path / "server")


def test_table_and_limits_are_written_and_agree(folder):
    room.write(room.figures(PAGE), 150, folder)
    once = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    room.write(room.figures(PAGE), 150, folder)
    assert once == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    page = once["README.md"].decode()
    assert re.search(r"^\| 20 \| 27 to 49 GB \| 3 \| 35 to 65 GB \| 10 \|$", page, re.MULTILINE)
    values = yaml.safe_load(once["values.yaml"])
    limits = json.loads(once["limits.json"])
    assert limits == {"pocket": {"memory_limit_mb": 2500}, "full": {"memory_limit_mb": 3500}}
    assert values["singleuser"]["memory"] == {"guarantee": "1230M", "limit": "2500M"}
    assert values["singleuser"]["cpu"] == {"guarantee": 0.1, "limit": 1}


def test_a_lost_mark_is_said_and_nothing_is_written(folder):
    (folder / "values.yaml").write_text("singleuser: {}\n")
    page = (folder / "README.md").read_text()
    with pytest.raises(ValueError, match="must each stand once"):
        room.write(room.figures(PAGE), 150, folder)
    assert (folder / "README.md").read_text() == page


def test_the_command_says_that_timings_are_missing(tmp_path, capsys):
    assert room.main(["--timings", str(tmp_path / "timings.md")]) == 1
    assert "Run `make timings` first" in capsys.readouterr().out


def test_the_servers_own_memory_is_measured():
    assert 30 < room.server_memory(patience=300) < 1000


def test_the_recipe_names_what_is_there():
    page = (room.SERVER / "README.md").read_text()
    assert (ROOT / "binder" / "environment.yml").is_file() and "`binder/`" in page
    text = yaml.safe_load((room.SERVER / "values.yaml").read_text())
    assert text["hub"]["config"]["DummyAuthenticator"]["password"] == ""
    for command in re.findall(r"python -m (helpers[\w.]+)", page):
        assert list(ROOT.glob(command.replace(".", "/") + ".py")) or (ROOT / command.replace(".", "/")).is_dir()
