"""Mutation testing: small changes of the helpers that a learner's code runs, and how many of them the tests notice.

mutmut 3.8 runs all chosen tests twice before its first mutant and does not run on Windows; cosmic-ray starts a pytest of
its own, which imports torch, for every mutant. This part shares the warm process of breakages.py instead, in which a
mutant takes a second or two. Every change of the maths is tried; of any other file a seeded sample, which is drawn anew
only if the file changes. `PROOF_WORKERS=2` tries so many at a time; `python -m helpers.proof.mutants TEXT ...` tries only
files whose path holds one of the texts, says what survives, and keeps nothing.
"""

import os
import random
import sys
import threading
import time
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.proof.journal import Journal, deadline, key_of
from helpers.proof.mutants_files import FILES, MATHS
from helpers.proof.mutate import mutants
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT, Copies, NoTests, write

SAMPLE = 12  # mutants of a file that is not in MATHS
SEED = 7
MINUTES = 2  # of one file of tests: a mutant may loop for ever, which is noticed
BAR = 0.95  # noticed, or shown to be harmless
JOURNAL = "build/proof/mutants.jsonl"
HARMLESS = "tests/proof/mutants.toml"


def sample(text, file):
    """Return the Mutants that are tried of a file, in order: the same ones as long as its text stays."""
    every = possible(text, file)
    if _stem(file) in MATHS:
        return every
    return sorted(random.Random(f"{SEED} {file}").sample(every, min(SAMPLE, len(every))), key=lambda one: one.start)


def possible(text, file):
    """Return every Mutant of a file. Outside the maths numbers stay: there they are places, sizes and limits."""
    return mutants(text, numbers=_stem(file) in MATHS)


def _stem(file):
    return file.removeprefix("helpers/").removesuffix(".py")


def try_out(mutant, file, course, tests):
    """Return whether a test notices the mutant, planted into the copy and taken out again."""
    path = course / file
    before = path.read_bytes()
    write(path, mutant.applied(before.decode("utf-8")).encode("utf-8"))
    try:
        return any(not tests.run(["-x", test], MINUTES)[0] for test in FILES[file])
    except NoTests:  # without the mutant there were some
        return True
    finally:
        write(path, before)


def read_harmless(path=ROOT / HARMLESS):
    """Return {(file, line of the source, what it becomes): why nobody can notice}. See the file's first lines."""
    entries = tomllib.loads(Path(path).read_text(encoding="utf-8"))["harmless"]
    return {(f"helpers/{one['file']}.py", one["line"], one["becomes"]): one["why"] for one in entries}


def identity(mutant, file, text):
    """Return (file, line of the source, what it becomes), without indents: it outlives changes elsewhere in the file."""
    start, end = text.rfind("\n", 0, mutant.start) + 1, text.find("\n", mutant.end) % (len(text) + 1)
    changed = text[start : mutant.start] + mutant.after + text[mutant.end : end]
    return file, " ".join(text[start:end].split()), " ".join(changed.split())


def run(say, files=FILES):
    """Try the mutants of these files and return the Result. PROOF_MINUTES stops it; the next run goes on from there."""
    end, workers = deadline(), int(os.environ.get("PROOF_WORKERS") or 1)
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    chosen = {file: sample(text, file) for file, text in texts.items()}
    # Read before the copies are made: a test that is edited meanwhile must not stand behind an answer.
    tests = {test: (ROOT / test).read_bytes() for named in files.values() for test in named}
    longest = max(map(len, chosen.values()))
    # By turns, so that a run which is stopped has tried some of every file.
    turns = [(file, ones[n]) for n in range(longest) for file, ones in chosen.items() if n < len(ones)]
    with Copies(workers) as copies, ThreadPoolExecutor(workers) as pool:
        asked = Asked(Journal(ROOT / JOURNAL), copies, tests, say, len(turns), end)
        answers = list(pool.map(asked.answer, turns, [texts[file] for file, _ in turns]))
    return _result(texts, [(*turn, answer) for turn, answer in zip(turns, answers, strict=True)], read_harmless())


class Asked:
    """Answers whether a mutant is noticed: from the journal, or by trying it. None: the time was over.

    tests: {file of tests: its bytes}, as the copies hold them.
    """

    def __init__(self, journal, copies, tests, say, number, end):
        self.journal, self.copies, self.tests, self.say, self.number, self.end = (
            journal,
            copies,
            tests,
            say,
            number,
            end,
        )
        self.lock, self.sound, self.done = threading.Lock(), {}, 0

    def answer(self, turn, text):
        """Return True, False or None for a turn (file, Mutant). text: the whole file."""
        file, mutant = turn
        key = key_of(mutant, text, *(self.tests[test] for test in FILES[file]))
        answer = self.journal.get(key)
        if answer is None and time.monotonic() < self.end:
            self._see_that_tests_pass(file)
            answer = self.copies.use(try_out, mutant, file)
            with self.lock:
                self.journal.put(key, answer)
        with self.lock:
            self.done += 1
            if answer is False:
                self.say(f"{self.done} of {self.number}: {file}, line {mutant.line}: SURVIVES, {_line(mutant.after)}")
            elif self.done % 50 == 0:
                self.say(f"{self.done} of {self.number}")
        return answer

    def _see_that_tests_pass(self, file):
        """Raise RuntimeError if a test fails without any change: then it would notice everything."""
        for test in FILES[file]:
            with self.lock:
                known = test in self.sound
                self.sound[test] = True
            if not known:
                passed, names, last = self.copies.use(lambda _, tests, test=test: tests.run([test]))
                if not passed:
                    raise RuntimeError(f"{test}: got {', '.join(names) or last}, expected that it passes unchanged")


def _result(texts, tried, harmless):
    noticed, counted, survivors, left, excused = defaultdict(int), defaultdict(int), [], 0, 0
    for file, mutant, answer in tried:
        if answer is None:
            left += 1
            continue
        counted[file] += 1
        noticed[file] += answer
        if not answer:
            why = harmless.get(identity(mutant, file, texts[file]))
            excused += bool(why)
            if not why:
                change = f"`{_line(mutant.before)}` may become `{_line(mutant.after)}`"
                survivors.append(f"{file}, line {mutant.line}: {change}.")
    rows = [
        [file, len(possible(text, file)), counted[file], noticed[file], f"{noticed[file] / max(counted[file], 1):.0%}"]
        for file, text in texts.items()
    ]
    all_tried, caught = sum(counted.values()), sum(noticed.values())
    if left:
        survivors.append(f"{left} more mutants of the sample were not tried: time ran out.")
    summary = (
        f"Of {sum(row[1] for row in rows)} possible small changes of {len(rows)} files {all_tried} were tried: all of the "
        f"maths, and at most {SAMPLE} of any other file (seed {SEED}), where numbers, which are places, sizes and limits, "
        f"were left alone. The tests of the file noticed {caught}, {caught / max(all_tried, 1):.1%}. Of the "
        f"{all_tried - caught} others {excused} are harmless, each for the reason that {HARMLESS} gives."
    )
    headers = ["file", "possible", "tried", "noticed", "share"]
    passed = all_tried > 0 and caught + excused >= BAR * all_tried
    return Result("Checks that catch: mutants", summary, headers, rows, passed, survivors)


def _line(text):
    return " ".join(text.split())[:80]


if __name__ == "__main__":
    asked_for = {file: tests for file, tests in FILES.items() if any(text in file for text in sys.argv[1:])}
    found = run(print, asked_for)
    print(found.summary, *found.shortfalls, sep="\n")
