# SPDX-License-Identifier: Apache-2.0
"""The plugin ABI as data, and what has changed between two of it.

A stub that exports a pointer to every public struct is compiled with debug information and written
down by libabigail's abidw; abidiff compares. Its exit code does not tell a legal append from a
break, so its report is read: whatever is not known to be harmless counts as a break."""
import os
import re
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("TURRET_SOURCE", os.path.join(HERE, "..", ".."))
CURRENT = os.path.join(SOURCE, "plugin-api", "include")
RECORDED = os.path.join(HERE, "recorded")
# Only these may grow: structs that tell their size, apart from those that are part of another.
GROWING = re.compile(r"\buint32_t struct_size;")
FIXED = {"turret_note", "turret_report"}


def headers(include):
    folder = os.path.join(include, "turret")
    return sorted(name for name in os.listdir(folder) if name.endswith(".h"))


def text_of(include):
    texts = []
    for name in headers(include):
        with open(os.path.join(include, "turret", name), encoding="utf-8") as file:
            texts.append(file.read())
    return "\n".join(texts)


def structs(include):
    """Name to body of every public struct."""
    return dict(re.findall(r"^struct (turret_\w+) \{\n(.*?)^\};", text_of(include), re.M | re.S))


def growing(include):
    return {name for name, body in structs(include).items() if GROWING.search(body)} - FIXED


def includes(include):
    return "".join(f"#include <turret/{name}>\n" for name in headers(include))


def dump(include):
    """The ABI of these headers as abixml, without a path of this machine in it."""
    stub = includes(include) + "".join(
        f'extern struct {name} *abi_{name};\nstruct {name} *abi_{name};\n'
        for name in sorted(structs(include)))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stub.so")
        subprocess.run(["gcc", "-std=c11", "-g", "-shared", "-fPIC", "-I", include, "-x", "c", "-",
                        "-o", path], input=stub, text=True, check=True, cwd=folder)
        return subprocess.run(["abidw", "--no-corpus-path", "--no-comp-dir-path",
                               "--no-show-locs", "--no-elf-needed", "stub.so"], cwd=folder,
                              capture_output=True, text=True, check=True).stdout


def report(old, new):
    """What abidiff says of two abixml texts, each changed type once."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("old.abi", old), ("new.abi", new)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run(["abidiff", "--leaf-changes-only", "--no-show-locs", "--harmless",
                               "old.abi", "new.abi"], cwd=folder, capture_output=True, text=True,
                              check=False)
    if done.returncode & 3:  # 1: it failed, 2: it was called wrongly; 4 and 8: there are changes
        raise AssertionError(f"abidiff: {done.stdout}{done.stderr}")
    return done.stdout


def breaks(text, may_grow):
    """The lines of a report that are not harmless, each with the type it belongs to."""
    found, struct, old_size = [], "", 0
    for line in text.splitlines():
        said = line.strip()
        head = re.fullmatch(r"'struct (\w+)' changed:", said)
        size = re.fullmatch(r"type size changed from (\d+) to (\d+) \(in bits\)", said)
        member = re.fullmatch(r"'.+', at offset (\d+) \(in bits\)", said)
        symbols = re.fullmatch(r"Removed/Changed/Added (?:functions|variables) summary: "
                               r"(\d+) Removed, (\d+) Changed, \d+ Added \w+", said)
        if head:
            struct, old_size = head[1], 0
        elif size and struct in may_grow and int(size[2]) > int(size[1]):
            old_size = int(size[1])
        elif member and old_size and int(member[1]) >= old_size:
            pass
        elif symbols and symbols[1] == symbols[2] == "0":
            pass
        elif not said or re.fullmatch(
                r"type size hasn't changed|\d+ data member insertions?:|Leaf changes summary: .*|"
                r"Changed leaf types summary: .*|\d+ Added variables?:|"
                r"\[A\] 'turret_\w+\* abi_\w+'( *\{\w+\})?", said):
            pass
        else:
            found.append(f"{struct}: {said}")
    return found


def constants(include):
    """Name to value of every public macro that is a whole number."""
    defined = subprocess.run(["gcc", "-std=c11", "-dM", "-E", "-I", include, "-x", "c", "-"],
                             input=includes(include), capture_output=True, text=True,
                             check=True).stdout
    names = re.findall(r"^#define (TURRET_\w+) +[^\s\"].*$", defined, re.M)
    asked = includes(include) + "".join(f"at_{name} = (long long)({name})\n" for name in names)
    values = subprocess.run(["gcc", "-std=c11", "-E", "-P", "-I", include, "-x", "c", "-"],
                            input=asked, capture_output=True, text=True, check=True).stdout
    found = {}
    for name, value in re.findall(r"^at_(TURRET_\w+) = \(long long\)\((.*)\)$", values, re.M):
        number = re.sub(r"(?<=\d)[uUlL]+\b", "", value)
        if re.fullmatch(r"[-()0-9xa-fA-F<|+ ]+", number):
            found[name] = eval(number)  # pylint: disable=eval-used
    return found
