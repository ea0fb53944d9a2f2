# SPDX-License-Identifier: Apache-2.0
"""
The oracle: compares what the fake venue logged with what the host has in its store.

    oracle.py VENUE_LOG STORE [--settled]

It shares no code with the host: it reads the log, and what `turret --json` prints of the store of a
daemon that has ended (TURRET names the program). Every order of the venue is the host's exactly
once and the other way round; states, fills, busts, positions, open quantities and cash agree; what
was denied was never sent; the journal is whole. --settled: no order may be working any more.

Prints a line for each difference, which begins with what it is about ("order 4294967297: ..."), and
one of counts in JSON. Exit code 0 when nothing differs, 1 when something does, 2 on wrong usage.
"""
import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

START_CASH = Decimal(100000000)
SIDES = {"B": "buy", "S": "sell"}
TYPES = {"M": "market", "L": "limit", "S": "stop", "T": "stop_limit"}
TIFS = {"G": "GTC", "D": "DAY", "I": "IOC", "F": "FOK"}
WORKING = {"ACCEPTED", "TRIGGERED", "PARTIAL", "SUSPENDED"}
OPEN = WORKING | {"SENT", "UNKNOWN", "HELD", "INIT"}
REFUSALS = {"margin", "deadline", "closed"}  # the venue logs these
NEVER_SENT = {"DENIED", "REJECTED"}
HELD_TILL = {"its strategy was stopped", "trading was killed", "its strategy is made flat",
             "the position is closed", "nothing is left to close"}


class VenueFill:
    def __init__(self, words):
        self.execution, self.order, self.symbol, side, qty, price, fee, _ = words
        self.side, self.busted = SIDES[side], False
        self.qty, self.price, self.fee = int(qty), Decimal(price) / 100, Decimal(fee) / 10**8

    def signed(self):
        return self.qty if self.side == "buy" else -self.qty

    def cash(self):
        return -self.signed() * self.price - self.fee


class VenueOrder:
    def __init__(self, words):
        self.client_id, self.venue_id, self.symbol, side, kind, qty, limit, _, tif = words
        self.side, self.kind, self.qty = SIDES[side], TYPES[kind], int(qty)
        self.tif = TIFS[tif]
        self.limit = Decimal(limit) / 100
        self.foreign = self.client_id.startswith("F")
        self.ended, self.filled, self.left = None, 0, self.qty

    def trade(self, qty):
        """What is taken back later does not trade again: it is filled when nothing is left."""
        self.left -= qty
        if self.left <= 0:
            self.ended = "FILLED"

    def states(self):
        """The states the host may have it in."""
        if self.ended:
            return {self.ended}
        return {"PARTIAL"} if self.filled else WORKING

    def leaves(self):
        return 0 if self.ended else self.qty - self.filled


class Venue:
    """The log, line by line."""

    def __init__(self, path):
        self.orders, self.fills, self.rejects = {}, {}, {}
        self.duplicates, self.counts, self.faults = [], defaultdict(int), defaultdict(int)
        self.corrections = set()
        with open(path, encoding="ascii") as log:
            for line in log:
                word, *rest = line.split()
                self.counts[word] += 1
                getattr(self, "on_" + word.lower(), lambda _: None)(rest)

    def on_order(self, rest):
        self.orders[rest[0]] = VenueOrder(rest)

    def on_fill(self, rest):
        fill = self.fills[rest[0]] = VenueFill(rest)
        order = self.orders[fill.order]
        order.filled += fill.qty
        if rest[0] not in self.corrections:
            order.trade(fill.qty)

    def on_modify(self, rest):
        """The quantity is the total, whatever was filled of it."""
        order = self.orders[rest[0]]
        order.qty, order.limit = int(rest[1]), Decimal(rest[2]) / 100
        order.left = order.qty - order.filled

    def on_cancel(self, rest):
        self.orders[rest[0]].ended = "CANCELED"

    def on_expire(self, rest):
        self.orders[rest[0]].ended = "EXPIRED"

    def on_reject(self, rest):
        self.rejects[rest[0]] = rest[1]

    def on_bust(self, rest):
        fill = self.fills[rest[0]]
        fill.busted = True
        self.orders[fill.order].filled -= fill.qty
        self.corrections.add(rest[1])

    def on_duplicate(self, rest):
        self.duplicates.append(rest[0])

    def on_fault(self, rest):
        self.faults[rest[0]] += 1

    def good_fills(self):
        return [fill for fill in self.fills.values() if not fill.busted]


