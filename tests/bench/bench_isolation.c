/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A callback of an isolated strategy, on_bar with two indicators and one declared field, against
 * the raw round trip of a word through memory shared with another process: both spinning (median
 * and 99th percentile), and both asleep in the kernel each time.
 */
#include "bench.h"

#include "core/state.h"
#include "isolation/channel.h"
#include "isolation/isolated.h"
#include "plugin/registry.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS     20000
#define SLEEPS    2000
#define SETTLE_NS 100000
#define QUIT      UINT32_MAX

/* ---- the floor: two words, each on a line of its own ---- */

struct words {
    _Alignas(64) _Atomic uint32_t there;
    _Alignas(64) _Atomic uint32_t back;
};

struct floor {
    struct words *words;
    pid_t other;
    bool sleeps;
    uint32_t round;
};

struct calls {
    struct floor spin, sleep;
    struct strategy strategy;
    struct incarnation code;
    struct turret_slot slots[2];
    double *times;
    uint32_t count;
    double part; /* which quantile is told */
    bool asleep;
};

static void wait_change(_Atomic uint32_t *word, uint32_t old, bool sleeps)
{
    while (atomic_load_explicit(word, memory_order_acquire) == old)
        if (sleeps)
            (void)syscall(SYS_futex, word, FUTEX_WAIT, old, NULL, NULL, 0);
        else
            channel_pause();
}

