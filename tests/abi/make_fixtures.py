# SPDX-License-Identifier: Apache-2.0
"""Cuts and patches a good plugin into the malformed ones of fixtures.tsv that no compiler makes.

usage: make_fixtures.py BASE.so FOLDER

Every file is written anew on each run. A change is one fault: all else in the file stays good.
"""

import os
import shutil
import struct
import sys

# Offsets in struct turret_elf_note (plugin-api/include/turret/core.h).
NOTE_DESC_SIZE, NOTE_NAME = 4, 12
NOTE_STRUCT_SIZE, NOTE_MAJOR, NOTE_MINOR = 20, 24, 26
NOTE_FINGERPRINT, NOTE_ID, NOTE_NEEDS, NOTE_END = 32, 56, 128, 224
ID_SIZE = 48
FINGERPRINT = ("pointer_size", "int64_align", "double_align", "little_endian", "bar_size",
               "trade_size", "quote_size", "level_size", "slot_size", "param_size", "field_size",
               "error_size")
PT_LOAD, PT_NOTE = 1, 4
EM_X86_64, EM_AARCH64 = 62, 183


class Elf:
    """Where the parts of a 64-bit little-endian ELF file lie."""

    def __init__(self, data):
        self.data = data
        self.phoff, self.shoff = struct.unpack_from("<QQ", data, 32)
        phsize, self.phnum, shsize, self.shnum, names = struct.unpack_from("<HHHHH", data, 54)
        self.segments = [self.phoff + i * phsize for i in range(self.phnum)]
        self.sections = [self.shoff + i * shsize for i in range(self.shnum)]
        self.names = self.u64(self.sections[names] + 24)
        if self.shoff + self.shnum * shsize != len(data):
            raise SystemExit("the section headers do not end the file")

    def u32(self, offset):
        return struct.unpack_from("<I", self.data, offset)[0]

    def u64(self, offset):
        return struct.unpack_from("<Q", self.data, offset)[0]

    def section(self, name):
        """Offset of the header of the section with this name."""
        for header in self.sections:
            start = self.names + self.u32(header)
            if self.data[start:self.data.index(b"\0", start)] == name:
                return header
        raise SystemExit(f"no section {name.decode()}")

    def segment(self, kind, holds):
        """Offset of the program header of this kind whose bytes include file offset `holds`."""
        for header in self.segments:
            start, size = self.u64(header + 8), self.u64(header + 32)
            if self.u32(header) == kind and start <= holds < start + size:
                return header
        raise SystemExit(f"no segment of type {kind}")


class Fixtures:
    def __init__(self, base, folder):
        self.base, self.folder = base, folder

    def path(self, name):
        """The path of a fixture, with whatever was there taken away."""
        path = os.path.join(self.folder, name + ".so")
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
        return path

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def patch(self, name, *changes):
        """Writes the base with (format, offset, value…) packed over it."""
        data = bytearray(self.base)
        for form, offset, *values in changes:
            struct.pack_into("<" + form, data, offset, *values)
        if data == self.base:
            raise SystemExit(f"{name}: the patch changes nothing")
        self.write(name, data)


def special_files(out):
    out.write("empty", b"")
    out.write("text", b"This file has the name of a plugin and is a line of text.\n" * 4)
    out.path("nothing_here")
    os.mkdir(out.path("directory"))
    os.mkfifo(out.path("fifo"))
    os.symlink("nothing_here.so", out.path("dangling_link"))
    os.chmod(out.write("unreadable", out.base), 0)


def cuts(out, elf, note):
    for name, size in (("cut_in_ident", 10), ("cut_in_header", 40),
                       ("cut_in_program_headers", elf.phoff + 66), ("cut_in_note", note + 60),
                       ("cut_in_half", len(out.base) // 2),
                       ("cut_before_section_headers", elf.shoff),
                       ("cut_last_byte", len(out.base) - 1)):
        out.write(name, out.base[:size])


def elf_headers(out, elf):
    machine = struct.unpack_from("<H", out.base, 18)[0]
    first_load = next(h for h in elf.segments if elf.u32(h) == PT_LOAD)
    out.patch("elf_class_32", ("B", 4, 1))
    out.patch("elf_big_endian", ("B", 5, 2))
    out.patch("elf_relocatable", ("H", 16, 1))
    out.patch("elf_wrong_machine", ("H", 18, EM_AARCH64 if machine == EM_X86_64 else EM_X86_64))
    # Offset plus size leaves 64 bits: a host that adds first believes it lies inside the file.
    out.patch("elf_segment_offset_huge", ("Q", first_load + 8, 2**64 - 256))


def notes(out, elf, section, note):
    segment = elf.segment(PT_NOTE, note)
    start = elf.u64(segment + 8)
    if start + elf.u64(segment + 32) != note + NOTE_END:
        raise SystemExit("the Turret note does not end its segment")
    cut = note + 100 - start
    out.patch("note_truncated", ("Q", section + 32, 100), ("QQ", segment + 32, cut, cut))
    out.patch("note_size_huge", ("I", note + NOTE_DESC_SIZE, 0xFFFFFFF0))
    out.patch("note_other_name", ("8s", note + NOTE_NAME, b"Turbot"))
    out.patch("note_short_struct", ("I", note + NOTE_STRUCT_SIZE, 100))
    out.patch("note_id_unterminated", (f"{ID_SIZE}s", note + NOTE_ID, b"a" * ID_SIZE))
    out.patch("note_id_bad_characters", ("8s", note + NOTE_ID, b"../../x "))
    out.patch("note_wrong_major", ("HH", note + NOTE_MAJOR, 7, 1))
    out.patch("note_newer_minor", ("H", note + NOTE_MINOR, 9))
    out.patch("note_needs_unknown_extension", ("16s", note + NOTE_NEEDS, b"turret.future/9"))
    for index, field in enumerate(FINGERPRINT):
        offset = note + NOTE_FINGERPRINT + 2 * index
        value = struct.unpack_from("<H", out.base, offset)[0]
        out.patch("fingerprint_" + field, ("H", offset, value ^ 1))


def main(base, folder):
    with open(base, "rb") as file:
        data = file.read()
    os.makedirs(folder, exist_ok=True)
    elf = Elf(data)
    section = elf.section(b".note.turret")
    note = elf.u64(section + 24)
    out = Fixtures(data, folder)
    special_files(out)
    cuts(out, elf, note)
    elf_headers(out, elf)
    notes(out, elf, section, note)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
