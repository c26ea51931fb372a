"""Sliders that JupyterLab would not show: no extension, one switched off, damaged, or of another version."""

import json
import sys

import pytest

from helpers.preflight.result import READY, STOP
from helpers.preflight.widgets import MANAGER, check_widgets, find_disabled, find_extensions

GOOD = {"name": MANAGER, "version": "5.0.16", "jupyterlab": {"_build": {"load": "static/entry.js"}}}


class Lab:
    """A planted JupyterLab: extensions, Jupyter's settings, JupyterLab's own."""

    def __init__(self, root):
        self.root = root
        self.folders = [str(root / "home" / "labextensions"), str(root / "env" / "labextensions")]
        self.configs = [str(root / "user"), str(root / "env")]
        self.settings = str(root / "settings")

    def extension(self, package=GOOD, place=1, **changes):
        folder = self.root / self.folders[place] / package["name"]
        (folder / "static").mkdir(parents=True, exist_ok=True)
        (folder / "static" / "entry.js").touch()
        (folder / "package.json").write_text(json.dumps(package | changes))
        return self

    def switch(self, path, entries):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(json.dumps({"disabledExtensions": entries}))
        return self

    def check(self, version="8.1.9", required="~=3.0.17"):
        return check_widgets(self.folders, self.configs, self.settings, version, required)

    def stopped(self, word, **options):
        result = self.check(**options)
        assert result.state == STOP and word in result.found and result.cure and "\n" not in result.line()
        return result


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


def test_sliders_that_will_show(lab):
    result = lab.extension().check()
    assert (result.state, result.name) == (READY, "Widgets")


def test_the_extension_that_is_installed_here():
    assert check_widgets().state == READY


def test_no_extension(lab):
    lab.stopped("no extension for sliders")


def test_a_bracket_in_the_path_hides_every_extension(lab):
    lab.folders[1] = str(lab.root / "course [1]" / "labextensions")
    assert "without [ and ]" in lab.extension().stopped("bracket").cure


ROUTES = ["user/labconfig/page_config.json", "env/labconfig/page_config.d/a.json", "settings/page_config.json"]


@pytest.mark.parametrize("entry", [MANAGER, MANAGER + ":plugin"])
@pytest.mark.parametrize("path", ROUTES)
def test_an_extension_that_is_switched_off(lab, entry, path):
    entries = [entry] if path.startswith("settings") else {entry: True}
    result = lab.extension().switch(path, entries).stopped("switched off")
    assert f"jupyter labextension enable {entry}" in result.cure


def test_an_extension_that_another_one_switches_off(lab):
    other = {"name": "other", "version": "1", "jupyterlab": {"_build": {"load": "x"}, "disabledExtensions": [MANAGER]}}
    lab.extension().extension(other).stopped("switched off")
    assert lab.switch(ROUTES[0], {MANAGER: False}).check().state == READY  # the user has the last word


def test_what_is_switched_off_elsewhere_is_no_fault(lab):
    lab.extension().switch(ROUTES[0], {"@jupyterlab/other": True, MANAGER: False}).switch(ROUTES[1], {MANAGER: True})
    assert lab.check().state == READY


@pytest.mark.parametrize(
    "changes, options, word",
    [
        ({}, {"version": "7.7.0"}, "needs version 3"),
        ({"version": "4.1.0"}, {}, "needs version 5"),
        ({}, {"required": "~=4.0"}, "needs ~=4.0"),
        ({"jupyterlab": {"_build": {"load": "static/gone.js"}}}, {}, "damaged"),
        ({"jupyterlab": {}}, {}, "damaged"),
    ],
)
def test_an_extension_of_another_version_or_damaged(lab, changes, options, word):
    lab.extension(**changes).stopped(word, **options)


def test_an_old_extension_hides_the_right_one(lab):
    result = lab.extension().extension(place=0, version="3.1.0").stopped("jupyterlab-manager 3.1.0")
    assert lab.folders[0] in result.cure


def test_files_that_cannot_be_read(lab):
    broken = lab.extension().root / lab.folders[0] / "broken" / "package.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    assert str(broken) in lab.stopped("is not JSON").found
    broken.write_text('{"version": "1"}')
    lab.stopped("cannot read its extensions")


def test_no_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_core.paths", None)
    assert check_widgets().state == STOP


def test_jupyterlab_itself_finds_the_same(lab, monkeypatch):
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    for variable, folder in (("JUPYTER_CONFIG_DIR", "user"), ("JUPYTER_CONFIG_PATH", "env")):
        monkeypatch.setenv(variable, str(lab.root / folder))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    from jupyter_core.paths import jupyter_config_path

    lab.configs = jupyter_config_path()
    lab.folders.append(str(lab.root / "in [1]" / "env" / "labextensions"))
    other = {
        "name": "other",
        "version": "1",
        "jupyterlab": {"_build": {"load": "x"}, "disabledExtensions": [MANAGER, "a"]},
    }
    steps = [
        lambda: None,
        lambda: Lab(lab.root / "in [1]").extension(),
        lab.extension,
        lambda: lab.extension(place=0, version="3.1.0"),
        lambda: lab.extension(other, place=0),
        lambda: lab.switch("env/labconfig/page_config.json", {"b": True, "other": True}),
        lambda: lab.switch("settings/page_config.json", ["c", MANAGER + ":plugin"]),
        lambda: lab.switch("user/labconfig/page_config.d/x.json", {"b": False, "other": False, "d": True}),
        lambda: lab.switch("user/labconfig/page_config.json", {"d": False, MANAGER: False}),
    ]
    for step in steps:
        step()
        extensions, theirs = find_extensions(lab.folders), get_federated_extensions(lab.folders)
        assert {name: folder for name, (folder, _) in extensions.items()} == {
            name: entry["ext_path"] for name, entry in theirs.items()
        }
        disabled = get_page_config(lab.folders, lab.settings)["disabledExtensions"]
        assert find_disabled(extensions, lab.configs, lab.settings) == sorted(disabled)
