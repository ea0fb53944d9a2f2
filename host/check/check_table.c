/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of checks. A new check: its function in the file of its group, its declaration in
 * check_groups.h, one row here, and docs/conformance.md has the same rows.
 */
#include "check/check_groups.h"
#include "check/check_tape.h"

#include <string.h>

#define I   TURRET_KIND_INDICATOR
#define S   TURRET_KIND_STRATEGY
#define B   TURRET_KIND_BROKER
#define ANY (I | S | B)

#define FILE_ROW(id, level, needs, shows, function)                                                \
    {                                                                                              \
        id, level, ANY, needs, shows, function, NULL, 0, false                                     \
    }
#define TRACE_ROW(id, needs, shows, trace)                                                         \
    {                                                                                              \
        id, 1, ANY, needs, shows, check_load_trace, NULL, trace, false                             \
    }
#define ROW(id, level, kinds, needs, shows, function)                                              \
    {                                                                                              \
        id, level, kinds, needs, shows, NULL, function, 0, false                                   \
    }
#define SHARED_ROW(id, level, kinds, needs, shows, function, variant)                              \
    {                                                                                              \
        id, level, kinds, needs, shows, NULL, function, variant, false                             \
    }
#define TWICE_ROW(id, level, kinds, needs, shows, function)                                        \
    {                                                                                              \
        id, level, kinds, needs, shows, NULL, function, 0, true                                    \
    }
#define MARKET_ROW(id, shows, scene)                                                               \
    SHARED_ROW(id, 3, I | S, "lifecycle-events", shows, check_market, scene)

#define OPENS   "load-opens"
#define STARTS  "lifecycle-start"
#define RUNS    "lifecycle-events"
#define SESSION "broker-describe"

