"""Write tests/PROOF.md from the kept results of all parts."""

from helpers.proof.result import read

HEAD = """# The proof

What the course promises, and what happened when it was tried. `make proof` repeats all of it and writes this page;
`make proof ARGS="counts supply"` repeats only these parts. The figures are kept in `tests/proof/PART.json`; what was
tried by hand is told in `tests/proof/PART.md` and stands at the end of its part.
"""


def report(folder, parts):
    """Return the page, as Markdown, of the kept results in a folder; parts that were never run are named as such."""
    kept = {part: read(folder / f"{part}.json") for part in parts if (folder / f"{part}.json").is_file()}
    overview = [[_link(kept[part]), kept[part].date, _minutes(kept[part]), _word(kept[part])] for part in kept]
    overview += [[part, "", "", "never run"] for part in parts if part not in kept]
    pieces = [HEAD, table(["what was tried", "date", "minutes", "result"], overview)]
    by_hand = {part: folder / f"{part}.md" for part in kept}
    told = {part: path.read_text(encoding="utf-8") for part, path in by_hand.items() if path.is_file()}
    return "\n".join([*pieces, *("\n".join(filter(None, (_section(kept[part]), told.get(part)))) for part in kept)])


def table(headers, rows):
    """Return a Markdown table; a bar or a line break within a cell cannot break it."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def _section(kept):
    result = kept.result
    on = ", ".join(f"{name} {number}" for name, number in kept.versions.items())
    pieces = [f"## {result.title}\n", f"{result.summary}\n", f"{kept.date}, {_minutes(kept)} minutes, {on}.\n"]
    if result.rows:
        pieces.append(table(result.headers, result.rows))
    if result.shortfalls:
        pieces.append("What falls short:\n\n" + "".join(f"- {sentence}\n" for sentence in result.shortfalls))
    return "\n".join(pieces)


def _link(kept):
    # The anchor that GitHub makes of a heading.
    anchor = "".join(
        letter for letter in kept.result.title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_"
    )
    return f"[{kept.result.title}](#{anchor})"


def _word(kept):
    short = len(kept.result.shortfalls)
    return ("holds" if kept.result.passed else "**does not hold**") + (
        f", {short} shortfall{'s' if short > 1 else ''}" if short else ""
    )


def _minutes(kept):
    return f"{kept.minutes:g}"


def _cell(value):
    if isinstance(value, float):
        value = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    elif isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    return " ".join(str(value).split()).replace("|", "\\|")
