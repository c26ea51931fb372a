"""Spare learners JupyterLab's first questions: `python -m helpers.authoring.lab_settings` (Binder runs it as well).

It also tells nbconvert to use the course's page, which keeps the alt text of the pictures.

Standard library only: set-up runs it before anything is installed.
"""

import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The names are those of JupyterLab's own schema, share/jupyter/lab/schemas/@jupyterlab/apputils-extension.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",  # else a box asks whether to fetch Jupyter's news
        "checkForUpdates": False,  # else it asks the network for newer versions
    },
}


def write_overrides(prefix):
    """Add the course's settings to those of the environment at this folder; return the file written."""
    path = os.path.join(str(prefix), "share", "jupyter", "lab", "settings", "overrides.json")
    settings = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    for plugin, values in OVERRIDES.items():
        settings.setdefault(plugin, {}).update(values)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)
        file.write("\n")
    return path


def write_page_settings(prefix):
    """Make `jupyter nbconvert --to html` in the environment at this folder use page_template; return the file written."""
    path = os.path.join(str(prefix), "etc", "jupyter", "jupyter_nbconvert_config.json")
    here = os.path.dirname(os.path.abspath(__file__))
    settings = {
        "HTMLExporter": {"template_name": "page_template", "extra_template_basedirs": [here]},
        "SlidesExporter": {"template_name": "reveal"},  # slides are pages too, and would inherit the line above
    }
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)
        file.write("\n")
    return path


if __name__ == "__main__":
    print(write_overrides(sys.prefix))
    print(write_page_settings(sys.prefix))
