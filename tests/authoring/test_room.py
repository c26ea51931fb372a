"""The room's server: its figures come from measurements, and what is written agrees with them."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from helpers.authoring import room
from helpers.authoring.pairs import ROOT

TIMINGS = """\
# Timings

## Small models

| chapter | run, seconds | peak memory, MB |
|---|---|---|
| [01-attention](x) | 3.5 | 150 |
| 05-bert-sentence-embeddings | 20 | 1,080 |

## Originals

| chapter | seconds | peak memory |
|---|---|---|
| 05-bert-sentence-embeddings | 90 | 1.5 GB |
"""


def test_the_largest_and_the_longest_are_read():
    assert room.figures(TIMINGS) == {"pocket": (1080.0, 20.0), "full": (1500.0, 90.0)}


@pytest.mark.parametrize(
    "text", ["", "# Timings\n\nnone yet", "| chapter | minutes |\n|---|---|\n| 01-attention | 35 |"]
)
def test_without_measurements_nothing_is_made_up(text):
    with pytest.raises(room.RoomError, match="Run `make timings` first"):
        room.figures(text)


def test_sizes_grow_with_learners_and_hold_what_they_promise():
    before = (0, 0)
    for learners in (1, 5, 10, 40):
        memory, cores = room.sizes(learners, 800, 20, 150)
        assert memory * 1000 >= room.SYSTEM + learners * 950 and learners * 20 / cores <= room.PATIENCE
        assert memory > before[0] and cores >= before[1]
        before = memory, cores
    assert room.sizes(40, 800, 20, 150) == (40, 5)
    assert room.limit(800, 150) == 2000 and room.limit(800, 150) >= 2 * 800 + 150


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(room.SERVER, tmp_path / "server")


def test_table_and_limits_are_written_and_agree(folder):
    room.write(room.figures(TIMINGS), 150, folder)
    once = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    room.write(room.figures(TIMINGS), 150, folder)
    assert once == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    page = once["README.md"].decode()
    assert re.search(r"^\| 20 \| 27 GB \| 3 \| 35 GB \| 10 \|$", page, re.MULTILINE)
    values = yaml.safe_load(once["values.yaml"])
    limits = json.loads(once["limits.json"])
    assert limits == {"pocket": {"memory_limit_mb": 2500}, "full": {"memory_limit_mb": 3500}}
    assert values["singleuser"]["memory"] == {"guarantee": "1230M", "limit": "2500M"}
    assert values["singleuser"]["cpu"] == {"guarantee": 0.1, "limit": 1}


def test_a_lost_mark_is_said_and_nothing_is_written(folder):
    (folder / "values.yaml").write_text("singleuser: {}\n")
    page = (folder / "README.md").read_text()
    with pytest.raises(room.RoomError, match="must each stand once"):
        room.write(room.figures(TIMINGS), 150, folder)
    assert (folder / "README.md").read_text() == page


def test_the_command_says_that_timings_are_missing(tmp_path, capsys):
    assert room.main(["--timings", str(tmp_path / "timings.md")]) == 1
    assert "Run `make timings` first" in capsys.readouterr().out


def test_the_servers_own_memory_is_measured():
    assert 30 < room.server_memory(patience=300) < 1000


def config(environ, folder, limits=True):
    """Run the hub's configuration as JupyterHub would; return what it set, or the sentence that it stopped with."""
    target = folder / "notebooks" / "instructor" / "server"
    if limits:
        (target / "limits.json").write_text('{"pocket": {"memory_limit_mb": 1500}, "full": {"memory_limit_mb": 3000}}')
    code = (
        "import json, os, sys\nfrom traitlets.config import Config\nc = Config()\n"
        "os.geteuid = lambda: 1000\n"
        "source = compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')\n"
        "exec(source, {'get_config': lambda: c, '__file__': sys.argv[1]})\n"
        "print(json.dumps({k: {n: v for n, v in s.items() if not callable(v)} for k, s in c.items()}))"
    )
    command = [sys.executable, "-c", code, str(target / "jupyterhub_config.py")]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"} | environ)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()


@pytest.fixture
def course(tmp_path):
    shutil.copytree(room.SERVER, tmp_path / "notebooks" / "instructor" / "server")
    (tmp_path / "notebooks" / "instructor" / "server" / "limits.json").unlink(missing_ok=True)
    return tmp_path


def test_the_hub_takes_the_measured_limits(course):
    made = config({"COURSE_PASSWORD": "attention!"}, course)
    assert made["Spawner"]["mem_limit"] == "1500M" and "COURSE_MODELS" not in made["Spawner"]["environment"]
    full = config({"COURSE_PASSWORD": "attention!", "COURSE_MODELS_DIR": "/opt/models"}, course)
    assert full["Spawner"]["mem_limit"] == "3000M"
    assert full["Spawner"]["environment"]["COURSE_MODELS_DIR"] == "/opt/models"
    assert full["Spawner"]["cmd"][-3:] == [str(course / ".venv/bin/python"), "-m", "jupyterhub.singleuser"]


def test_the_hub_does_not_start_open_or_without_limits(course):
    assert "No measured limits yet" in config({"COURSE_PASSWORD": "attention!"}, course, limits=False)
    for password in ({}, {"COURSE_PASSWORD": "short"}):
        assert "8 characters or more" in config(password, course)


def test_the_recipe_names_what_is_there():
    page = (room.SERVER / "README.md").read_text()
    assert (ROOT / "binder" / "environment.yml").is_file() and "`binder/`" in page
    text = yaml.safe_load((room.SERVER / "values.yaml").read_text())
    assert text["hub"]["config"]["DummyAuthenticator"]["password"] == ""
    for command in re.findall(r"python -m (helpers[\w.]+)", page):
        assert list(ROOT.glob(command.replace(".", "/") + ".py")) or (ROOT / command.replace(".", "/")).is_dir()
