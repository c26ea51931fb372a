"""The checks under the exercises: each says what was shown, or which misconception the answer shows.

How to add an exercise:
1. In notebooks/source/solutions/NN-name.py write the task as prose; a cell tagged `stub` with the function's first line, its
   docstring and `return ...`; a cell tagged `solution` with the function written; and a cell that only calls the check.
   Prose tagged `solution` is for the solutions notebook only. Three or four exercises a notebook, easy to open-ended.
2. In helpers/checks/chapter_NN.py write `check_name = Exercise(...)`, see helpers/checks/check.py for each field. `expected`
   has the stub's argument names and is computed by the course's helpers or in another way than the solution.
3. Add three or more `Mistake`s. Each computes its wrong answer with `answer`, and its hint says what is wrong, not the cure.
   Order them: of two that give the same numbers, the first is told. `example` holds the smallest inputs where it shows.
4. In tests/exercises/chapter_NN.py plant wrong answers: (name, function source, expected key), each mistake at least once.
5. `make notebooks` builds exercises and solutions; then run `pytest tests/exercises`.
"""
