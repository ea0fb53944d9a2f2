# SPDX-License-Identifier: Apache-2.0
"""The scenarios of scripts/campaign nth: the three of nth_rig.py, which scripts/test runs, and more."""
import os
import shutil

import nth_rig
from fault_rig import DONE, FAILED, PARTLY
from nth_rig import BUYER, CROSS, Harm, NEEDED, Session, built, configure, digest

QUOTER = "  quoter: {plugin: test.quoter, on: AAA.sim@1m, params: {every: 2, qty: 10, away: 15}}"
CHANGER = "  changer: {plugin: test.changer, on: AAA.sim@1m, params: {qty: 20, away: 15}}"
EVERY = "  every: {plugin: test.every_type, on: AAA.sim@1m}"
RESTER = "  rester: {plugin: test.rester, on: AAA.sim@1m, params: {orders: 12, each: 1}}"
DIP = "  dip: {plugin: dip_bracket, on: AAA.sim@1m, params: {period: 3, size: 5}}"
CROSS_OF_OTHERS = "  crossing: {plugin: cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, size: 10}}"
GUARDED = CROSS.replace(
    "params:", "protect: {atr: {period: 3, stop: 1, target: 2}, max_holding: 9m}, params:")
TRAILING = BUYER.replace("params:", "protect: {trailing_stop: 0.1%}, params:")


def worked(by, params, strategy=CROSS):
    """A strategy whose orders an execution algorithm works."""
    return (strategy.replace("params:", "execution: work, params:") +
            f"\n  work: {{plugin: {by}, on: AAA.sim@1m, params: {{{params}}}}}")


class Traded(Session):
    """A paper session with other strategies, another market, other limits."""
    strategies, market, limits = CROSS + "\n" + BUYER, "", ""

    def configure(self, server, bars, plugins):
        configure(server, "paper", plugins, f"market: synthetic, pace_ms: 0, bars: {bars}" +
                  self.market, self.strategies, self.limits)

    def prepare(self, server, bars, plugins):
        self.configure(server, bars, plugins)


