"""The hub's configuration, run as JupyterHub would run it, but without JupyterHub: what it sets, and what it refuses."""

import json
import re
import subprocess
import sys

import pytest

from helpers.authoring.pairs import ROOT

SERVER = ROOT / "notebooks" / "instructor" / "server"
AUTHENTICATOR = """
class FirstUseAuthenticator:
    def normalize_username(self, username):
        return username.lower()

    async def authenticate(self, handler, data):
        return data["username"] if self._validate_password(data["password"]) else None
"""
# A Linux with systemd and root, as far as the configuration looks; and, if asked for, a course that all may read.
PRETEND = """
import asyncio, json, os, pathlib, sys, types
from traitlets.config import Config
looks = pathlib.Path.stat
os.geteuid = lambda: int(os.environ["UID_OF_TEST"])
pathlib.Path.is_dir = lambda self: os.environ["SYSTEMD_OF_TEST"] == "yes"
if os.environ["READABLE_OF_TEST"] == "yes":
    pathlib.Path.stat = lambda self, **_: types.SimpleNamespace(st_mode=0o100755)
    pathlib.Path.is_relative_to = lambda self, other: False
c = Config()
names = {"get_config": lambda: c, "__file__": sys.argv[1]}
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), names)
pathlib.Path.stat = looks
c["JupyterHub"].pop("authenticator_class")
before_start = c["Spawner"].pop("pre_spawn_hook")
for link in json.loads(os.environ.get("LINKS_OF_TEST", "[]")):
    before_start(types.SimpleNamespace(unit_name=link))
gate = names["RoomAuthenticator"]()
passwords = {}
for password in json.loads(os.environ.get("PASSWORDS_OF_TEST", "[]")):
    passwords[password] = gate._validate_password(password)
names = {name: gate.normalize_username(name) for name in json.loads(os.environ.get("NAMES_OF_TEST", "[]"))}
print(json.dumps({"config": dict(c), "passwords": passwords, "names": names}))
"""


@pytest.fixture
def configure(tmp_path):
    """Return a function that runs the configuration in a copy of the course; it returns what was set, or the refusal."""
    folder = tmp_path / "course" / "notebooks" / "instructor" / "server"
    folder.mkdir(parents=True)
    (folder / "jupyterhub_config.py").write_bytes((SERVER / "jupyterhub_config.py").read_bytes())
    (folder / "limits.json").write_text('{"pocket": {"memory_limit_mb": 1500}, "full": {"memory_limit_mb": 3000}}')
    (tmp_path / "course" / "pyproject.toml").touch()
    python = tmp_path / "course" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "firstuseauthenticator.py").write_text(AUTHENTICATOR)

    def run(systemd="yes", uid="0", readable="yes", without=None, **environ):
        if without:
            (tmp_path / "course" / without).unlink()
        settings = {"COURSE_WORD": "attention!", "COURSE_HUB": str(tmp_path / "hub"), "PYTHONPATH": str(tmp_path)}
        settings |= {
            "SYSTEMD_OF_TEST": systemd,
            "UID_OF_TEST": uid,
            "READABLE_OF_TEST": readable,
            "PATH": "/usr/bin:/bin",
        }
        command = [sys.executable, "-c", PRETEND, str(folder / "jupyterhub_config.py")]
        done = subprocess.run(command, capture_output=True, text=True, env=settings | environ)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()

    return run


def test_each_learner_has_the_measured_limit_and_a_user_of_their_own(configure, tmp_path):
    made = configure()["config"]
    assert made["Spawner"]["mem_limit"] == 1500 * 10**6 and made["Spawner"]["cpu_limit"] == 1.0
    assert made["SystemdSpawner"]["dynamic_users"] and made["JupyterHub"]["spawner_class"] == "systemd"
    originals = str(tmp_path / "originals")
    full = configure(COURSE_MODELS_DIR=originals)["config"]["Spawner"]
    assert full["mem_limit"] == 3000 * 10**6 and full["environment"]["COURSE_MODELS_DIR"] == originals


