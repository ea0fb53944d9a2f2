# SPDX-License-Identifier: Apache-2.0
"""What became of the mutants: in one line each, as a table, as docs/mutation.md."""
import os
import re

import scope

PAGE = os.path.join(scope.ROOT, "docs", "mutation.md")
EQUIVALENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "equivalents.txt")
COLUMNS = ("mutants", "killed", "timeout", "survived", "equivalent") # mutants: that were tried

HEAD = """# Mutation score of orders, risk and ledger

Written by `scripts/mutate --report` after `scripts/campaign mutate`; do not edit. Each mutant is one
small mistake in the source: a comparison, an operator, a constant, a condition, a statement, a
returned value. It is killed when a unit test fails (or runs out of CPU time: "timeout", part of
the killed ones). Those that the compiler turns into the same instructions are left out. Survivors
that behave alike are explained below. The score is killed over tried less those that behave alike.

| file | mutants | tried | killed | of it timeout | survived | of it alike | killed of tried | score |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""
SAMPLED = """
Where fewer were tried than there are, they were drawn by chance: `scripts/mutate --sample`.
"""


def line_of(mutant):
    return (f"{os.path.basename(mutant.file)}:{mutant.function or '-'}: {mutant.operator}: "
            f"{mutant.before} => {' '.join(mutant.after.split()) or '(nothing)'}")


def equivalents():
    """Pairs (pattern, reason): a line "= reason" is followed by its patterns."""
    pairs, reason = [], ""
    if os.path.exists(EQUIVALENTS):
        with open(EQUIVALENTS, encoding="utf-8") as file:
            for line in file.read().splitlines():
                if line.startswith("= "):
                    reason = line[2:]
                elif line and not line.startswith("#"):
                    pairs.append((line, reason))
    return pairs


def reason_of(mutant, pairs):
    """Why it behaves alike; None when nobody said so. A pattern is a line of line_of(), `*~` stands
    for anything in it, and after " @ " may follow what its line in the source has to hold."""
    line = line_of(mutant)
    source = scope.read(mutant.file).split("\n")[mutant.line - 1].strip()
    for pattern, reason in pairs:
        what, _, where = pattern.partition(" @ ")
        expression = ".*".join(re.escape(part) for part in what.split("*~"))
        if re.fullmatch(expression, line) and (not where or where in source):
            return reason
    return None


def count(mutants, verdicts, pairs):
    row = dict.fromkeys(COLUMNS, 0)
    for mutant in mutants:
        verdict = verdicts.get(mutant.id)
        if verdict in (None, "invalid", "same"):
            continue
        row["mutants"] += 1
        row["killed"] += verdict in ("killed", "timeout")
        row["timeout"] += verdict == "timeout"
        row["survived"] += verdict == "survived"
        row["equivalent"] += verdict == "survived" and reason_of(mutant, pairs) is not None
    return row


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def score(row):
    return share(row["killed"], row["mutants"] - row["equivalent"])


def tell(mutants, verdicts):
    pairs = equivalents()
    row = count(mutants, verdicts, pairs)
    for mutant in mutants:
        if verdicts.get(mutant.id) == "survived" and reason_of(mutant, pairs) is None:
            print(f"survived {mutant.file}:{mutant.line}: {line_of(mutant)}")
    print(", ".join(f"{row[name]} {name}" for name in COLUMNS) + f": score {score(row)}")
    return 1 if row["survived"] > row["equivalent"] else 0


def write(mutants, verdicts):
    untried = [path for path in scope.FILES
               if not any(m.file == path and m.id in verdicts for m in mutants)]
    if untried:
        print(f"scripts/mutate: no mutant of {', '.join(untried)} was tried: run "
              "scripts/campaign mutate --resume first")
        return 2
    pairs = equivalents()
    text = HEAD
    for path in scope.FILES:
        text += table_row(f"`{path}`", [m for m in mutants if m.file == path], verdicts, pairs)
    text += table_row("all", mutants, verdicts, pairs)
    if any(mutant.id not in verdicts for mutant in mutants):
        text += SAMPLED
    by_reason = {}
    for mutant in mutants:
        if verdicts.get(mutant.id) == "survived":
            by_reason.setdefault(reason_of(mutant, pairs), []).append(mutant)
    text += "\n## Survivors that behave alike\n"
    for reason, of_it in by_reason.items():
        if reason is not None:
            text += f"\n{reason}\n\n" + "".join(f"- `{line_of(m)}`\n" for m in of_it)
    text += "\n## Survivors that a test should kill\n\n"
    rest = by_reason.get(None, [])
    text += "".join(f"- `{line_of(m)}`\n" for m in rest) if rest else "None.\n"
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


def table_row(name, mutants, verdicts, pairs):
    row = count(mutants, verdicts, pairs)
    there = sum(1 for m in mutants if verdicts.get(m.id) not in ("invalid", "same"))
    cells = " | ".join(str(row[column]) for column in COLUMNS)
    return (f"| {name} | {there} | {cells} | {share(row['killed'], row['mutants'])} | "
            f"{score(row)} |\n")