static void change(_Atomic uint32_t *word, uint32_t value, bool sleeps)
{
    atomic_store_explicit(word, value, memory_order_release);
    if (sleeps)
        (void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

_Noreturn static void echo(struct words *words, bool sleeps)
{
    uint32_t seen = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        wait_change(&words->there, seen, sleeps);
        seen = atomic_load_explicit(&words->there, memory_order_acquire);
        if (seen == QUIT)
            _exit(0);
        change(&words->back, seen, sleeps);
    }
}

static void floor_begin(struct floor *floor, bool sleeps)
{
    floor->sleeps = sleeps;
    floor->words =
        mmap(NULL, sizeof *floor->words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (floor->words == MAP_FAILED)
        bench_fail("no shared memory: %s", strerror(errno));
    floor->other = fork();
    if (floor->other < 0)
        bench_fail("fork: %s", strerror(errno));
    if (floor->other == 0)
        echo(floor->words, sleeps);
}

static void floor_end(struct floor *floor)
{
    change(&floor->words->there, QUIT, true);
    (void)waitpid(floor->other, NULL, 0);
    (void)munmap(floor->words, sizeof *floor->words);
}

static void floor_round(struct floor *floor)
{
    change(&floor->words->there, ++floor->round, floor->sleeps);
    wait_change(&floor->words->back, floor->round - 1, floor->sleeps);
}

/* This process on one core, all its children on another: where both ends are decides the time. */
static void pin(void)
{
    char path[64], words[256];
    FILE *file;
    cpu_set_t core;
    size_t got;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
        return;
    CPU_ZERO(&core);
    CPU_SET(0, &core);
    (void)sched_setaffinity(0, sizeof core, &core);
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    got = file ? fread(words, 1, sizeof words - 1, file) : 0;
    words[got] = 0;
    if (file)
        (void)fclose(file);
    CPU_ZERO(&core);
    CPU_SET(1, &core);
    for (char *at = words, *end; *at; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        (void)sched_setaffinity((pid_t)child, sizeof core, &core);
    }
}

/* ---- what is measured ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(struct calls *calls)
{
    qsort(calls->times, calls->count, sizeof *calls->times, ascending);
    return calls->times[(uint32_t)(calls->part * (calls->count - 1))];
}

/* Long enough for the other side to be asleep. */
static void settle(const struct calls *calls)
{
    double began = bench_now();
    while (calls->asleep && bench_now() - began < SETTLE_NS)
        ;
}

static double run_floor(struct calls *calls, struct floor *floor)
{
    for (uint32_t i = 0; i < calls->count; i++) {
        double started;
        settle(calls);
        started = bench_now();
        floor_round(floor);
        calls->times[i] = bench_now() - started;
    }
    return quantile(calls);
}

static double spin_floor(void *context)
{
    struct calls *calls = context;
    /* the echo spins on a core of its own only while this runs */
    (void)kill(calls->spin.other, SIGCONT);
    for (int i = 0; i < 100; i++)
        floor_round(&calls->spin);
    double took = run_floor(calls, &calls->spin);
    (void)kill(calls->spin.other, SIGSTOP);
    return took;
}

static double sleep_floor(void *context)
{
    struct calls *calls = context;
    return run_floor(calls, &calls->sleep);
}

static double calling(void *context)
{
    struct calls *calls = context;
    const struct turret_strategy_type *type = calls->code.type;
    struct turret_bar bar = {.instrument = 1, .timeframe_ns = 60000000000, .close = 100};
    for (uint32_t i = 0; i < calls->count + 100; i++) {
        double started;
        bar.time += bar.timeframe_ns;
        calls->slots[0].value[0] = i;
        calls->slots[1].value[0] = i + 1.0;
        settle(calls);
        started = bench_now();
        type->on_bar(&calls->code.handle, &bar);
        if (i >= 100)
            calls->times[i - 100] = bench_now() - started;
    }
    if (calls->code.lost)
        bench_fail("the runner was lost: %s", calls->strategy.fault);
    return quantile(calls);
}

/* ---- a strategy outside an engine ---- */

static struct calls *now;

static turret_indicator use(struct turret_strategy *self, turret_instrument instrument,
                            int64_t timeframe_ns, const char *expression, struct turret_error *err)
{
    (void)self;
    (void)instrument;
    (void)timeframe_ns;
    (void)err;
    return &now->slots[strstr(expression, "30") != NULL];
}

static int32_t target(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                      const char *reason)
{
    (void)self;
    (void)instrument;
    (void)qty;
    (void)reason;
    return 0;
}

static struct engine nothing; /* replays nothing, holds nothing */

static void begin(struct calls *calls, struct registry *registry, uint32_t spins)
{
    static const struct turret_strategy_host host = {
        .struct_size = (uint32_t)sizeof host, .use = use, .target = target};
    static const struct turret_param_value params[] = {{1, TURRET_PARAM_TYPE_INT, 10, 0, NULL},
                                                       {2, TURRET_PARAM_TYPE_INT, 30, 0, NULL},
                                                       {3, TURRET_PARAM_TYPE_QTY, 1, 0, NULL}};
    static const turret_instrument instruments[] = {2}; /* another than the bars': no order */
    const struct turret_start start = {.struct_size = (uint32_t)sizeof start,
                                       .reason = TURRET_REASON_FIRST,
                                       .params = params,
                                       .instruments = instruments,
                                       .param_count = 3,
                                       .instrument_count = 1,
                                       .timeframe_ns = 60000000000};
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct turret_error err = {0};
    isolated_spins = spins;
    now = calls;
    if (registry_find(registry, TURRET_KIND_STRATEGY, "ma_cross", &offer, &plugin, &err))
        bench_fail("%s", err.text);
    memset(&calls->strategy, 0, sizeof calls->strategy);
    memset(&calls->code, 0, sizeof calls->code);
    calls->code.owner = &calls->strategy;
    calls->strategy.engine = &nothing;
    calls->strategy.acting = &calls->code;
    calls->code.type = &offer->strategy;
    calls->code.handle.host = &host;
    calls->code.handle.state = calloc(1, offer->strategy.state_size);
    if (!calls->code.handle.state || offer->strategy.on_start(&calls->code.handle, &start, &err))
        bench_fail("%s", err.text);
    pin();
}

static void end(struct calls *calls)
{
    calls->code.type->on_stop(&calls->code.handle, TURRET_REASON_SHUTDOWN);
    free(calls->code.handle.state);
}

int main(int argc, char **argv)
{
    struct bench bench;
    struct calls calls = {.count = CALLS};
    struct bench_pair pair = {.unit = "call", .floor_context = &calls, .measured_context = &calls};
    struct turret_error err = {0};
    static const struct plugin_policy isolated = {.allow_writable = true, .isolated = true};
    struct registry *registry;
    char path[512];
    bench_begin(&bench, "isolated call", argc, argv);
    calls.times = calloc(CALLS, sizeof *calls.times);
    floor_begin(&calls.spin, false);
    floor_begin(&calls.sleep, true);
    if (!calls.times || registry_create(&registry, bench.directory, &err))
        bench_fail("%s", err.text);
    if (registry_load(registry, bench_plugin("ma_cross", path), &isolated, &err))
        bench_fail("%s", err.text);

    calls.count = bench.smoke ? 100 : CALLS;
    begin(&calls, registry, UINT32_MAX);
    pair.floor_name = "a word there and back, both spinning";
    pair.floor = spin_floor;
    pair.measured = calling;
    pair.what = "spinning, median";
    pair.target = 2;
    calls.part = 0.5;
    bench_compare(&bench, &pair);
    pair.what = "spinning, 99th percentile";
    pair.target = 3;
    calls.part = 0.99;
    bench_compare(&bench, &pair);
    end(&calls);

    calls.count = bench.smoke ? 100 : SLEEPS;
    calls.asleep = true;
    begin(&calls, registry, 0);
    pair.what = "asleep, median";
    pair.floor_name = "a futex there and back";
    pair.floor = sleep_floor;
    pair.target = 1.2;
    calls.part = 0.5;
    bench_compare(&bench, &pair);
    end(&calls);

    registry_destroy(registry);
    (void)kill(calls.spin.other, SIGCONT);
    floor_end(&calls.spin);
    floor_end(&calls.sleep);
    free(calls.times);
    return bench_end(&bench);
}
