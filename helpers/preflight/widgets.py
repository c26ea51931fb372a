"""Sliders: the extension of ipywidgets that JupyterLab must load, of a version that fits.

JupyterLab's own functions for this (jupyterlab_server.config) take seconds to import, so `find_extensions` and
`find_disabled` do the same from the same files; a test compares them.
"""

import json
import os
import re
import sys
from glob import glob
from importlib import metadata

from helpers.preflight.result import REPAIR, ready, said, stop

MANAGER = "@jupyter-widgets/jupyterlab-manager"
SPEAKS = {"7": "3", "8": "5"}  # major version of ipywidgets: that of the extension which speaks its protocol
DISABLED = "disabledExtensions"


def check_widgets(folders=None, configs=None, settings=None, version=None, required=None):
    """Check that JupyterLab will load the extension of ipywidgets.

    folders: where extensions lie, the first one wins. configs: the folders of Jupyter's settings, the first one wins.
    settings: the folder of JupyterLab's own, the last to be asked. All as Jupyter finds them if None. version: that of
    ipywidgets. required: its requirement of jupyterlab_widgets, like "~=3.0.17".
    """
    name = "Widgets"
    try:
        from jupyter_core.paths import jupyter_config_path, jupyter_path
    except Exception as error:  # missing, or damaged in any way
        return stop(name, f"Jupyter cannot be used: {said(error)}.", REPAIR)
    folders = jupyter_path("labextensions") if folders is None else folders
    configs = jupyter_config_path() if configs is None else configs
    app = os.environ.get("JUPYTERLAB_DIR") or os.path.join(sys.prefix, "share", "jupyter", "lab")
    try:
        extensions = find_extensions(folders)
        disabled = find_disabled(extensions, configs, settings or os.path.join(app, "settings"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return stop(name, f"JupyterLab cannot read its extensions or settings: {said(error)}.", REPAIR)
    if MANAGER not in extensions:
        bracket = next((folder for folder in folders if "[" in folder and os.path.isdir(folder)), None)
        if bracket:  # JupyterLab takes it for a pattern, and so finds no extension below it
            cure = "Move the course to a path without [ and ], and run `make lab` there."
            return stop(name, f"JupyterLab finds no extension in a folder with a bracket in its name: {bracket}.", cure)
        return stop(name, "JupyterLab has no extension for sliders: it finds no jupyterlab-manager.", REPAIR)
    off = [entry for entry in disabled if f"{entry}:".startswith(f"{MANAGER}:")]
    if off:
        cure = f"Run `jupyter labextension enable {off[0]}`."
        return stop(name, f"The extension for sliders is switched off ({off[0]}).", cure)
    folder, package = extensions[MANAGER]
    try:
        whole = os.path.isfile(os.path.join(folder, package["jupyterlab"].get("_build", {}).get("load")))
        extension = package["version"].strip()
    except (ValueError, KeyError, TypeError, AttributeError):  # package.json lacks what every extension says
        whole = False
    if not whole:
        return stop(name, f"The extension for sliders is damaged: files are missing in {folder}.", REPAIR)
    return _versions(name, folder, extension, version, required)


def find_extensions(folders):
    """Return {name: (its folder, its package.json)} of the extensions that JupyterLab finds. Raises as json and open do."""
    found = {}
    for folder in folders:
        for pattern in ("[!@]*", os.path.join("@*", "*")):
            for path in glob(os.path.join(folder, pattern, "package.json")):
                package = _read(path)
                found.setdefault(package["name"], (os.path.dirname(path), package))
    return found


def find_disabled(extensions, configs, settings):
    """Return the sorted names of extensions, and of parts of them ("name:part"), that JupyterLab leaves out."""
    switched = {}
    own = os.path.join(settings, "page_config.json")
    if os.path.isfile(own) and os.path.getsize(own):
        switched |= _as_switches(_read(own).get(DISABLED, {}))
    for folder in reversed(configs):  # the first of them has the last word
        place = os.path.join(folder, "labconfig", "page_config")
        for path in [*sorted(glob(os.path.join(place + ".d", "*.json"))), place + ".json"]:
            if os.path.isfile(path) and os.path.getsize(path):
                switched |= _as_switches(_read(path, damaged={}).get(DISABLED, {}))
    by_others = [
        other
        for name, (_, package) in extensions.items()
        if switched.get(name) is not True and "_build" in package["jupyterlab"]
        for other in package["jupyterlab"].get(DISABLED, [])
    ]
    return sorted(name for name, off in ({name: True for name in by_others} | switched).items() if off)


def _as_switches(entries):
    return entries if isinstance(entries, dict) else {name: True for name in entries}


def _read(path, damaged=None):
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except ValueError as error:
            if damaged is None:
                raise ValueError(f"{path} is not JSON ({error})") from None
            return damaged  # Jupyter leaves such a file out


def _versions(name, folder, extension, version, required):
    try:
        version = version or metadata.version("ipywidgets")
        required = _required() if required is None else required
        brought = metadata.version("jupyterlab_widgets")
    except metadata.PackageNotFoundError as error:
        return stop(name, f"{said(error)}.", REPAIR)
    here = f"jupyterlab-manager {extension}"
    expected = SPEAKS.get(version.partition(".")[0])
    if expected and extension.partition(".")[0] != expected:
        cure = f"Remove the folder {folder}, then run `make lab` again."
        return stop(name, f"JupyterLab loads {here}; ipywidgets {version} needs version {expected}.", cure)
    from packaging.specifiers import SpecifierSet  # comes with jupyterlab_server

    if brought not in SpecifierSet(required):
        found = f"jupyterlab_widgets {brought} is installed; ipywidgets {version} needs {required}."
        return stop(name, found, REPAIR)
    return ready(name, f"JupyterLab will load {here} for ipywidgets {version}.")


def _required():
    """Return which jupyterlab_widgets the installed ipywidgets asks for, such as "~=3.0.17"."""
    for line in metadata.requires("ipywidgets") or []:
        match = re.match(r"jupyterlab[_-]widgets\s*\(?([^;)]*)", line)
        if match:
            return match[1].strip()
    return ""
