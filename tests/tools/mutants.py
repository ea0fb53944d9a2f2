# SPDX-License-Identifier: Apache-2.0
"""All small mistakes that could be made in a C source, one at a time."""
import hashlib
import re
from collections import namedtuple

import c_tokens

# operator: which rule made it; before, after: the changed piece; start, end: where it stands.
Mutant = namedtuple("Mutant", "id file line function operator before after start end")

SWAPPED = {
    "relation": {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
                 "==": ("!=",), "!=": ("==",)},
    "and-or": {"&&": ("||",), "||": ("&&",)},
    "arithmetic": {"+": ("-",), "-": ("+",), "*": ("+",), "/": ("*",), "%": ("*",), "&": ("|",),
                   "|": ("&",), "<<": (">>",), ">>": ("<<",), "+=": ("-=",), "-=": ("+=",),
                   "|=": ("&=",), "&=": ("|=",), "++": ("--",), "--": ("++",)},
    "constant": {"true": ("false",), "false": ("true",)},
}
NEEDS_LEFT = {"+", "-", "*", "&"}  # without an operand on the left they are something else
KEYWORDS = {"return", "case", "else", "sizeof", "do", "goto"}
TYPES = {"struct", "enum", "const", "static", "bool", "char", "int", "double", "size_t", "return",
         "if", "else", "for", "while", "do", "switch", "case", "default", "goto", "extern", "void",
         "typedef", "unsigned"}
ZEROS = {"0", "NULL", "false", "DENY_NONE", "TURRET_OK"}
CONDITION_STARTS = {"=", "(", ",", ";", "{", "[", "?", ":", "+=", "-="}


def is_operand(token):
    return token.kind in ("number", "text") or token.text in (")", "]") or \
        (token.kind == "name" and token.text not in KEYWORDS)


class Source:
    def __init__(self, file, text):
        self.file, self.text = file, text
        self.tokens = c_tokens.tokens(text)
        self.asserted = set()
        for first, last in c_tokens.asserts(self.tokens):
            self.asserted.update(range(first, last + 1))
        self.found = []

    def change(self, operator, first, last, after):
        """Tokens first to last become `after`. Only in functions, and never an assert."""
        function = self.tokens[first].function
        start, end = self.tokens[first].at, self.tokens[last].at + len(self.tokens[last].text)
        before = self.text[start:end]
        if after == before or not function or {first, last} & self.asserted:
            return
        after += "\n" * (before.count("\n") - after.count("\n"))  # what follows stays on its line
        seen = f"{self.file}\0{start}\0{after}\0{self.text}"
        self.found.append(Mutant(hashlib.sha256(seen.encode()).hexdigest()[:16], self.file,
                                 self.tokens[first].line, function, operator,
                                 " ".join(before.split()), after, start, end))

    def between(self, first, last):
        return self.text[self.tokens[first].at:self.tokens[last].at + len(self.tokens[last].text)]

    def operators(self):
        for i, token in enumerate(self.tokens):
            left = i > 0 and is_operand(self.tokens[i - 1])
            for operator, table in SWAPPED.items():
                if token.text in table and (left or token.text not in NEEDS_LEFT):
                    for after in table[token.text]:
                        self.change(operator, i, i, after)
            if token.text == "!" or (token.text == "-" and not left):
                self.change("negation" if token.text == "!" else "arithmetic", i, i, " ")

    def constants(self):
        for i, token in enumerate(self.tokens):
            match = token.kind == "number" and re.fullmatch(r"(0[xX]\w+?|\d+)([uUlL]*)", token.text)
            if match and self.tokens[i - 1].text != "[":
                value = int(match.group(1), 0)
                self.change("constant", i, i, f"{value + 1}{match.group(2)}")
                self.change("constant", i, i, f"({value - 1})" if value == 0
                            else f"{value - 1}{match.group(2)}")

    def conditions(self):
        for i, token in enumerate(self.tokens):
            if token.text in ("if", "while"):
                last = c_tokens.closing(self.tokens, i + 1) - 1
                self.change("condition", i + 2, last, "0")
                if token.text == "if":
                    self.change("condition", i + 2, last, "1")
            elif token.text == "?":
                first = self.condition_start(i)
                self.change("condition", first, i - 1, " 0 ")
                self.change("condition", first, i - 1, " 1 ")

    def condition_start(self, i):
        """Where the condition of the ?: at i begins."""
        depth, at = 0, i - 1
        while True:
            text = self.tokens[at].text
            if depth == 0 and (text in CONDITION_STARTS or text == "return"):
                return at + 1
            depth += (text in (")", "]")) - (text in ("(", "["))
            at -= 1

    def statements(self):
        tokens = self.tokens
        for i, token in enumerate(tokens):
            if token.text == "return" and tokens[i + 1].text != ";":
                last = self.end_of(i) - 1
                value = self.between(i + 1, last)
                self.change("return", i + 1, last, "1" if value in ZEROS else "0")
                if re.search(r"[=!<>]=|&&|\|\||[^-]>|<|!", value) and "?" not in value:
                    self.change("return", i + 1, last, f"!({value})")
            elif self.begins_statement(i) and (token.text not in TYPES or token.text == "break"):
                last = self.end_of(i)
                if not self.is_declaration(i) and not token.text.startswith("DENIAL"):
                    self.change("statement", i, last, ";")

    def begins_statement(self, i):
        if i == 0 or self.tokens[i].text in ("{", "}", ";") or not self.tokens[i].function:
            return False
        before = self.tokens[i - 1]
        if before.text == ")":  # of an if, for or while
            depth, at = 0, i - 1
            while True:
                depth += (self.tokens[at].text == ")") - (self.tokens[at].text == "(")
                if depth == 0:
                    return self.tokens[at - 1].text in ("if", "for", "while")
                at -= 1
        if before.text == "{":  # by the layout rules a block goes on in the next line
            return self.text[before.at + 1] == "\n" and self.tokens[i - 2].text != "="
        if before.text == ":":
            return "case" == self.tokens[i - 3].text or "default" == self.tokens[i - 2].text
        return before.text in ("}", "else") or \
            (before.text == ";" and not self.inside_round(i))

    def inside_round(self, i):
        """Whether it is within the head of a for."""
        depth = 0
        for at in range(i - 1, 0, -1):
            text = self.tokens[at].text
            depth += (text == ")") - (text == "(")
            if depth < 0:
                return True
            if text in ("{", "}"):
                return False
        return False

    def is_declaration(self, i):
        one, two, three = (self.tokens[i + k] for k in range(3))
        if one.kind == "name" and two.kind == "name":
            return True
        return one.kind == "name" and two.text == "*" and three.kind in ("name", "op")

    def end_of(self, i):
        depth = 0
        while self.tokens[i].text != ";" or depth:
            depth += (self.tokens[i].text in "([{") - (self.tokens[i].text in ")]}")
            i += 1
        return i


def of(file, text):
    """In the order of the source; each id once."""
    source = Source(file, text)
    source.operators()
    source.constants()
    source.conditions()
    source.statements()
    once = {mutant.id: mutant for mutant in source.found}
    return sorted(once.values(), key=lambda mutant: (mutant.line, mutant.operator, mutant.id))
