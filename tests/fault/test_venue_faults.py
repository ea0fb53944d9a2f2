# SPDX-License-Identifier: Apache-2.0
"""
Shows that each thing a venue can do wrong leaves the books right: one test a fault, by its number in
the list of failures. A daemon trades at the fake venue, which follows a script; the test waits until
the fault happened often enough, lets every order end, and the oracle compares venue and store.
"""
import re
import signal
import unittest
from collections import defaultdict

from venue_rig import BUYER, CHANGER, CROSS, EVERY_TYPE, QUOTER, RESTING, VenueCase

GUARDED = "".join(f"  guarded{s}: {{plugin: turret.accumulate, on: {s}.fake@1s, params: {{qty: 1, "
                  "orders: 4000}, protect: {trailing_stop: 0.02}}\n" for s in ("AAA", "BBB", "CCC"))
LATER = re.compile(r"order (\d+)( did not leave and is tried again|, an exit, is REJECTED)")


class Answers(VenueCase):
    """What becomes of an order whose answer is missing, or says nothing definite."""

    def unsure(self, script, fault, times=4):
        found = self.trade(script, lambda counts: counts[fault] >= times and counts["FILL"] > 20)
        self.assert_calm()
        return found

    def test_17_ack_timeout(self):
        """Of orders that rest nothing is heard but the answer: they have to be asked for."""
        self.strategies = QUOTER.replace("every: 2", "every: 40")
        self.trade("every 2: lost-ack; every cancel 3: lost-ack", lambda counts:
                   counts["lost-ack"] >= 6 and counts["QUERY"] >= 3)
        self.assert_calm()

    def test_18_5xx_but_placed(self):
        self.unsure("every 4: 5xx-placed; every cancel 3: 5xx-placed", "5xx-placed")

    def test_18_5xx_and_not_placed(self):
        found = self.unsure("every 5: 5xx-dropped", "5xx-dropped", 2)
        self.assertGreaterEqual(found["never_arrived"], 2)

    def test_19_4xx_but_placed_later(self):
        found = self.unsure("every 5: 4xx-placed-later 8", "4xx-placed-later")
        self.assertEqual(found["never_arrived"], 0)

    def test_20_truncated_answer(self):
        for length in (0, 1, 12, 40):
            with self.subTest(length=length):
                self.again(f"length{length}")
                self.unsure(f"every 4: truncated {length}", "truncated")

    def test_21_reset_after_byte(self):
        for length in (0, 1, 20, 45):
            with self.subTest(length=length):
                self.again(f"reset{length}")
                self.unsure(f"every 5: reset {length}", "reset")

    def test_21_reset_before_it_was_read(self):
        found = self.unsure("every 9: reset-unread", "reset-unread", 2)
        self.assertGreaterEqual(found["never_arrived"], 1)

    def test_24_not_found_for_a_while(self):
        """Longer than the first questions, shorter than the time it may take to arrive."""
        self.pace_ms = 20
        found = self.unsure("every 4: lost-ack; every 4: query-lag 20", "query-lag", 3)
        self.assertEqual(found["never_arrived"], 0)
        asked = defaultdict(int)
        for client_id, _ in self.lines("QUERY"):
            asked[client_id] += 1
        self.assertGreater(max(asked.values()), 1, "it was found at once")

    def test_24_asked_with_back_off(self):
        """0.25, 0.5, 1, 2 s between the questions of one order, give or take the timer's rounds."""
        self.pace_ms = 100
        self.strategies = QUOTER.replace("every: 2", "every: 40").replace("away: 25", "away: 900")
        daemon = self.begin("after order 1: lost-ack; after order 1: query-lag 60")
        self.wait(daemon, lambda: len(self.lines("QUERY")) >= 5, "five questions")
        asked = [int(ms) for client_id, ms in self.lines("QUERY")
                 if client_id == self.lines("QUERY")[0][0]]
        self.assertGreaterEqual(len(asked), 5)  # the venue may have read one of them late
        self.assertGreater(asked[4] - asked[0], (250 + 500 + 1000 + 2000) * 3 // 4, asked)
        self.assertGreater(asked[4] - asked[2], (1000 + 2000) // 2, asked)
        self.settle(daemon)

    def test_24_no_order_is_asked_for_too_often(self):
        """Not even when its cancel is lost, it ends ahead of its fills, the connection is lost."""
        daemon = self.begin("every 2: lost-ack; every cancel 2: lost-ack; every cancel 3: lost; "
                            "every fill 3: delay-report 300; every tick 150: hang-up")
        self.wait(daemon, lambda: self.counts()["hang-up"] >= 5 and self.counts()["lost"] >= 5 and
                  self.counts()["QUERY"] >= 40, "many questions")
        self.settle(daemon)
        asked = defaultdict(list)
        for client_id, ms in self.lines("QUERY"):
            asked[client_id].append(int(ms))
        for client_id, times in asked.items():
            # the times are the venue's: two questions may have waited there for it
            self.assertLessEqual(len(times), 2 + (times[-1] - times[0]) / 100, (client_id, times))

    def test_25_failed_download_is_not_an_empty_account(self):
        daemon = self.begin("every tick 80: hang-up; every download 2: failed-download")
        self.wait(daemon, lambda: self.counts()["failed-download"] >= 3, "failed downloads")
        self.settle(daemon)
        self.assert_calm()

    def test_26_accepted_meanwhile(self):
        """What fills on the stream is not asked for any more."""
        self.strategies = BUYER.replace("orders: 40", "orders: 4000")
        self.pace_ms = 10
        daemon = self.begin("every 2: lost-ack")
        self.wait(daemon, lambda: self.counts()["lost-ack"] >= 10, "lost answers")
        found = self.settle(daemon)
        self.assertEqual(found["states"]["FILLED"], found["orders"])
        self.assertLessEqual(len(self.lines("QUERY")), 2)

    def test_38_rate_limit(self):
        self.pace_ms = 10
        self.trade("every 20: rate-limit 60", lambda counts:
                   counts["rate-limit"] >= 2 and counts["FILL"] > 20)
        self.assertGreaterEqual(self.counts()["LIMITED"], 2)
        self.assertEqual(self.counts()["BAN"], 0, "it went on asking")

    def test_38_exits_are_sent_later(self):
        """A stop that the host releases while the venue limits the rate goes when it may: the same
        one when it did not leave, another one when the venue refused it."""
        self.strategies = GUARDED
        self.pace_ms = 10
        daemon = self.begin("every 7: rate-limit 60")
        self.wait(daemon, lambda: self.went_later(daemon) >= 3, "exits that went later")
        self.settle(daemon)

    def went_later(self, daemon):
        """Entries of which an exit was not taken at first, and one is filled."""
        told = {int(found[1]) for found in map(LATER.search, daemon.said) if found}
        orders = self.orders() if len(told) >= 3 else []
        entries = {order["parent"] for order in orders if order["id"] in told}
        return len(entries & {order["parent"] for order in orders
                              if order["role"] == "exit" and order["state"] == "FILLED"})

    def test_38_ban(self):
        daemon = self.begin("after order 12: ban 300")
        self.wait(daemon, lambda: self.counts()["BAN"] == 1, "the ban")
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + 20, "orders after the ban")
        self.settle(daemon)
        self.assertLessEqual(self.counts()["KNOCK"], 1, "it knocks at a closed door")


class Reports(VenueCase):
    """Reports that come twice, early, late, out of order, or not at all."""

    def seen(self, script, fault, times=6):
        return self.trade(script, lambda counts: counts[fault] >= times and counts["FILL"] > 20)

    def test_28_duplicates(self):
        self.seen("every 2: duplicate-report", "duplicate-report")
        self.assert_calm()

    def test_29_fill_before_ack(self):
        self.seen("every 2: fill-before-ack", "fill-before-ack")
        self.assert_calm()

    def test_29_cancel_ahead_of_its_fills(self):
        """The stream tells of cancels 40 ticks before it tells of the fills that came first."""
        self.strategies = QUOTER.replace("away: 25", "away: 4")
        daemon = self.begin("every fill 2: delay-report 40")
        self.wait(daemon, lambda: len(self.cancelled_in_part()) >= 3, "partly filled cancels")
        ended = self.cancelled_in_part()
        self.wait(daemon, lambda: all(self.ended(one) for one in ended),
                  "their end here, while everything goes on")
        self.settle(daemon)
        self.assert_calm()

    def cancelled_in_part(self):
        return {words[0] for words in self.lines("CANCEL")} & {
            words[1] for words in self.lines("FILL")}

    def ended(self, client_id):
        return any(str(order["id"]) == client_id and order["state"] == "CANCELED"
                   for order in self.orders())

    def test_4_killed_before_late_fills_came(self):
        """The store has heard of later times than those of the fills that were on their way."""
        daemon = self.begin("every fill 2: delay-report 50")
        self.wait(daemon, lambda: self.counts()["FILL"] >= 12, "fills")
        daemon.end(signal.SIGKILL)
        daemon = self.start()
        self.settle(daemon)
        self.assert_calm()

    def test_29_reordered(self):
        self.seen("every 2: reorder-report", "reorder-report")
        self.assert_calm()

    def test_30_fill_after_cancel(self):
        self.seen("every 3: late-fill", "late-fill", 3)
        self.assertIn("filled", self.said)

    def test_31_cancel_too_late(self):
        found = self.seen("every 2: too-late", "too-late", 3)
        self.assert_calm()
        self.assertGreaterEqual(found["states"]["FILLED"], 3)

    def cancel_lost(self, script):
        """Orders rest; twenty cancels of `turret stop` never arrive, those said again do."""
        self.strategies = RESTING
        self.pace_ms = 20
        daemon = self.begin(script + "".join(
            f"; after cancel {number}: lost" for number in range(1, 21)))
        self.wait(daemon, lambda: sum(self.states().values()) == 40 and
                  self.states()["ACCEPTED"] + self.states()["DENIED"] == 40, "resting orders")
        rest = self.states()["ACCEPTED"]
        self.assertGreaterEqual(rest, 20)
        found = self.settle(daemon)
        self.assertEqual(found["states"]["CANCELED"], rest)
        self.assertEqual(found["faults"]["lost"], 20)
        self.assertNotIn("alarm: order", self.said)

    def test_31_cancel_lost_in_a_hang_up(self):
        self.cancel_lost("after cancel 20: hang-up")

    def test_31_cancel_lost(self):
        """The connection stays; that the answer is overdue is all there is to notice."""
        self.cancel_lost("")

    def test_33_bust_and_correction(self):
        self.trade("every fill 6: bust 4; every fill 7: correct 4", lambda counts:
                   counts["BUST"] >= 6)
        self.assertIn("was taken back", self.said)

    def test_33_bust_in_a_download(self):
        """Taken back and corrected while nobody listened."""
        self.trade("every fill 6: bust 3; every fill 7: correct 3; every tick 40: hang-up",
                   lambda counts: counts["BUST"] >= 6 and counts["hang-up"] >= 4)

    def test_34_sequence_gap(self):
        self.seen("every 7: gap", "gap")
        self.assert_calm()

    def test_37_mute_stream(self):
        self.heartbeat_ms = 60
        daemon = self.begin("after tick 60: mute")
        self.assertIsNotNone(daemon.until("says nothing"), daemon.said)
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + 10, "trading again")
        self.settle(daemon)


