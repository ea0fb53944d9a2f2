# SPDX-License-Identifier: Apache-2.0
"""All mutants of a C file in one: every function becomes a choice between its copies.

For each function there are the original, named f__original, a copy with one mistake for each
mutant, f__<id>, and f itself, which calls the one that TURRET_MUTANT names.
"""
import re

CHOICE = """
#include <stdlib.h>
static unsigned long long mutant_chosen;
__attribute__((constructor)) static void mutant_choose(void)
{
    const char *id = getenv("TURRET_MUTANT");
    mutant_chosen = id ? strtoull(id, NULL, 16) : 0;
}
"""
# By the layout rules a function begins in the first column, and so do its braces.
FUNCTION = re.compile(r"^(?P<head>[a-z][^;{}#/]*?\b(?P<name>\w+)\((?P<parameters>[^;{}]*)\))\n"
                      r"(?P<body>\{\n.*?\n\})\n", re.M | re.S)


def names_of(parameters):
    """The names among parameters, as they are passed on."""
    names = []
    for parameter in parameters.split(","):
        names += re.findall(r"(\w+)(?:\[\w*\])?\s*$", parameter.strip())
    return [] if names == ["void"] else names


def copy_of(match, name, body, line, file):
    head = re.sub(rf"\b{match['name']}\(", f"{name}(", match["head"], count=1)
    if not head.startswith("static"):
        head = "static " + head
    return f'#line {line} "{file}"\n{head}\n{body}\n'


def all_in_one(file, text, mutants):
    """The source that holds these mutants; they are told apart by the file names of #line."""
    parts, at = [f'{CHOICE}#line 1 "{file}"\n'], 0
    for match in FUNCTION.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        parts.append(text[at:match.start()])
        own = [m for m in mutants if match.start("body") <= m.start < match.end("body")]
        name, arguments = match["name"], ", ".join(names_of(match["parameters"]))
        parts.append(match["head"] + ";\n")
        parts.append(copy_of(match, name + "__original", match["body"], line, file))
        cases = ""
        for mutant in own:
            start, end = mutant.start - match.start("body"), mutant.end - match.start("body")
            body = match["body"][:start] + mutant.after + match["body"][end:]
            parts.append(copy_of(match, f"{name}__{mutant.id}", body, line, mutant.id))
            cases += f"    case 0x{mutant.id}ULL: return {name}__{mutant.id}({arguments});\n"
        parts.append(f'#line {line} "{file}"\n{match["head"]}\n{{ switch (mutant_chosen) {{\n{cases}'
                     f"    default: return {name}__original({arguments}); }} }}\n")
        at = match.end()
        parts.append(f'#line {text.count(chr(10), 0, at) + 1} "{file}"\n')
    return "".join(parts) + text[at:]


def culprits(errors):
    """Ids of the mutants that the compiler complains about."""
    return set(re.findall(r"^([0-9a-f]{16}):\d+:\d+: error", errors, re.M))


def same(listing, mutants):
    """Ids of those whose instructions are the original's, by what objdump -dr says."""
    bodies = {}
    for name, body in re.findall(r"^[0-9a-f]+ <(\w+)>:\n(.*?)(?:\n\n|\Z)", listing, re.M | re.S):
        body = re.sub(r"^\s*[0-9a-f]+:", "", body, flags=re.M)
        bodies[name] = re.sub(r"__(?:[0-9a-f]{16}|original)\b", "", body)
    return {mutant.id for mutant in mutants
            if bodies.get(f"{mutant.function}__{mutant.id}", "-") ==
            bodies.get(mutant.function + "__original")}
