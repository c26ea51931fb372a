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
import tempfile
import threading
import time
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from helpers.proof.journal import Journal, deadline, key_of
from helpers.proof.mutate import mutants
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT, NoTests, Tests, copy_course, write

SAMPLE = 12  # mutants of a file that is not in MATHS
SEED = 7
MINUTES = 2  # of one file of tests: a mutant may loop for ever, which is noticed
BAR = 0.95  # noticed, or shown to be harmless
JOURNAL = "build/proof/mutants.jsonl"
HARMLESS = "tests/proof/mutants.toml"
_FIGURES = "test_figures test_canvas test_words_follow"
_PANELS = "test_panel"
MATHS = {  # file: the tests that must notice, in tests/
    "attention": "test_attention test_against_torch test_bad_input",
    "multi_head": "test_multi_head test_bad_input",
    "positions": "test_positions test_bad_input",
    "validate": "test_attention test_bad_input test_figures",
    "models/bert": "test_models_bert test_bert_panels",
    "models/classify": "test_models_classify test_classification_panel",
    "models/gpt2": "test_models_gpt2 test_next_token_panel",
    "models/t5": "test_models_t5 test_translation_panel",
    "models/summary": "test_models_summary test_summary_panel",
    "models/text": "test_models_gpt2 test_models_bert test_bad_input",
}
OTHERS = {
    "figures/alignment": "test_translation_panel test_words_follow",
    "figures/bars": _FIGURES,
    "figures/beam_tree": "test_translation_panel test_words_follow",
    "figures/blend": _FIGURES,
    "figures/cells": "test_palette_and_cells test_figures",
    "figures/curves": _FIGURES,
    "figures/glyphs": "test_glyphs",
    "figures/heatmap": _FIGURES,
    "figures/label": "test_canvas test_glyphs test_figures",
    "figures/links": _FIGURES,
    "figures/palette": "test_palette_and_cells",
    "figures/passage": "test_summary_panel test_words_follow",
    "figures/signed_bars": "test_classification_panel test_words_follow",
    "figures/token_bars": "test_next_token_panel test_words_follow",
    "figures/words": _FIGURES,
    "panels/attention_panel": f"test_attention_panel {_PANELS}",
    "panels/bert_attention_panel": f"test_bert_panels {_PANELS}",
    "panels/classification_panel": f"test_classification_panel {_PANELS}",
    "panels/control": "test_panel test_attention_panel test_spoken test_model_panel",
    "panels/model_panel": "test_model_panel test_summary_panel",
    "panels/multi_head_panel": f"test_multi_head_panel {_PANELS}",
    "panels/next_token_panel": "test_next_token_panel test_model_panel",
    "panels/panel": "test_panel test_spoken",
    "panels/progress": "test_classification_panel test_chapter_06",
    "panels/scaling_panel": f"test_scaling_panel {_PANELS}",
    "panels/self_attention_panel": f"test_self_attention_panel {_PANELS}",
    "panels/sentence_map_panel": f"test_bert_panels {_PANELS}",
    "panels/summary_panel": "test_summary_panel test_model_panel",
    "panels/translation_panel": "test_translation_panel test_model_panel",
    "checks/check": "exercises/test_engine",
    "checks/run": "exercises/test_engine",
    "checks/time_limit": "exercises/test_engine",
    "checks/values": "exercises/test_engine",
    "checkpoints/choose": "checkpoints/test_checkpoint_choose checkpoints/test_checkpoint_command",
    "checkpoints/fetch": "checkpoints/test_checkpoint_fetch checkpoints/test_checkpoint_faults",
    "checkpoints/folders": "checkpoints/test_checkpoint_choose checkpoints/test_checkpoint_fetch",
    "checkpoints/manifest": "checkpoints/test_checkpoint_choose checkpoints/test_checkpoint_fetch",
    "checkpoints/transfer": "checkpoints/test_checkpoint_fetch checkpoints/test_checkpoint_faults",
    "checkpoints/verify": "checkpoints/test_checkpoint_fetch checkpoints/test_checkpoint_faults",
    "preflight/kernel": "preflight/test_preflight_kernel",
    "preflight/machine": "preflight/test_preflight_machine",
    "preflight/models": "preflight/test_preflight_models",
    "preflight/packages": "preflight/test_preflight_packages",
    "preflight/paths": "preflight/test_preflight_folders",
    "preflight/python": "preflight/test_preflight_machine",
    "preflight/report": "preflight/test_preflight_report",
    "preflight/widgets": "preflight/test_preflight_widgets",
}
FILES = {
    f"helpers/{file}.py": [f"tests/{test}.py" for test in tests.split()] for file, tests in (MATHS | OTHERS).items()
}


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


class Copies:
    """Copies of the course with a warm pytest each, one for every mutant that is tried at the same time."""

    def __init__(self, number):
        self.folder = tempfile.TemporaryDirectory()
        self.free, self.every = SimpleQueue(), []
        for n in range(number):
            course = copy_course(Path(self.folder.name) / str(n))
            self.every.append((course, Tests(course)))
            self.free.put(self.every[-1])

    def use(self, function, *arguments):
        """Return function(*arguments, course, tests) with a copy that nobody else uses meanwhile."""
        copy = self.free.get()
        try:
            return function(*arguments, *copy)
        finally:
            self.free.put(copy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _, tests in self.every:
            tests.close()
        self.folder.cleanup()


def run(say, files=FILES):
    """Try the mutants of these files and return the Result. PROOF_MINUTES stops it; the next run goes on from there."""
    end, workers = deadline(), int(os.environ.get("PROOF_WORKERS") or 1)
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    chosen = {file: sample(text, file) for file, text in texts.items()}
    longest = max(map(len, chosen.values()))
    # By turns, so that a run which is stopped has tried some of every file.
    turns = [(file, ones[n]) for n in range(longest) for file, ones in chosen.items() if n < len(ones)]
    with Copies(workers) as copies, ThreadPoolExecutor(workers) as pool:
        asked = Asked(Journal(ROOT / JOURNAL), copies, say, len(turns), end)
        answers = list(pool.map(asked.answer, turns, [texts[file] for file, _ in turns]))
    return _result(texts, [(*turn, answer) for turn, answer in zip(turns, answers, strict=True)], read_harmless())


class Asked:
    """Answers whether a mutant is noticed: from the journal, or by trying it. None: the time was over."""

    def __init__(self, journal, copies, say, number, end):
        self.journal, self.copies, self.say, self.number, self.end = journal, copies, say, number, end
        self.lock, self.sound, self.done = threading.Lock(), {}, 0

    def answer(self, turn, text):
        """Return True, False or None for a turn (file, Mutant). text: the whole file."""
        file, mutant = turn
        key = key_of(mutant, text, *((ROOT / test).read_bytes() for test in FILES[file]))
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
            change = f"{file}, line {mutant.line}: `{_line(mutant.before)}` may become `{_line(mutant.after)}`"
            survivors.append(f"{change}: {why}." if why else f"{change}.")
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
        f"{all_tried - caught} others {excused} are harmless, for the reasons below."
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
