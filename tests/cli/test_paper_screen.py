# SPDX-License-Identifier: Apache-2.0
"""
Shows that turret paper's table on a terminal covers no message: alarms, denials and log lines stand
above it, each once, whole and in order, and the table once below them. A session of two seconds,
so that the table is redrawn meanwhile.
"""
import os
import re
import unittest

from fixtures import build_plugin, strategy_source
from turret_cli import DONE, Case

CONFIG = """\
turret: 1
mode: paper
store: %s
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim: {adapter: sim, cash: {USD: 100000}, params: {market: synthetic, bars: 60, pace_ms: %d}}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  asks: {plugin: test.asks, on: AA.sim@1m, limits: {max_position: 10}}
risk: {preset: development}
"""

# With every tenth bar a word, and an order for more than it may have.
ASKS = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    struct turret_order_request order = {0};
    if (++s->bars % 10 != 0)
        return;
    turret_log(self, TURRET_LOG_WARN, s->bars % 20 ? "one of ten" : "one of twenty");
    order.struct_size = (uint32_t)sizeof order;
    order.instrument = bar->instrument;
    order.side = TURRET_SIDE_BUY;
    order.type = TURRET_ORDER_MARKET;
    order.qty = 10 + s->bars;
    (void)turret_submit(self, &order);
}
"""
PIECE = re.compile("\033\\[(\\??\\d*)([A-Za-z])|([\r\n])|([^\033\r\n]+)")


def shown(text):
    """Lines on a terminal and in its scrollback after `text`."""
    lines, row, column = [""], 0, 0
    end = 0
    for piece in PIECE.finditer(text):
        assert piece.start() == end, text[end:end + 20]  # nothing is left out
        end = piece.end()
        number, sequence, control, words = piece.groups()
        if words:
            lines[row] = lines[row][:column].ljust(column) + words + lines[row][column + len(words):]
            column += len(words)
        elif control:
            row, column = row + (control == "\n"), 0
            lines += [""] * (row == len(lines))
        elif sequence == "A":
            row -= int(number)
        elif sequence in "KJ":
            lines[row] = lines[row][:column]
            del lines[row + 1 if sequence == "J" else len(lines):]
        else:
            assert (number, sequence) in (("?7", "l"), ("?7", "h")) or sequence == "m", piece[0]
    return lines


class Screen(Case):
    def test_messages_stay(self):
        os.makedirs(self.path("plugins"))
        build_plugin(self.path("plugins/asks.so"), strategy_source(
            "asks", ASKS, state="turret_instrument instrument; int64_t bars;"))
        quiet = self.run_turret("run", self.write("fast.yaml", CONFIG % ("fast", 0)))
        self.assertEqual(quiet.returncode, DONE, quiet.stderr)
        told = [line for line in quiet.stderr.splitlines() if "pid" not in line]
        kinds = [line.split(": ")[1] for line in told[:-1]]
        self.assertEqual((kinds.count("denied"), kinds.count("log")), (3, 6), told)
        text, code = self.on_terminal("paper", self.write("c.yaml", CONFIG % ("slow", 35)))
        self.assertEqual(code, DONE, text)
        self.assertGreaterEqual(text.count("paper, trading ACTIVE"), 3)  # at the start, then redrawn
        lines = shown(text)
        table = [line for line in lines if line.startswith("paper, trading ACTIVE")]
        self.assertEqual(len(table), 1, lines)
        at = lines.index(table[0])
        above = [line for line in lines[:at] if "pid" not in line]
        self.assertEqual(above + lines[-2:-1], told)
        self.assertTrue(lines[-3].startswith("asks "), lines)


if __name__ == "__main__":
    unittest.main()