class Host:
    """The store, as `turret --json` tells it."""

    def __init__(self, store):
        self.store = store
        self.orders = self.ask("orders", "--all")
        self.fills = self.ask("fills", "--all")
        self.positions = self.ask("positions", "--all")
        self.accounts = self.ask("pnl")["accounts"]
        self.journal = self.ask("journal", "verify")

    def ask(self, *words):
        done = subprocess.run([os.environ.get("TURRET", "turret"), "--json", *words, "--store",
                               self.store], capture_output=True, text=True, check=False,
                              timeout=300)
        try:
            return json.loads(done.stdout)
        except ValueError:
            sys.exit(f"oracle: turret {' '.join(words)}: {done.stderr.strip()}")


class Comparison:
    def __init__(self, venue, host, settled):
        self.venue, self.host, self.settled = venue, host, settled
        self.differences = []

    def differs(self, about, text):
        self.differences.append(f"{about}: {text}")

    def same(self, about, what, ours, theirs):
        if ours != theirs:
            self.differs(about, f"{what} is {ours} here and {theirs} at the venue")

    def orders(self):
        """One to one, by client id; foreign ones by the venue's id."""
        ours = {}
        for order in self.host.orders:
            key = str(order["id"]) if order["id"] > 0 and order["strategy"] is not None \
                else order["venue_order_id"]
            if key in ours:
                self.differs(f"order {key}", "is listed twice")
            ours[key] = order
        for client_id in self.venue.duplicates:
            self.differs(f"order {client_id}", "was sent twice")
        for client_id, order in self.venue.orders.items():
            own = ours.pop(order.venue_id if order.foreign else client_id, None)
            if own is None:
                if not (order.foreign and order.leaves() == 0):
                    self.differs(f"order {client_id}", "is the venue's and not known here")
                continue
            self.one_order(order, own)
        for key, own in ours.items():
            self.not_at_venue(key, own)

    def one_order(self, order, own):
        about = f"order {order.client_id}"
        self.same(about, "symbol", own["symbol"], order.symbol)
        self.same(about, "side", own["side"], order.side)
        self.same(about, "type", own["type"], order.kind)
        self.same(about, "time in force", own["tif"], order.tif)
        self.same(about, "quantity", Decimal(own["qty"]), order.qty)
        if order.kind in ("limit", "stop_limit"):
            self.same(about, "limit", Decimal(own["limit_price"]), order.limit)
        self.same(about, "filled quantity", Decimal(own["filled_qty"]), order.filled)
        if own["state"] not in order.states():
            self.differs(about, f"is {own['state']} here and {'/'.join(sorted(order.states()))} "
                                "at the venue")
        if not order.foreign and own["strategy"] is None:
            self.differs(about, "is taken for a foreign order")
        if self.settled and own["state"] in OPEN:
            self.differs(about, f"is still {own['state']}")

    def not_at_venue(self, key, own):
        held = own["state"] == "CANCELED" and own["venue_reason"] in HELD_TILL
        if own["state"] not in NEVER_SENT and not held:
            self.differs(f"order {key}", f"is {own['state']} here and the venue never had it")
        if own["venue_reason"] in REFUSALS and key not in self.venue.rejects:
            self.differs(f"order {key}", f"was refused ({own['venue_reason']}), says only the host")
        if own["state"] == "DENIED" and key in self.venue.rejects:
            self.differs(f"order {key}", "was denied, and sent")
        if Decimal(own["filled_qty"]) != 0:
            self.differs(f"order {key}", "has fills, and the venue never had it")

    def refusals(self):
        ours = {str(order["id"]): order["state"] for order in self.host.orders}
        for client_id in self.venue.rejects:
            self.same(f"order {client_id}", "its state", ours.get(client_id, "not known"),
                      "REJECTED")

    def fills(self):
        ours = {}
        reversals = 0
        for fill in self.host.fills:
            if fill["execution_id"].startswith("busted-"):
                reversals += 1
            elif fill["execution_id"] in ours:
                self.differs(f"order {fill['order_id']}", f"{fill['execution_id']} booked twice")
            ours[fill["execution_id"]] = fill
        for execution, fill in self.venue.fills.items():
            about, own = f"order {fill.order}", ours.pop(execution, None)
            if own is None:
                if not fill.busted:
                    self.differs(about, f"{execution} ({fill.qty} at {fill.price}) is not booked")
                continue
            reversals -= own["busted"]
            self.same(about, f"{execution} busted", own["busted"], fill.busted)
            if not self.venue.orders[fill.order].foreign:
                self.same(about, f"{execution} order", str(own["order_id"]), fill.order)
            for what in ("symbol", "side"):
                self.same(about, f"{execution} {what}", own[what], getattr(fill, what))
            for what in ("qty", "price", "fee"):
                self.same(about, f"{execution} {what}", Decimal(own[what]), getattr(fill, what))
        for execution, own in ours.items():
            if not execution.startswith("busted-"):
                self.differs(f"order {own['order_id']}", f"{execution} is not the venue's")
        if reversals:
            self.differs("fills", f"{reversals} reversals too many of busted executions")

    def books(self):
        positions, open_qty, cash = defaultdict(int), defaultdict(int), START_CASH
        for fill in self.venue.good_fills():
            positions[fill.symbol] += fill.signed()
            cash += fill.cash()
        for order in self.venue.orders.values():
            open_qty[order.symbol, order.side] += order.leaves()
        for row in self.host.positions:
            if row["strategy"] is not None:
                continue
            symbol = row["symbol"]
            self.same(f"position {symbol}", "quantity", int(row["qty"]), positions.pop(symbol, 0))
            for side in ("buy", "sell"):
                self.same(f"position {symbol}", f"open {side} quantity",
                          int(row["open_" + side]), open_qty.pop((symbol, side), 0))
        for symbol, qty in positions.items():
            self.same(f"position {symbol}", "quantity", 0, qty)
        for account in self.host.accounts:
            self.same(f"account {account['venue']}", "cash", Decimal(account["cash"]), cash)
        self.strategies()

    def strategies(self):
        """What strategies hold, and foreign trades, is what the account holds."""
        held = defaultdict(int)
        for row in self.host.positions:
            held[row["symbol"]] += int(row["qty"]) * (1 if row["strategy"] is None else -1)
        for fill in self.venue.good_fills():
            if self.venue.orders[fill.order].foreign:
                held[fill.symbol] -= fill.signed()
        for symbol, qty in held.items():
            if qty:
                self.differs(f"position {symbol}", f"{qty} belong to no strategy")

    def run(self):
        self.orders()
        self.refusals()
        self.fills()
        self.books()
        if not self.host.journal.get("good"):
            self.differs("journal", f"is not whole: {self.host.journal}")
        return self.differences

    def counts(self):
        states = defaultdict(int)
        for order in self.host.orders:
            states[order["state"]] += 1
        return {"differences": len(self.differences), "orders": len(self.venue.orders),
                "refused": len(self.venue.rejects), "cancelled": self.venue.counts["CANCEL"],
                "fills": len(self.venue.fills), "faults": dict(self.venue.faults),
                "never_arrived": sum(order["venue_reason"] == "never arrived"
                                     for order in self.host.orders),
                "states": dict(states)}


def main():
    parser = argparse.ArgumentParser(description="compares the venue's log with the host's store")
    parser.add_argument("log")
    parser.add_argument("store")
    parser.add_argument("--settled", action="store_true")
    given = parser.parse_args()
    comparison = Comparison(Venue(given.log), Host(given.store), given.settled)
    for line in comparison.run():
        print(line)
    print(json.dumps(comparison.counts(), sort_keys=True))
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
