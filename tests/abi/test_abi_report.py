# SPDX-License-Identifier: Apache-2.0
"""Shows that today's headers only append to every recorded ABI (abidiff's report, constants), and
that the reading of the report tells a break from an append: each kind of break is made in a copy of
the headers and has to be found, each legal growth has to pass."""
import os
import re
import shutil
import sys
import tempfile
import unittest

from abi_rig import CURRENT, RECORDED, breaks, constants, dump, growing, report, structs, text_of

for program in ("abidw", "abidiff"):
    if not shutil.which(program):
        print(f"skipped: {program} is not installed; see scripts/deps")
        sys.exit(77)

# What is done to a copy, as (file, what stands there, what is put there).
BREAKS = {
    "a field's type": (
        "strategy.h",
        "    int64_t timeframe_ns; /* of the bars",
        "    double timeframe_ns; /* of the bars"),
    "a field's size": (
        "market.h",
        "    uint32_t numerator, denominator;\n"
        "    uint32_t reserved;",
        "    uint32_t numerator;\n"
        "    uint64_t denominator;"),
    "a field removed": (
        "orders.h",
        "    turret_money fee; /* in the instrument's currency; negative is a rebate */\n",
        ""),
    "members reordered": (
        "market.h",
        "    turret_price open, high, low, close;",
        "    turret_price open, low, high, close;"),
    "a member put in the middle": (
        "strategy.h",
        "    turret_money cash;\n",
        "    int64_t more;\n"
        "    turret_money cash;\n"),
    "an array's length": (
        "orders.h",
        "char reason[56]",
        "char reason[64]"),
    "a fixed struct appended to": (
        "market.h",
        "    turret_price open, high, low, close;\n"
        "    turret_qty volume;",
        "    turret_price open, high, low, close;\n"
        "    turret_qty volume, more;"),
    "a struct within another appended to": (
        "broker.h",
        "    turret_qty corrected_qty;\n"
        "    turret_price corrected_price;",
        "    turret_qty corrected_qty;\n"
        "    turret_price corrected_price;\n"
        "    char more[100];"),
    "a callback's parameter": (
        "strategy.h",
        "void (*on_fill)(struct turret_strategy *self, const struct turret_fill *fill);",
        "void (*on_fill)(struct turret_strategy *self, const struct turret_fill *fill, int32_t "
        "n);"),
    "a callback's answer": (
        "strategy.h",
        "    void (*on_fill)(",
        "    int32_t (*on_fill)("),
    "a callback removed": (
        "strategy.h",
        "    void (*on_level)(struct turret_strategy *self, const struct turret_level *level);\n",
        ""),
    "a struct removed": (
        "core.h",
        "struct turret_elf_note {",
        "struct elf_note {"),
    "a scalar's sign": (
        "core.h",
        "typedef uint32_t turret_instrument;",
        "typedef int32_t turret_instrument;"),
}
APPENDS = {
    "a strategy's table": (
        "strategy.h",
        "const struct turret_account *account, struct turret_error *err);\n"
        "};",
        "const struct turret_account *account, struct turret_error *err);\n"
        "    void (*on_more)(struct turret_strategy *self);\n"
        "};"),
    "the host's table": (
        "strategy.h",
        "const char *name_and_revision);\n"
        "};",
        "const char *name_and_revision);\n"
        "    int32_t (*more)(struct turret_strategy *self, int64_t n);\n"
        "};"),
    "what a broker can": (
        "broker.h",
        "    int64_t fee_min_nano, fee_per_unit_nano, fee_rate_nano;\n",
        "    int64_t fee_min_nano, fee_per_unit_nano, fee_rate_nano;\n"
        "    uint64_t more[4];\n"),
    "an order": (
        "orders.h",
        "    turret_price take_profit, stop_loss, stop_trail;\n",
        "    turret_price take_profit, stop_loss, stop_trail;\n"
        "    char note[24];\n"),
    "a new struct": (
        "orders.h",
        "/* One execution, applied",
        "struct turret_more {\n"
        "    int64_t n;\n"
        "};\n"
        "/* One execution, applied"),
    "nothing": (
        "core.h",
        "/* Records a failure",
        "/* Notes a failure"),
}


