"""Mutation testing of the maths: a seeded sample of small changes, and how many of them the tests of that module notice.

mutmut 3.8 runs all chosen tests twice before its first mutant and does not run on Windows; cosmic-ray starts a pytest of
its own, which imports torch, for every mutant. This part shares the warm process of breakages.py instead, in which a
mutant takes a second or two. The sample of a file is drawn anew only if the file changes.
"""

import random
import tempfile
import time
from collections import defaultdict

from helpers.proof.journal import Journal, deadline, key_of
from helpers.proof.mutate import mutants
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT, Tests, copy_course, write

SAMPLE = 20  # mutants a file
SEED = 7
BAR = 0.8  # of the sample; some mutants change nothing that can be seen
JOURNAL = "build/proof/mutants.jsonl"
MATHS = {  # file: the tests that must notice
    "helpers/attention.py": ["tests/test_attention.py", "tests/test_against_torch.py", "tests/test_bad_input.py"],
    "helpers/multi_head.py": ["tests/test_multi_head.py", "tests/test_bad_input.py"],
    "helpers/positions.py": ["tests/test_positions.py", "tests/test_bad_input.py"],
    "helpers/validate.py": ["tests/test_attention.py", "tests/test_bad_input.py", "tests/test_figures.py"],
    "helpers/models/bert.py": ["tests/test_models_bert.py", "tests/test_bert_panels.py"],
    "helpers/models/classify.py": ["tests/test_models_classify.py", "tests/test_classification_panel.py"],
    "helpers/models/gpt2.py": ["tests/test_models_gpt2.py", "tests/test_next_token_panel.py"],
    "helpers/models/t5.py": ["tests/test_models_t5.py", "tests/test_translation_panel.py"],
    "helpers/models/summary.py": ["tests/test_models_summary.py", "tests/test_summary_panel.py"],
    "helpers/models/text.py": ["tests/test_models_gpt2.py", "tests/test_models_bert.py", "tests/test_bad_input.py"],
}


def sample(text, file):
    """Return the Mutants that are tried of a file, in order: the same ones as long as its text stays."""
    every = mutants(text)
    return sorted(random.Random(f"{SEED} {file}").sample(every, min(SAMPLE, len(every))), key=lambda one: one.start)


def try_out(mutant, file, course, tests):
    """Return whether a test notices the mutant, planted into the copy and taken out again."""
    path = course / file
    before = path.read_bytes()
    write(path, mutant.applied(before.decode("utf-8")).encode("utf-8"))
    try:
        return any(not tests.run(["-x", test])[0] for test in MATHS[file])
    finally:
        write(path, before)


def run(say):
    """Try the sample of every file and return the Result. PROOF_MINUTES stops it; the next run goes on from there."""
    journal, end = Journal(ROOT / JOURNAL), deadline()
    noticed, survivors, left, every = defaultdict(int), defaultdict(list), 0, {}
    with tempfile.TemporaryDirectory() as folder:
        course = copy_course(folder)
        with Tests(course) as tests:
            chosen = {}
            for file, named in MATHS.items():
                text = (course / file).read_text(encoding="utf-8")
                every[file] = len(mutants(text))
                content = [(course / test).read_bytes() for test in named]
                chosen[file] = [(one, key_of(one, text, *content)) for one in sample(text, file)]
            # By turns, so that a run which is stopped has tried some of every file.
            turns = [(file, *ones[n]) for n in range(SAMPLE) for file, ones in chosen.items() if n < len(ones)]
            for number, (file, mutant, key) in enumerate(turns, start=1):
                answer = journal.get(key)
                if answer is None and time.monotonic() > end:
                    left += 1
                    continue
                if answer is None:
                    answer = try_out(mutant, file, course, tests)
                    journal.put(key, answer)
                    say(f"{number} of {len(turns)}: {file}, line {mutant.line}: {'noticed' if answer else 'SURVIVES'}")
                if answer:
                    noticed[file] += 1
                else:
                    survivors[file].append(mutant)
    return _result(every, noticed, survivors, left)


def _result(every, noticed, survivors, left):
    rows, shortfalls = [], []
    for file, possible in every.items():
        tried = noticed[file] + len(survivors[file])
        share = f"{noticed[file] / tried:.0%}" if tried else ""
        rows.append([file, possible, tried, noticed[file], share])
        shortfalls += [
            f"{file}, line {one.line}: `{_line(one.before)}` may become `{_line(one.after)}`."
            for one in survivors[file]
        ]
    tried = sum(row[2] for row in rows)
    caught = sum(noticed.values())
    if left:
        shortfalls.append(f"{left} more mutants of the sample were not tried: time ran out.")
    summary = (
        f"Of {sum(every.values())} possible small changes of {len(every)} files a sample of {tried} was tried (seed {SEED}, at "
        f"most {SAMPLE} a file); the tests of the file alone noticed {caught}, {caught / max(tried, 1):.1%}."
    )
    title = "Checks that catch: mutants of the maths"
    return Result(
        title,
        summary,
        ["file", "possible", "tried", "noticed", "share"],
        rows,
        tried > 0 and caught >= BAR * tried,
        shortfalls,
    )


def _line(text):
    return " ".join(text.split())[:80]