def test_the_originals_need_a_limit_that_was_measured_with_them(configure, tmp_path):
    limits = tmp_path / "course" / "notebooks" / "instructor" / "server" / "limits.json"
    limits.write_text('{"pocket": {"memory_limit_mb": 1500}}')
    said = configure(COURSE_MODELS_DIR=str(tmp_path))
    assert "limits.json has no limit for the originals" in said and "Traceback" not in said


def test_a_name_like_a_folder_of_the_system_becomes_another_folder(configure):
    """The spawner names a learner's folder in /var/lib after the learner; who is called dpkg must not get dpkg's."""
    tried = {"dpkg": "learner-dpkg", "Ada": "learner-ada", "learner-ada": "learner-ada", "../x": "learner-../x"}
    made = configure(NAMES_OF_TEST=json.dumps(list(tried)))
    assert made["names"] == tried
    pattern = made["config"]["Authenticator"]["username_pattern"]
    fits = {"learner-dpkg": True, "learner-a-1": True, "learner-../x": False, "learner-1": False, "dpkg": False}
    fits |= {"learner-" + "a" * 21: True, "learner-" + "a" * 22: False}
    assert {name: bool(re.fullmatch(pattern, name)) for name in fits} == fits


def test_the_start_command_survives_the_spawners_filling_in_and_fills_the_folder_once(configure, tmp_path):
    made = configure()["config"]["Spawner"]["cmd"]
    shell = [part.format(USERNAME="ada", USERID=1) for part in made]
    (tmp_path / "course" / "notebooks" / "a.ipynb").write_text("from the course")
    python = tmp_path / "course" / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$PWD $@"\n')
    python.chmod(0o755)
    home = tmp_path / "ada"
    home.mkdir()
    said = subprocess.run([*shell, "--one", "two words"], cwd=home, capture_output=True, text=True, check=True).stdout
    assert said == f"{home} -m jupyterhub.singleuser --one two words\n"
    (home / "notebooks" / "a.ipynb").write_text("a learner's work")
    subprocess.run(shell, cwd=home, capture_output=True, check=True)
    assert (home / "notebooks" / "a.ipynb").read_text() == "a learner's work"


def test_a_dangling_link_of_the_last_start_is_taken_away_and_nothing_else(configure, tmp_path):
    dangling, living, folder = (tmp_path / name for name in ("dangling", "living", "folder"))
    folder.mkdir()
    dangling.symlink_to(tmp_path / "nowhere")
    living.symlink_to(folder)
    configure(LINKS_OF_TEST=json.dumps([str(path) for path in (dangling, living, folder, tmp_path / "absent")]))
    assert not dangling.is_symlink() and living.is_symlink() and folder.is_dir()


def test_a_first_password_needs_the_rooms_word_and_more(configure):
    tried = {
        "attention!": False,
        "attention!abc": False,
        "attention!abcd": True,
        "my own long password": False,
        "": False,
    }
    assert configure(PASSWORDS_OF_TEST=json.dumps(list(tried)))["passwords"] == tried


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"systemd": "no"}, "Start the hub as root on a Linux with systemd."),
        ({"uid": "1000"}, "Start the hub as root on a Linux with systemd."),
        ({"COURSE_WORD": "short"}, "COURSE_WORD: got fewer than 8 characters"),
        ({"COURSE_LEARNERS": "../etc"}, "COURSE_LEARNERS: got '../etc'"),
        ({"without": "notebooks/instructor/server/limits.json", "readable": "no"}, "No limits yet: run `make timings`"),
        ({"without": ".venv/bin/python", "readable": "no"}, "run `make setup`"),
        ({"readable": "no"}, "Learners cannot read|Learners have a"),  # the test's own folder is closed to others
    ],
)
def test_the_hub_does_not_start_open_or_half(configure, change, sentence):
    said = configure(**change)
    assert isinstance(said, str) and re.search(sentence, said) and "Traceback" not in said
