"""Show the course's promises by numbers: `python -m helpers.proof [PART ...]` (`make proof`).

Runs the parts one after another, keeps each result in tests/proof, and writes the report, tests/PROOF.md. All of them
take hours; each can be run alone. `--report` only writes the page from the results that are kept.
"""

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from helpers.proof.report import report
from helpers.proof.result import Missing, keep

ROOT = Path(__file__).resolve().parents[2]
FOLDER, PAGE = "tests/proof", "tests/PROOF.md"
PARTS = ("counts", "supply", "breakages", "mutants", "anywhere", "fuzz", "room")  # the quick ones first


def run_part(part, folder):
    """Run one part and keep its result; return whether it passed. A part that breaks off leaves what was kept before."""
    say = lambda text: print(f"{part}: {text}", flush=True)  # noqa: E731  every line names its part
    start = time.perf_counter()
    try:
        result = importlib.import_module(f"helpers.proof.{part}").run(say)
    except Missing as problem:
        say(f"was not run: {problem}")
        return False
    except Exception:
        traceback.print_exc()
        say("broke off; nothing was kept")
        return False
    kept = keep(folder / f"{part}.json", part, result, time.perf_counter() - start)
    say(f"{'holds' if result.passed else 'does not hold'}, {kept.minutes:g} minutes. {result.summary}")
    for sentence in result.shortfalls:
        say(f"falls short: {sentence}")
    return result.passed


def main(arguments=None, root=ROOT):
    """Run the parts named, or all of them, and write the report; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--report", action="store_true", help=f"run nothing, only write {PAGE}")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before a part imports torch: each figure is that of one thread
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"PART: got {', '.join(unknown)}, expected some of {', '.join(PARTS)}")
    parts = [] if options.report else options.parts or PARTS
    passed = [run_part(part, root / FOLDER) for part in parts]
    (root / PAGE).write_text(report(root / FOLDER, PARTS), encoding="utf-8", newline="\n")
    print(f"The report is {PAGE}.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
