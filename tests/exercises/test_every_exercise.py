"""Every exercise both ways: stubs, solutions, planted wrong answers, and what no check foresaw."""

import re
from dataclasses import replace

import pytest
from planted import chapters

from helpers.authoring.pairs import CHAPTERS as CHAPTERS_KIND
from helpers.authoring.pairs import EXERCISES, SOLUTION, STUB, find_pairs, has_tag, read_notebook

CHAPTERS = chapters()
CHECKS = [pytest.param(c, name, id=f"{c.number}-{name}") for c in CHAPTERS for name in c.checks]
PLANTED = [
    pytest.param(c, name, source, key, id=f"{c.number}-{name}-{what}")
    for c in CHAPTERS
    for name in c.checks
    for what, source, key in c.planted[name]
]
MISTAKES = [
    pytest.param(c.checks[n], m, id=f"{c.number}-{n}-{m.key}")
    for c in CHAPTERS
    for n in c.checks
    for m in c.checks[n].mistakes
]
ENGINE_KEYS = {"type", "shape", "nan", "values", "raises", "endless", "nothing returned", "arguments", "changes input"}


def solution_lines(chapter):
    """Return the lines of the solutions that do something: no heads of functions, no docstrings, no comments."""
    sources = "\n".join(cell.source for cell in chapter.cells if has_tag(cell, SOLUTION))
    code = [line.split("#")[0].strip() for line in sources.splitlines()]
    plain = ('"""', "def ", "for ", "print", "import ", "from ")
    return [line for line in code if len(line) > 12 and re.search(r"[@(*/\[=]", line) and not line.startswith(plain)]


def says_the_solution(text, chapter):
    flat = re.sub(r"\s+", " ", text)
    return [line for line in solution_lines(chapter) if line.removeprefix("return ") in flat]


@pytest.mark.parametrize("chapter, name", CHECKS)
def test_a_stub_is_told_what_to_write(chapter, name):
    exercise = chapter.checks[name]
    verdict = exercise.verdict(chapter.space(without=(SOLUTION,))[exercise.name])
    assert verdict.kind == "not started"
    assert verdict.text.startswith("Not started: write " + exercise.call)


@pytest.mark.parametrize("chapter, name", CHECKS)
def test_a_solution_passes(chapter, name):
    exercise = chapter.checks[name]
    verdict = exercise.verdict(chapter.space(without=(STUB,))[exercise.name])
    assert verdict.kind == "right", verdict.text
    assert verdict.text.startswith("Right: ") and "\nTry: " in verdict.text


@pytest.mark.parametrize("chapter, name, source, key", PLANTED)
def test_a_planted_wrong_answer_gets_its_own_hint(chapter, name, source, key):
    exercise = chapter.checks[name]
    if key == "endless":
        exercise = replace(exercise, seconds=0.5)  # it takes all the time that it is given
    verdict = exercise.verdict(chapter.function(name, source))
    assert (verdict.kind, verdict.key) == ("wrong", key), verdict.text
    mistakes = {mistake.key: mistake for mistake in exercise.mistakes}
    if key in mistakes:
        flat = re.sub(r"\s+", " ", verdict.text)
        assert flat.startswith("Wrong: " + mistakes[key].says + " The smallest example: ")
        assert re.search(r"\n  that way\b", verdict.text) and re.search(r"\n  expected\b", verdict.text)
    assert not says_the_solution(verdict.text, chapter)


@pytest.mark.parametrize("exercise, mistake", MISTAKES)
def test_no_hint_hides_another_and_each_example_shows_its_mistake(exercise, mistake):
    assert exercise.verdict(mistake.answer).key == mistake.key
    wrong, right = (exercise._quietly(f, mistake.example) for f in (mistake.answer, exercise.expected))
    assert not exercise._same(wrong, right)


@pytest.mark.parametrize("chapter, name", CHECKS)
def test_an_exercise_is_complete(chapter, name):
    exercise, planted = chapter.checks[name], chapter.planted[name]
    keys = [mistake.key for mistake in exercise.mistakes]
    used = {key for _, _, key in planted}
    assert len(keys) == len(set(keys)) >= 3 and len({what for what, _, _ in planted}) == len(planted)
    assert not set(keys) & ENGINE_KEYS
    assert set(keys) <= used <= set(keys) | ENGINE_KEYS, "each hint has a planted answer"
    assert len(used & set(keys)) >= 3
    assert used & {"type", "shape", "values", "nan"}, "and one answer is wrong in a way that nobody foresaw"
    for text in (exercise.task, exercise.right, exercise.try_this, *(mistake.says for mistake in exercise.mistakes)):
        assert text.strip() == text and text.endswith((".", "?", ".)")) and not says_the_solution(text, chapter)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_each_check_is_called_once_and_has_planted_answers(chapter):
    calls = re.findall(r"^(check_\w+)\((\w+)\)$", "\n".join(cell.source for cell in chapter.cells), re.MULTILINE)
    assert sorted(name for name, _ in calls) == sorted(chapter.checks) == sorted(chapter.planted)
    assert all(chapter.checks[name].name == function for name, function in calls)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_a_stub_begins_its_solution(chapter):
    """The learner's cell and the solution have the same first line, so that the check fits both."""
    heads = [cell.source.splitlines()[0] for cell in chapter.cells if has_tag(cell, STUB)]
    solutions = "\n".join(cell.source for cell in chapter.cells if has_tag(cell, SOLUTION)).splitlines()
    assert len(heads) == len(chapter.checks)
    assert [head for head in heads if head not in solutions] == []


PAIRS = [pair for pair in find_pairs() if pair.kind != CHAPTERS_KIND and pair.notebook.is_file()]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_every_link_leads_to_a_notebook(pair):
    prose = "\n".join(cell.source for cell in read_notebook(pair.notebook).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", prose)
    assert links and [link for link in links if not (pair.notebook.parent / link).is_file()] == []


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.kind == EXERCISES], ids=lambda pair: pair.name)
def test_a_chapter_and_its_exercises_lead_to_each_other(pair):
    chapter = next(one for one in find_pairs() if one.name == pair.source.stem)
    assert f"](exercises/{pair.source.stem}.ipynb)" in chapter.read().cells[-1].source
    assert f"](../{pair.source.stem}.ipynb)" in pair.read().cells[0].source


@pytest.mark.parametrize("pair", [p for p in find_pairs() if p.kind == CHAPTERS_KIND][1:], ids=lambda pair: pair.name)
def test_a_chapter_asks_before_it_shows(pair):
    """Three or more questions a chapter (00 only explains them), each with its answer folded."""
    prose = "\n".join(cell.source for cell in pair.read().cells if cell.cell_type == "markdown")
    assert len(re.findall(r"<details><summary><b>Predict[^<]*</b>.*?</summary>\n\n.+?\n</details>", prose, re.S)) >= 3
