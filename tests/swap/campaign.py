#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The campaign of swaps: new builds of strategies, of their indicator and of the broker adapter are
dropped into the plugin directory of a trading daemon, one after the other and several at once, at
the fake venue and at the simulated one, and nothing may be lost, doubled or reordered.

usage: campaign.py [--swaps N] [--resume] [--folder DIR] [--seed N]

A swap is one build that moved in. It goes in rounds of 250, each with a fresh daemon. After a round:
- each strategy's hash chain over every bar and fill it saw, carried from build to build in its
  state, is the one made from the journal and the rows of fills (swap_audit);
- it sent each order once, heard of each one's end once, and its indicator missed no bar;
- the fake venue's own log and the orders and fills here are the same, one to one;
- steps in the journal, rows of steps and rows of instances name the same owners;
- the journal is whole and replays to the same bytes.
Rounds that are done are kept in DIR/progress.json; --resume carries on behind them. Ends with one
line of totals; exits 1 when anything differed.
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

import campaign_rig
from campaign_rig import BUILD, Builds, KINDS, MARKETS, Session

ROUND = 250
VARIANTS = 5  # builds of each kind
SUMS = ("swaps", "strategy", "indicator", "broker", "moves", "records", "bars", "orders", "fills",
        "said", "bar_gaps", "replayed")


def sweep(session, count, chance):
    """Drops `count` builds, sometimes of two kinds at once. Answers how many of each kind."""
    now, done = dict.fromkeys(KINDS, 1), dict.fromkeys(KINDS, 0)
    while sum(done.values()) < count:
        kinds = chance.sample(KINDS, 2 if chance.random() < 0.2 else 1)
        wanted = []
        for kind in kinds:
            number = chance.choice([n for n in range(1, VARIANTS + 1) if n != now[kind]])
            wanted.append((kind, session.make(kind, number)))
            now[kind] = number
        if not session.swap(*wanted):
            raise AssertionError("did not move in: " + "\n".join(session.lines[-20:]))
        for kind in kinds:
            done[kind] += 1
    return done


def complaints(session, counts):
    """What of the promises does not hold."""
    found = []
    for name, (_, _, sent, ended, wrong, _) in session.chains.items():
        if sent != ended or wrong:
            found.append(f"{name}: sent {sent}, ended {ended}, wrong {wrong}")
    orders = session.json("orders", "--all")
    for name, _ in campaign_rig.CHAINS:
        own = sum(1 for row in orders if row["strategy"] == name)
        if own != session.chains[name][2]:
            found.append(f"{name} sent {session.chains[name][2]} orders, {own} are known here")
    if counts["strategy"] != session.swapped["strategy"]:
        found.append(f"{session.swapped} were told, the journal has {counts}")
    return len(orders), found


def run_round(builds, market, number, count, seed):
    """One round. Answers its totals; what differs is in ["mismatches"]."""
    folder = tempfile.mkdtemp(prefix="turret-swap-")
    chance = random.Random(seed * 1000003 + number)
    session = Session(folder, builds, market, seed=seed + number,
                      probation=chance.choice((1, 20, 200)))
    try:
        if session.start() is None:
            raise AssertionError("no start: " + "\n".join(session.lines))
        done = sweep(session, count, chance)
        first = session.footprint()
        working = session.settle()
        code = session.end()
        counts, found = session.audit()
        orders, more = complaints(session, counts)
        found += more
        if working or code:
            found.append(f"{working} orders still working, exit code {code}: {session.lines[-3:]}")
        if market == "fake":
            found += session.against_venue()[2]
        found += session.replay()
        counts.update(done, swaps=sum(done.values()), orders=orders, round=number, market=market,
                      seed=seed, footprint=first, mismatches=found, replayed=counts["records"],
                      moves=counts["strategy"] + counts["indicator"] + counts["venue"])
        counts.pop("venue")
        return counts
    finally:
        session.close()
        if os.environ.get("TURRET_KEEP"):
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def totals(rounds):
    total = {name: sum(done[name] for done in rounds) for name in SUMS}
    total["mismatches"] = sum(len(done["mismatches"]) for done in rounds)
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--swaps", type=amount, default=10000, help="how many in all (10000)")
    parser.add_argument("--resume", action="store_true", help="carry on behind the rounds done")
    parser.add_argument("--folder", default=os.path.join(BUILD, "campaign", "swap"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    progress, rounds = os.path.join(options.folder, "progress.json"), []
    if options.resume and os.path.exists(progress):
        with open(progress, encoding="ascii") as file:
            rounds = json.load(file)
    builds = Builds(os.path.join(options.folder, "builds"))
    while sum(done["swaps"] for done in rounds) < options.swaps:
        left = options.swaps - sum(done["swaps"] for done in rounds)
        done = run_round(builds, MARKETS[len(rounds) % len(MARKETS)], len(rounds),
                         min(ROUND, left), options.seed)
        rounds.append(done)
        with open(progress + ".new", "w", encoding="ascii") as file:
            json.dump(rounds, file)
        os.replace(progress + ".new", progress)
        print(f"round {len(rounds)} ({done['market']}): {done['swaps']} swaps, {done['orders']} "
              f"orders, {done['fills']} fills, {done['records']} records, "
              f"{len(done['mismatches'])} mismatches", flush=True)
        for line in done["mismatches"][:20]:
            print("  " + line, flush=True)
    total = totals(rounds)
    print("swap: " + ", ".join(f"{name} {value}" for name, value in total.items()))
    return 1 if total["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