class Changes(VenueCase):
    """Orders whose terms are changed while they trade."""
    strategies = CHANGER

    def replaced_in_part(self):
        """
        How many changes were of partly filled orders that traded on afterwards; no order ever has
        more fills than the quantity of that moment.
        """
        asked, filled, changed, traded = {}, defaultdict(int), set(), set()
        for word, *rest in self.logged():
            if word == "ORDER":
                asked[rest[0]] = int(rest[5])
            elif word == "MODIFY":
                self.assertGreater(int(rest[1]), filled[rest[0]], rest)
                asked[rest[0]] = int(rest[1])
                changed |= {rest[0]} if filled[rest[0]] else set()
            elif word == "FILL":
                filled[rest[1]] += int(rest[4])
                self.assertLessEqual(filled[rest[1]], asked[rest[1]], rest)
                traded |= {rest[1]} & changed
        return len(traded)

    def replaces(self, script, fault=None, times=4):
        found = self.trade(script, lambda counts: self.replaced_in_part() >= 4 and (
            fault is None or counts[fault] >= times))
        if fault != "reorder-report":  # older terms may have come last, until it was asked for
            self.assertNotIn("more than asked for", self.said)
        return found

    def test_32_partial_fill_then_replace(self):
        self.replaces("")
        ended = {words[0] for words in self.lines("CANCEL")} & {
            words[1] for words in self.lines("FILL")}
        self.assertTrue(ended, "none was changed to less than was filled, or cancelled in part")

    def test_32_partial_fill_then_replace_unanswered(self):
        """Done or not done, now or later: what it works with now is asked for."""
        for script, fault in (("every change 3: lost-ack", "lost-ack"),
                              ("every change 3: 5xx-placed", "5xx-placed"),
                              ("every change 3: 5xx-dropped", "5xx-dropped"),
                              ("every change 3: lost", "lost"),
                              ("every change 4: 4xx-placed-later 30", "4xx-placed-later"),
                              ("every change 9: reset-unread", "reset-unread"),
                              ("every change 4: too-late", "too-late"),
                              ("every change 3: refuse", "refuse")):
            with self.subTest(fault=fault):
                self.again(fault[0])  # short: a socket's path has an end
                self.replaces(script, fault)

    def test_32_partial_fill_then_replace_reports(self):
        """What is said of it comes late, out of order or twice, or while nobody listens."""
        for name, script, fault in (
                ("late", "every fill 2: delay-report 40", "delay-report"),
                ("reordered", "every 2: reorder-report", "reorder-report"),
                ("twice", "every 2: duplicate-report; every change 3: lost-ack", "duplicate-report"),
                ("gap", "every 7: gap", "gap"),
                ("alone", "every tick 40: hang-up", "hang-up")):
            with self.subTest(name=name):
                self.again(name[0])
                self.replaces(script, fault)


