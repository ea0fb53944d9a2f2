# SPDX-License-Identifier: Apache-2.0
"""
Shows that a rule named in risk.rules denies orders from outside, with its words in the order, on
the terminal and in the audit, and lets the others pass; that a replay asks the same again; that a
rule in a runner says the same, and denies when its runner dies; and that names are checked.
"""
import os
import unittest

from fixtures import build_plugin, strategy_source
from turret_cli import INVALID, Case

CONFIG = """\
turret: 1
mode: paper
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
  - {path: plugins%s}
venues:
  sim:
    adapter: sim
    cash: {USD: 10000000}
    seed: 3
    params: {market: synthetic, bars: 2000, pace_ms: 0}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  buys: {plugin: test.buys, on: AA.sim@1m}
  hours: {plugin: rule_hours, on: AA.sim@1m, params: {from: 9.5, to: 16}}
  most: {plugin: test.most, on: AA.sim@1m}
risk: {preset: development, rules: [hours, most]}
"""

# One more with every tenth bar; all of them go with every hundredth.
BUYS = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    struct turret_order_request order = {0};
    if (++s->bars % 10 != 0)
        return;
    order.struct_size = (uint32_t)sizeof order;
    order.instrument = bar->instrument;
    order.side = s->bars % 100 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    order.type = TURRET_ORDER_MARKET;
    order.qty = s->bars % 100 ? 1 : turret_position(self, bar->instrument);
    if (order.qty > 0)
        (void)turret_submit(self, &order);
}
"""

# Says no to every seventh order it is asked about; %d: dies at that one.
MOST = """
#include <stdlib.h>
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)self;
    (void)bar;
}
static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct it *s = turret_self(self);
    if (account->cash <= 0 || order->qty != 1)
        return turret_fail(err, TURRET_EDENIED, "asked about something else");
    if (++s->bars == %d)
        abort();
    return s->bars %% 7 ? TURRET_OK : turret_fail(err, TURRET_EDENIED, "the %%dth", (int)s->bars);
}
"""
STATE = "turret_instrument instrument; int64_t bars;"
FIELDS = '{1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, bars), 1, "bars", "seen", 0},'


class Rules(Case):
    def run_with(self, isolation="", dies_at=0):
        os.makedirs(self.path("plugins"), exist_ok=True)
        build_plugin(self.path("plugins/buys.so"),
                     strategy_source("buys", BUYS, state=STATE, fields=FIELDS))
        build_plugin(self.path("plugins/most.so"),
                     strategy_source("most", MOST % dies_at, state=STATE, fields=FIELDS,
                                     callbacks=".on_check = on_check,"))
        done = self.run_turret("run", self.write("turret.yaml", CONFIG % isolation))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr + done.stdout, self.json("orders", "--all")

    def split(self, orders):
        """By what became of them: sent, turned away by hours, by most."""
        sent = [order for order in orders if order["state"] != "DENIED"]
        denied = [order for order in orders if order["state"] == "DENIED"]
        self.assertEqual({order["denial"] for order in denied}, {"RULE"})
        return (sent, [order for order in denied if order["venue_reason"].startswith("hours: ")],
                [order for order in denied if order["venue_reason"].startswith("most: ")])

    def check(self, orders):
        sent, hours, most = self.split(orders)
        self.assertEqual(len(sent) + len(hours) + len(most), len(orders))
        self.assertGreater(len(hours), 30)
        self.assertGreater(len(most), 3)
        for order in hours + most + sent:
            within = "09:30" <= order["created"][11:16] < "16:00"
            if order["side"] == "sell":
                self.assertIn(order, sent)  # closing is free, at any hour
            else:
                self.assertEqual(order not in hours, within, order)
            if order in hours:  # all of it has room in the row
                self.assertEqual(order["venue_reason"],
                                 f"hours: {order['created'][11:16]} is not in 09:30-16:00 UTC")
        asked = sorted((order for order in sent + most if order["side"] == "buy"),
                       key=lambda order: order["id"])
        for number, order in enumerate(asked, 1):
            self.assertEqual(order in most, number % 7 == 0)
            if order in most:
                self.assertEqual(order["venue_reason"], f"most: the {number}th")

    def replays(self):
        replayed = self.json("replay")
        self.assertEqual((replayed["same"], replayed["intent_mismatches"]), (True, 0))

    def test_denies(self):
        told, orders = self.run_with()
        self.check(orders)
        self.replays()
        self.assertIn("most: the 7th (RULE)", told)
        self.assertIn("most: the 7th", self.ok("orders", "--all"))
        audited = [row for row in self.json("audit") if row.get("kind", "") == "denial"]
        newest = max(self.split(orders)[2], key=lambda order: order["id"])
        fields = next((row["fields"] for row in audited
                       if row["fields"]["order"] == str(newest["id"])), None)
        self.assertEqual((fields["code"], fields["why"]), ("RULE", newest["venue_reason"]))

    def test_in_a_runner(self):
        _, orders = self.run_with(", isolation: process")
        self.check(orders)
        self.replays()

    def test_a_lost_runner_denies(self):
        told, orders = self.run_with(", isolation: process", dies_at=12)
        sent, _, most = self.split(orders)
        self.assertIn("strategy most: its runner", told)
        buys = [order for order in sent if order["side"] == "buy"]
        self.assertEqual(len(buys), 10)  # 11 asked, the 7th turned away; none from the 12th on
        reasons = {order["venue_reason"] for order in most}
        self.assertIn("most: it is disabled", reasons)

    def test_names(self):
        config = CONFIG % ""
        self.refused(INVALID, "not the name of a strategy; did you mean 'hours'?", "config",
                     "check", "--no-plugins",
                     self.write("bad.yaml", config.replace("[hours, most]", "[hour]")))
        self.refused(INVALID, "there already", "config", "check", "--no-plugins",
                     self.write("bad.yaml", config.replace("[hours, most]", "[most, most]")))
        self.run_with()
        self.refused(INVALID, "checks no orders (it has no on_check)", "config", "check",
                     self.write("bad.yaml", config.replace("[hours, most]", "[buys]")))
        shown = self.ok("config", "show", self.path("turret.yaml"))
        self.assertRegex(shown, r"rules:\s+- hours\s+- most")


if __name__ == "__main__":
    unittest.main()