/* Of a group the rows stand together; a row that is needed stands before those that need it. */
const struct check_row check_rows[] = {
    FILE_ROW("probe-file", 0, NULL, "the file may be loaded: note, exports, imports",
             check_probe_file),
    FILE_ROW("probe-run", 0, "probe-file", "it loads, starts with defaults and takes 200 events",
             check_probe_run),
    FILE_ROW("probe-state", 0, "probe-run", "it takes over the saved state of --state",
             check_probe_state),

    FILE_ROW("elf-exports", 1, NULL, "exports turret_entry and nothing else", check_elf_exports),
    FILE_ROW("elf-note", 1, "elf-exports", "its note fits this host: version, fingerprint, texts",
             check_elf_note),
    FILE_ROW("elf-needed", 1, NULL, "lists the libraries it needs, none by its path",
             check_elf_needed),
    FILE_ROW("elf-imports", 1, "elf-note",
             "uses no threads, processes, signals, clocks or sockets that its kind may not",
             check_elf_imports),
    FILE_ROW("elf-tls", 1, NULL, "no initial-exec thread-local storage", check_elf_tls),
    FILE_ROW("elf-textrel", 1, NULL, "no relocations in its code", check_elf_textrel),
    FILE_ROW("elf-segments", 1, NULL, "no executable stack, nothing writable and executable",
             check_elf_segments),
    FILE_ROW("elf-rpath", 1, NULL, "carries no library search path", check_elf_rpath),
    FILE_ROW("elf-unique", 2, NULL, "no STB_GNU_UNIQUE symbol, which would pin it in memory",
             check_elf_unique),
    FILE_ROW("elf-nodelete", 2, NULL, "not marked as never to be unloaded", check_elf_nodelete),

    FILE_ROW(OPENS, 1, "elf-note", "loads: entry equals note, tables are sound, init() succeeds",
             check_load_opens),
    TRACE_ROW("load-threads", OPENS, "loading and unloading leave no thread running",
              CHECK_TRACE_THREADS),
    FILE_ROW("load-time", 1, "load-threads", "loads within 100 ms", check_load_time),
    TRACE_ROW("load-signals", "load-threads", "loading changes no signal handler or mask",
              CHECK_TRACE_SIGNALS),
    TRACE_ROW("load-descriptors", "load-threads", "loading leaves no descriptor open or closed",
              CHECK_TRACE_DESCRIPTORS),
    TRACE_ROW("load-surroundings", "load-threads",
              "loading changes no environment, locale, directory, umask or floating-point mode",
              CHECK_TRACE_SURROUNDINGS),
    FILE_ROW("load-again", 1, "load-threads", "loads a second time: init() and deinit() twice",
             check_load_again),
    FILE_ROW("load-unload", 2, "load-again", "leaves memory when unloaded, or is told to stay",
             check_load_unload),

    ROW(STARTS, 1, ANY, OPENS, "an instance starts with default parameters and stops",
        check_lifecycle_start),
    ROW(RUNS, 1, ANY, STARTS,
        "600 ordinary events: lookback, finite numbers, sound requests, one thread",
        check_lifecycle_events),
    ROW("lifecycle-repeat", 1, ANY, RUNS, "1,000 instances come and go without a leak",
        check_lifecycle_repeat),
    ROW("lifecycle-wrong-state", 1, I | S, RUNS,
        "every reason to start and stop; events that are not its own; started again",
        check_lifecycle_wrong_state),

    ROW("rule-answers", 1, S, STARTS,
        "on_check answers every order, in one line where it says no, and asks for none",
        check_rule_answers),
    ROW("rule-absurd", 3, S, "rule-answers",
        "on_check stands orders of unknown instruments, ids and impossible numbers",
        check_rule_absurd),
    TWICE_ROW("rule-same", 3, S, "rule-answers",
              "on_check gives the same answers from the same state, in any process",
              check_rule_same),

    ROW("params-defaults", 1, ANY, RUNS, "takes its own defaults; numbers come back from text",
        check_params_defaults),
    ROW("params-bounds", 1, ANY, "params-defaults",
        "every minimum, maximum and choice is taken, or refused with a text", check_params_bounds),
    ROW("params-unknown", 1, S, "params-defaults", "parameters it does not have change nothing",
        check_params_unknown),
    ROW("params-fuzz", 1, ANY, "params-bounds",
        "200 random combinations within bounds are taken, or refused with a text",
        check_params_fuzz),

    ROW("state-fields", 2, S, RUNS, "saved fields are in place and unchanged after a restart",
        check_state_fields),
    ROW("state-stream", 2, S, RUNS, "save() and load() give back every byte, by pieces of any size",
        check_state_stream),
    SHARED_ROW("state-empty", 2, S, "state-stream", "load() refuses an empty stream",
               check_state_refuses, CHECK_STATE_EMPTY),
    SHARED_ROW("state-truncated", 2, S, "state-stream", "load() refuses a stream cut at any byte",
               check_state_refuses, CHECK_STATE_TRUNCATED),
    SHARED_ROW("state-noise", 2, S, "state-stream", "load() survives random bytes",
               check_state_refuses, CHECK_STATE_NOISE),
    ROW("state-random", 2, S, "state-fields", "any bits in its saved fields do no harm",
        check_state_random),
    ROW("state-moved", 2, I, RUNS, "its state can be moved by bytes", check_state_moved),
    ROW("state-resume", 2, S, RUNS,
        "saved half-way and carried on, it does what it would have done", check_determinism_resume),

    MARKET_ROW("market-flat", "a price that never moves", SCENE_FLAT),
    MARKET_ROW("market-gap", "weeks without bars, prices that fall to a fifth", SCENE_GAP),
    MARKET_ROW("market-duplicate", "every bar twice", SCENE_DUPLICATE),
    MARKET_ROW("market-shuffled", "bars out of order", SCENE_SHUFFLED),
    MARKET_ROW("market-backward", "time that runs back", SCENE_BACKWARD),
    MARKET_ROW("market-zero-volume", "bars in which nothing traded", SCENE_ZERO_VOLUME),
    MARKET_ROW("market-absurd", "prices from one unit to the largest there is", SCENE_ABSURD),

    TWICE_ROW("determinism-same", 3, I | S, RUNS,
              "the same events give the same requests, values and state, in any process",
              check_determinism_same),
    ROW("determinism-instances", 3, I | S, "determinism-same",
        "instances beside each other do what one does alone", check_determinism_instances),
    ROW("determinism-batch", 3, I, RUNS, "update_block() gives the bits of update()",
        check_determinism_batch),
    SHARED_ROW("discipline-allocations", 3, I | S, RUNS, "callbacks allocate and free nothing",
               check_discipline_imports, CHECK_COUNT_ALLOCATIONS),
    SHARED_ROW("discipline-locks", 3, I | S, RUNS, "callbacks take no lock",
               check_discipline_imports, CHECK_COUNT_LOCKS),
    ROW("discipline-syscalls", 3, I | S, RUNS, "callbacks make no system call",
        check_discipline_syscalls),
    ROW("discipline-growth", 3, I | S, RUNS, "20,000 events keep no more memory",
        check_discipline_growth),

    FILE_ROW("skew-note", 4, OPENS, "another major or a newer minor is refused by its note",
             check_skew_note),
    FILE_ROW("skew-entry", 4, "load-threads", "an entry of another struct_size is taken or refused",
             check_skew_entry),
    ROW("skew-type", 4, I | S, RUNS, "runs on a host that knows fewer of its callbacks",
        check_skew_type),
    ROW("skew-host", 4, S, RUNS, "does the same on a host that offers less or more",
        check_skew_host),
    ROW("fuzz-events", 4, I | S, RUNS, "5,000 random events", check_fuzz_events),
    ROW("fuzz-life", 4, S, "state-resume", "starts, events, saves and stops in random order",
        check_fuzz_life),

    ROW(SESSION, 1, B, STARTS, "says soundly what it can do, and has what it advertises",
        check_broker_describe),
    ROW("broker-close", 1, B, STARTS, "opens, connects and closes; close() can be called twice",
        check_broker_close),
    ROW("broker-not-advertised", 1, B, STARTS,
        "what it does not advertise is not there or answers TURRET_ENOTSUP",
        check_broker_not_advertised),
    ROW("broker-submit", 1, B, SESSION, "every submit gets exactly one definite answer",
        check_broker_submit),
    ROW("broker-download", 2, B, "broker-submit", "a download begins, tells open orders, ends",
        check_broker_download),
    ROW("broker-cancel", 2, B, "broker-submit", "a cancel is answered once, and not twice",
        check_broker_cancel),
    ROW("broker-query", 2, B, "broker-submit", "a query finds what is open and nothing else",
        check_broker_query),
    ROW("broker-duplicate", 2, B, "broker-submit", "the same client id again makes no second order",
        check_broker_duplicate),
    ROW("broker-unknown", 2, B, "broker-submit", "a cancel of an unknown order is not confirmed",
        check_broker_unknown),
    ROW("broker-modify", 2, B, "broker-submit", "a modify is answered once and then reported",
        check_broker_modify),
    ROW("broker-fill", 2, B, "broker-submit",
        "fills sum up to the order; quantities never go back; executions are unique",
        check_broker_fill),
    ROW("broker-account", 2, B, "broker-fill", "positions move by the fills; balances are told",
        check_broker_account),
    ROW("broker-reconnect", 2, B, "broker-submit", "a new session takes over and becomes ready",
        check_broker_reconnect),
    ROW("broker-export", 2, B, "broker-submit",
        "exported state comes back byte by byte, and is refused when cut", check_broker_export),
    TWICE_ROW("broker-same", 3, B, "broker-submit", "a simulated venue repeats itself to the byte",
              check_broker_same),
    ROW("broker-market", 3, B, "broker-submit", "a simulated venue stands every hostile market",
        check_broker_market),
};

const uint32_t check_row_count = sizeof check_rows / sizeof check_rows[0];

const struct check_row *check_row_find(const char *id)
{
    for (uint32_t i = 0; i < check_row_count; i++)
        if (!strcmp(check_rows[i].id, id))
            return &check_rows[i];
    return NULL;
}