class Types(VenueCase):
    """Every type and time in force that the venue has."""
    strategies = EVERY_TYPE

    def kinds(self):
        """What became of the orders of each kind: (type, tif) -> (ended, filled none/part/all)."""
        found = defaultdict(set)
        for order in self.orders():
            qty, filled = int(order["qty"]), int(order["filled_qty"])
            found[order["type"], order["tif"]].add(
                (order["state"], "none" if filled == 0 else "all" if filled == qty else "part"))
        return found

    def test_types_and_times_in_force(self):
        """Each way in which an order of that kind may end is seen, and no other."""
        ends = {("market", "GTC"): {("FILLED", "all")},
                ("stop", "GTC"): {("FILLED", "all"), ("CANCELED", "none")},
                ("stop_limit", "GTC"): {("FILLED", "all"), ("CANCELED", "none"),
                                        ("CANCELED", "part")},
                ("limit", "IOC"): {("FILLED", "all"), ("CANCELED", "part")},
                ("limit", "FOK"): {("FILLED", "all"), ("CANCELED", "none")}}
        daemon = self.begin("")
        for kind, wanted in ends.items():
            self.wait(daemon, lambda kind=kind, wanted=wanted: {
                end for end in wanted if end != ("CANCELED", "part") or kind[1] == "IOC"} - {
                    ("CANCELED", "none")} <= self.kinds()[kind], f"every end of {kind}")
        self.wait(daemon, lambda: ("CANCELED", "none") in self.kinds()["limit", "FOK"],
                  "a FOK that was not filled")
        self.settle(daemon)
        for kind, seen in self.kinds().items():
            seen -= {("DENIED", "none")}  # two stops would trade with each other
            self.assertLessEqual(seen, ends[kind] | ({("CANCELED", "none")} if kind[1] == "IOC"
                                                     else set()), kind)
        self.assertIn(("CANCELED", "none"), self.kinds()["stop", "GTC"])
        self.assert_calm()