def recorded():
    return sorted(os.listdir(RECORDED))


class Changed(unittest.TestCase):
    """A copy of the headers with one thing changed in it, its own asserts silenced."""

    @classmethod
    def setUpClass(cls):
        cls.before = dump(CURRENT)
        cls.may_grow = growing(CURRENT)

    def changed(self, name, old, new):
        folder = tempfile.mkdtemp(prefix="turret-abi-")
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(os.path.join(CURRENT, "turret"), os.path.join(folder, "turret"))
        for file_name, was, is_now in (("core.h", "_Static_assert(cond, text)",
                                        "_Static_assert(1, text)"), (name, old, new)):
            path = os.path.join(folder, "turret", file_name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertEqual(text.count(was), 1, f"{file_name}: {was}")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(was, is_now))
        return folder

    def test_every_break_is_found(self):
        for what, change in BREAKS.items():
            with self.subTest(what):
                said = report(self.before, dump(self.changed(*change)))
                self.assertNotEqual(breaks(said, self.may_grow), [], said)

    def test_appends_pass(self):
        for what, change in APPENDS.items():
            with self.subTest(what):
                said = report(self.before, dump(self.changed(*change)))
                self.assertEqual(breaks(said, self.may_grow), [], said)

    def test_a_constant_is_noticed(self):
        folder = self.changed("orders.h", "TURRET_STATE_FILLED    9", "TURRET_STATE_FILLED    19")
        now, before = constants(folder), constants(CURRENT)
        self.assertEqual({name for name in before if now.get(name) != before[name]},
                         {"TURRET_STATE_FILLED"})

    def test_every_size_is_asserted(self):
        text = text_of(CURRENT)
        for name in structs(CURRENT):
            self.assertRegex(text, rf"TURRET_STATIC_ASSERT\(sizeof\(struct {name}\) == \d+,")

    def test_everything_is_in_the_dump(self):
        self.assertGreater(len(structs(CURRENT)), 40)
        for name in structs(CURRENT):
            self.assertRegex(self.before, rf"<class-decl name='{name}' size-in-bits='[1-9]")
        for name in ("turret_strategy_type", "turret_broker_host", "turret_order"):
            self.assertIn(name, self.may_grow)
        for name in ("turret_bar", "turret_param", "turret_error", "turret_report_ack"):
            self.assertNotIn(name, self.may_grow)


class Recorded(unittest.TestCase):
    def test_there_is_a_record(self):
        self.assertIn("0.1", recorded())
        for version in recorded():
            size = os.path.getsize(os.path.join(RECORDED, version, "turret.abi"))
            self.assertLess(size, 200_000)

    def test_today_only_appends(self):
        today = dump(CURRENT)
        for version in recorded():
            with open(os.path.join(RECORDED, version, "turret.abi"), encoding="utf-8") as file:
                said = report(file.read(), today)
            with self.subTest(version):
                self.assertEqual(breaks(said, growing(os.path.join(RECORDED, version))), [], said)

    def test_the_abixml_is_that_of_the_headers(self):
        for version in recorded():
            place = os.path.join(RECORDED, version)
            with open(os.path.join(place, "turret.abi"), encoding="utf-8") as file:
                said = report(file.read(), dump(place))
            self.assertNotIn("changed:", said)
            self.assertEqual(breaks(said, set()), [], said)

    def test_constants_stay(self):
        today = constants(CURRENT)
        self.assertGreater(len(today), 100)
        for version in recorded():
            was = constants(os.path.join(RECORDED, version))
            for name in sorted(set(was) - {"TURRET_ABI_MINOR"}):
                with self.subTest(version=version, name=name):
                    self.assertEqual(today.get(name), was[name])

    def test_no_path_of_a_machine(self):
        for version in recorded():
            with open(os.path.join(RECORDED, version, "turret.abi"), encoding="utf-8") as file:
                self.assertIsNone(re.search(r"='/(?!usr/)", file.read()))


if __name__ == "__main__":
    unittest.main()
