# SPDX-License-Identifier: Apache-2.0
"""C source as tokens, with what must not be changed or counted marked."""
import re
from collections import namedtuple

# kind: name number text op; at: offset in the source; line: from 1; function: "" outside of any.
Token = namedtuple("Token", "kind text at line function")

PATTERN = re.compile(r"""
    (?P<skip>   /\*.*?\*/ | //[^\n]* | \\\n | \s+ )
  | (?P<macro>  \#(?: /\*.*?\*/ | \\\n | [^\n] )* )
  | (?P<text>   "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
  | (?P<number> 0[xX][0-9a-fA-F]+[uUlL]* | [0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)? | [0-9]+[uUlL]* )
  | (?P<name>   [A-Za-z_]\w* )
  | (?P<op>     \.\.\. | <<= | >>= | -> | \+\+ | -- | << | >> | [-+*/%&|^<>=!]= | && | \|\|
              | [-+*/%&|^~!<>=?:;,.(){}\[\]] )
""", re.S | re.X)
FUNCTION = re.compile(r"\b(\w+)\([^;{}]*\)\s*$")
ASSERTS = ("assert", "TURRET_STATIC_ASSERT")


def tokens(text):
    """All of them but comments and preprocessor lines."""
    found, at, line, function = [], 0, 1, ""
    while at < len(text):
        match = PATTERN.match(text, at)
        if not match:
            raise ValueError(f"line {line}: {text[at:at + 20]!r} is no C token")
        kind, word = match.lastgroup, match.group()
        if word == "{" and text[at - 1] == "\n": # by the layout rules a function begins like this
            name = FUNCTION.search(text, max(0, at - 500), at)
            function = name.group(1) if name else ""
        if kind not in ("skip", "macro"):
            found.append(Token(kind, word, at, line, function))
        if word == "}" and text[at - 1] == "\n":
            function = ""
        line += word.count("\n")
        at = match.end()
    return found


def closing(found, opening):
    """Index of the bracket that closes the one at this index."""
    depth = 0
    for i in range(opening, len(found)):
        if found[i].text in "([{":
            depth += 1
        elif found[i].text in ")]}":
            depth -= 1
            if depth == 0:
                return i
    raise ValueError(f"line {found[opening].line}: {found[opening].text} is not closed")


def asserts(found):
    """Index pairs (first, last) of the asserts among the tokens."""
    return [(i, closing(found, i + 1)) for i in range(len(found) - 1)
            if found[i].text in ASSERTS and found[i + 1].text == "("]