class Account(VenueCase):
    """Others on the account, sessions and clocks."""

    def test_58_foreign_order(self):
        daemon = self.begin("after tick 30: foreign-order 5")
        self.wait(daemon, lambda: any(order["strategy"] is None for order in self.orders()),
                  "the foreign order here")
        foreign, = [order for order in self.orders() if order["strategy"] is None]
        self.assertEqual((foreign["state"], foreign["qty"]), ("ACCEPTED", "5"))
        self.stop_strategies(daemon)
        self.wait(daemon, lambda: self.status()["working_orders"] == 1, "only the foreign one")
        self.finish(daemon)
        self.assertIn("not this host's", self.said)

    def test_58_foreign_trade(self):
        self.trade("after tick 30: foreign-trade 5; after tick 60: foreign-trade 7",
                   lambda counts: counts["foreign-trade"] >= 2 and counts["FILL"] > 20)
        self.assertIn("does not know", self.said)

    def denied(self):
        return sum(one["denied"] for one in self.status()["strategies"])

    def stops_for(self, script, phrase):
        """After the next download nothing trades any more; what worked before is cancelled."""
        daemon = self.begin(script)
        self.assertIsNotNone(daemon.until(phrase), daemon.said)
        self.wait(daemon, lambda: self.denied() > 20, "denials")
        sent = self.counts()["ORDER"]
        self.wait(daemon, lambda: self.denied() > 40, "more denials")
        self.assertEqual(self.counts()["ORDER"], sent)
        self.settle(daemon)

    def test_58_position_drift(self):
        self.stops_for("after tick 60: drift 5; after tick 61: hang-up", "the venue says position")

    def test_58_cash_drift(self):
        """The oracle adds up the venue's fills, which the money that came from outside is not in."""
        self.stops_for("after tick 60: deposit 1000; after tick 61: hang-up", "the venue says cash")

    def test_session_end(self):
        self.trade("every tick 60: session-end 20",
                   lambda counts: counts["CLOSED"] >= 3 and counts["EXPIRE"] >= 3)

    def test_clock_skew(self):
        self.strategies = QUOTER + CROSS
        for jump in (3600, -3600):
            with self.subTest(jump=jump):
                self.again(f"skew{jump}")
                daemon = self.begin(f"after tick 60: clock-skew {jump}")
                self.wait(daemon, lambda: self.counts()["clock-skew"] > 0, "the jump")
                self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
