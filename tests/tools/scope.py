# SPDX-License-Identifier: Apache-2.0
"""What scripts/coverage and scripts/mutate measure, and the tests they measure: one list for both.

FILES are where an order, a fill or a limit is decided. TESTS need nothing of the host but core/.
"""
import glob
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

FILES = ["host/core/" + name for name in (
    "absence.c", "adopt.c", "closable.c", "downloads.c", "execution.c", "executions.c", "fills.c",
    "flatten.c", "gap.c", "held.c", "held_again.c", "held_busts.c", "held_exits.c",
    "held_release.c", "held_slices.c", "intents.c", "ledger.c",
    "money.c", "orders.c", "post_trade.c", "protection.c", "reconcile.c", "reconcile_kept.c",
    "reports.c", "risk.c", "risk_conduct.c", "risk_correlation.c", "risk_exposure.c",
    "risk_fields.c", "risk_limits.c", "risk_stops.c", "sizing.c", "split.c", "trading.c")]
# Their inline functions; several files compile them, what each of them reached is added up.
HEADERS = ["host/core/" + name for name in ("ledger.h", "money.h", "orders.h", "places.h", "risk.h")]

TESTS = ("absence", "adopt*", "closable", "engine*", "execution*", "fills*", "flatten*", "gap*",
         "held*", "intents*", "ledger*", "money*", "orders*", "post_trade*", "protection*",
         "reconcile*", "reports*", "reserved", "risk*", "rules", "sizing*", "swap*", "trading*")
# Takes half a second, and calls nothing else of FILES.
CALLS_ONLY = {"test_money": ("host/core/money.c",)}


def tests():
    """Names of the test programs, which are those of their sources."""
    found = set()
    for pattern in TESTS:
        found.update(glob.glob(os.path.join(ROOT, "tests", "unit", f"test_{pattern}.c")))
    return sorted(os.path.splitext(os.path.basename(path))[0] for path in found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()
