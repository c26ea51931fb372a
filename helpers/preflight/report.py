"""The checks in order, each printed as it is done, and the whole as JSON without personal data."""

import json
import os
import platform
import re
import sys
import time

from helpers.preflight.result import COURSE, LOOK, READY, STOP, look

VERSION = 1  # of the JSON, for those who collect it


def all_checks(python_only=False, notebook=False):
    """Return [(name, check)]. python_only: the others cannot run on this Python. notebook: as `preflight()` needs them.

    A notebook that runs has proved the kernel, and that no letter of its path disturbs it.
    """
    from helpers.preflight.python import check_python

    if python_only:
        return [("Python", check_python)]
    from helpers.preflight import kernel, machine, models, packages, paths, widgets

    trial = models.Trial()
    checks = [
        ("Python", check_python),
        ("Architecture", machine.check_architecture),
        ("Memory", machine.check_memory),
        ("Disk", machine.check_disk),
        ("Folder", paths.check_folder),
        ("Folder name", paths.check_folder_name),
        ("Environment", packages.check_environment),
        ("Packages", packages.check_packages),
        ("Kernel", kernel.check_kernel),
        ("Widgets", widgets.check_widgets),
        ("Checkpoints", models.check_checkpoints),
        ("Imports", trial.check_imports),
        ("Model", trial.check_answer),
    ]
    return [check for check in checks if not notebook or check[0] not in ("Kernel", "Folder name")]


def run(checks, begin=None, done=None):
    """Return [(Result, seconds)]; call begin(name) before each check and done(Result) after it.

    A check that fails itself is a Result to look at: it must not hide the others.
    """
    results = []
    for name, check in checks:
        if begin:
            begin(name)
        start = time.time()
        try:
            result = check()
        except Exception as error:
            found = "This check failed itself: %s: %s." % (type(error).__name__, error)
            result = look(name, found, "Send this line to your instructor.")
        result = result._replace(found=private(result.found), cure=private(result.cure))
        results.append((result, time.time() - start))
        if done:
            done(result)
    return results


def verdict(results):
    """Return (exit status, closing sentence): 0 unless a check says stop."""
    names = {state: [result.name for result, _ in results if result.state == state] for state in (STOP, LOOK)}
    if names[STOP]:
        text = "Not ready: %s. Do what each of these lines says last, then run this again." % ", ".join(names[STOP])
        return 1, text
    if names[LOOK]:
        return 0, "Ready; have a look at: %s." % ", ".join(names[LOOK])
    return 0, "Ready for the course."


def as_json(results):
    """Return the report as text to send: what was found, and no name of the user or of the home folder."""
    report = {
        "preflight": VERSION,
        "course": _course_version(),
        "state": STOP if verdict(results)[0] else READY,
        "system": "%s %s" % (platform.system(), platform.machine()),
        "python": platform.python_version(),
        "checks": [dict(result._asdict(), seconds=round(seconds, 1)) for result, seconds in results],
    }
    return json.dumps(report, indent=1)


def private(text, home=None, user=None):
    """Return the text with ~ for the home folder, and <user> for the user's name where it is a folder of a path.

    home, user: asked of the system if None.
    """
    home = os.path.expanduser("~") if home is None else home
    user = _user() if user is None else user
    folders = {home, os.path.realpath(home)} if home else set()
    for folder in sorted(folders, key=len, reverse=True):
        if len(folder) > 1:
            # As it is, as Python shows it in quotes, and with the other slash.
            for shape in {folder, folder.replace("\\", "\\\\"), folder.replace("\\", "/")}:
                text = re.sub(re.escape(shape) + r"(?![\w-]|[.]\w)", "~", text, flags=re.IGNORECASE)
    if user:
        text = re.sub(r"(?<=[/\\])" + re.escape(user) + r"(?=[/\\])", "<user>", text, flags=re.IGNORECASE)
    return text


def in_notebook():
    """Print the short form, a line a check."""
    results = run(all_checks(notebook=True), done=lambda result: print(result.line(short=True), flush=True))
    print(verdict(results)[1])


def _user():
    for name in ("USER", "USERNAME", "LOGNAME"):
        if os.environ.get(name):
            return os.environ[name]
    return ""


def _course_version():
    try:
        with open(os.path.join(COURSE, "pyproject.toml"), "rb") as file:
            found = re.search(rb'^version = "([^"]*)"', file.read(), re.MULTILINE)
    except OSError:
        return ""
    return found.group(1).decode() if found else ""


def main(arguments=None, checks=None, version=None):
    """Run all checks, or those given, and print them; return the exit status: 1 if one says stop."""
    import argparse

    from helpers.preflight.python import OLDEST

    parser = argparse.ArgumentParser(
        prog="python -m helpers.preflight", description="Is this machine ready for the course?"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a report to send to the instructor: > preflight.json"
    )
    options = parser.parse_args(arguments)
    old = tuple((version or sys.version_info)[:2]) < OLDEST
    checks = all_checks(python_only=old) if checks is None else checks
    out = sys.stderr if options.json else sys.stdout

    def begin(name):
        out.write("%s: " % name)
        out.flush()

    def done(result):
        out.write(result.line()[len(result.name) + 2 :] + "\n")
        out.flush()

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Windows console may lack a letter of a path
    results = run(checks, begin, done)
    status, text = verdict(results)
    out.write("\n%s\n" % text)
    if options.json:
        print(as_json(results))
    return status