class Restart(Traded):
    """The second half of a session: positions, open orders and indicators are taken up again."""
    name = "restart"
    needed = (*NEEDED, "quoter", "atr")
    strategies = "\n".join((CROSS, QUOTER, TRAILING))

    def prepare(self, server, bars, plugins):
        self.configure(server, bars // 2, plugins)
        server.good(*self.command)
        self.change(plugins)
        self.configure(server, bars, plugins)

    def change(self, plugins):
        """What is another way from then on."""


class Reload(Restart):
    """The same with other parameters, limits and strategies in the second half."""
    name = "reload"

    def change(self, plugins):
        self.strategies = self.strategies.replace("slow: 4", "slow: 6").replace("0.1%", "0.3%")
        self.limits = ", max_order_qty: 150, collar: 3%"


class Swap(Restart):
    """The second half with the next build of a strategy, which takes its state over."""
    name = "swap"
    needed = ("sim", "sma", "cross_v1")
    strategies = CROSS_OF_OTHERS

    def change(self, plugins):
        os.remove(os.path.join(plugins, "cross_v1.so"))
        shutil.copy(built("cross_v2"), plugins)


class Recovery(Traded):
    """A start after a session whose disk failed on the way."""
    name = "recovery"
    needed = (*NEEDED, "quoter")
    strategies = CROSS + "\n" + QUOTER

    def prepare(self, server, bars, plugins):
        self.configure(server, bars, plugins)
        done = server.run(*self.command, failure=("sync", 5), at=bars // 2, sticky=True)
        if done.code != FAILED:
            raise Harm(f"syncs failed and it ended with {done.code}: {done.said}")


class Asked(Traded):
    """A command on what a session left. Judged: its answer, and that the store stays as it is."""
    strategies = CROSS + "\n" + BUYER

    def prepare(self, server, bars, plugins):
        self.configure(server, bars, plugins)
        server.good("run", "turret.yaml")

    def outcome(self, server):
        fills = self.fills(server)
        return digest(server.good(*self.command)) + digest(str(fills))

    def judge(self, server, done, expected):
        if done.code == DONE and digest(done.out) != expected[:64]:
            raise Harm("it ended well with another answer")
        if self.outcome(server) != expected:
            raise Harm("afterwards the answer or the fills are others")


class Replay(Asked):
    name, command = "replay", ("--json", "replay", "--store", "store")


class Verify(Asked):
    name, command = "verify", ("--json", "journal", "verify", "--store", "store")


class Orders(Asked):
    name, command = "orders", ("--json", "orders", "--all", "--store", "store")


class Audit(Asked):
    name, command = "audit", ("--json", "audit", "--all", "--store", "store")


class Halt(Traded):
    """The kill switch without a daemon. Judged: when it says it is set, it is."""
    name, needed = "halt", (*NEEDED, "rester")
    codes = (*Session.codes, PARTLY)
    strategies = CROSS + "\n" + RESTER
    command = ("halt", "--wait", "0", "--store", "store")

    def prepare(self, server, bars, plugins):
        self.configure(server, bars, plugins)
        server.good("run", "turret.yaml")

    def outcome(self, server):
        return digest(server.good("--json", "state", "--store", "store"))

    def judge(self, server, done, expected):
        if done.code in (DONE, PARTLY) and self.outcome(server) != expected:
            raise Harm("it says that the switch is set, and it is not")
        server.good(*self.command)
        if self.outcome(server) != expected:
            raise Harm("the next halt did not halt")


class Isolated(Traded):
    """Plugins in processes of their own; the calls that fail are the host's."""
    name = "isolated"

    def configure(self, server, bars, plugins):
        super().configure(server, bars, plugins + ", isolation: process")


class Made(nth_rig.Import):
    """A series that is made up."""
    name = "make"
    command = ("data", "make", "--store", "store", "--series", "AAA", "--timeframe", "1m",
               "--bars", "2000")

    def prepare(self, server, bars, plugins):
        """An empty store."""


# name: plugins beyond NEEDED, strategies, more of the market, more of the limits
SESSIONS = {
    "resting": (("quoter", "rester"), (QUOTER, RESTER), "", ""),
    "modify": (("changer",), (CHANGER,), "", ""),
    "every-type": (("every_type",), (EVERY,), "", ""),
    "bracket": (("dip_bracket", "atr"), (DIP,), "", ""),
    "protect": (("atr",), (GUARDED, TRAILING), "", ""),
    "twap": (("work_twap",), (worked("work_twap", "seconds: 240, parts: 4"),), "", ""),
    "vwap": (("work_vwap",), (worked("work_vwap", "seconds: 240, parts: 4"),), "", ""),
    "iceberg": (("work_iceberg", "quoter"), (worked("work_iceberg", "show: 3", QUOTER),), "", ""),
    "maker-first": (("work_maker_first",), (worked("work_maker_first", "patience: 120"),), "", ""),
    "rules": (("rule_hours",), (CROSS, BUYER, "  hours: {plugin: rule_hours, on: AAA.sim, "
                                "params: {from: 0, to: 14.75}}"), "", ", rules: [hours]"),
    "parts": (("quoter",), (CROSS, QUOTER), ", volume_limit: 5, slippage: ticks, latency_ms: 90000,"
              " commission_per_unit: 0.01, quotes: true", ""),
    "denied": (("quoter",), (CROSS, BUYER, QUOTER), "",
               ", max_position: 105, max_open_orders: 3, messages_per_fill: 4, self_trade: deny, "
               "daily_loss: 20, duplicate_window: 10m"),
}


def traded(name, more, strategies, market, limits):
    return type(name, (Traded,), {
        "name": name, "needed": NEEDED + more, "strategies": "\n".join(strategies),
        "market": market, "limits": limits})


MORE = {each.name: each for each in (
    Restart, Reload, Swap, Recovery, *(traded(name, *row) for name, row in SESSIONS.items()),
    Halt, Isolated, Replay, Verify, Orders, Audit, Made)}
