/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs worlds, each from its seed: strategies, venues, faults, swaps, restarts, in virtual time and
 * without any real I/O. Every event is checked against what must hold (invariants.c), the end
 * against the venues (rest.c).
 *
 * usage: simulate SEED [COUNT] [--events N] [--trace] [--twice] [--bug NAME] [--quiet]
 *
 * Exits 1 when an invariant does not hold, after the seed, the step and the invariant; the same
 * seed does the same again, with --trace step by step. --bug NAME makes a mistake on purpose: exit
 * 0 when one of the seeds finds it. --twice runs each seed again and compares.
 */
#include "mischief.h"

#include <stdlib.h>
#include <time.h>

struct options {
    uint64_t seed, count, events;
    bool trace, twice, quiet;
    enum bug bug;
};

struct totals {
    uint64_t worlds, events, steps, digest, happened[FAULTS];
    uint64_t starts, kills, swaps, reloads, replayed, compared, orders, fills;
};

static void finish(struct world *world)
{
    uint32_t v;
    host_destroy(world->host);
    for (v = 0; v < world->venues; v++) {
        struct exchange *exchange = world->exchanges[v];
        if (exchange)
            wire_destroy(exchange->wire);
        exchange_destroy(exchange);
    }
    world_finish(world);
}

static int prepare(struct world *world, const struct options *options, uint64_t seed)
{
    struct turret_error err = {0};
    uint32_t v;
    int status = world_init(world, seed);
    world->trace = options->trace;
    world->bug = options->bug;
    for (v = 0; !status && v < world->venues; v++) {
        status = exchange_create(&world->exchanges[v], world, v);
        if (!status)
            status = wire_create(&world->exchanges[v]->wire, world, world->exchanges[v]);
    }
    if (!status)
        status = host_create(&world->host, world, &err);
    return status;
}

static void run_until(struct world *world, turret_time_ns until, uint64_t events)
{
    while (!world->failed && world->now < until && world->events < events && world_step(world)) {
        if (world->host->live && !world->failed) {
            if (world->bug)
                mischief_turn(world->host);
            host_turns(world->host);
        }
    }
}

/* Long enough for every deadline and question; a last download compares the accounts. */
static void rest(struct world *world)
{
    uint32_t v;
    world->calm = true;
    run_until(world, world->now + 40 * SECOND, UINT64_MAX);
    host_calm(world->host);
    run_until(world, world->now + 60 * SECOND + EXCHANGE_SKEW, UINT64_MAX);
    for (v = 0; v < world->venues; v++) {
        world->exchanges[v]->resting = true;
        world->exchanges[v]->wire->gap = true;
    }
    run_until(world, world->now + 30 * SECOND, UINT64_MAX);
    if (!world->failed)
        host_check_rest(world->host);
}

static void add_up(struct totals *totals, const struct world *world)
{
    const struct host *host = world->host;
    uint32_t i;
    totals->worlds++;
    totals->events += world->events;
    totals->steps += world->steps;
    totals->digest = totals->digest * 31 + world->digest;
    for (i = 0; i < FAULTS; i++)
        totals->happened[i] += world->happened[i];
    totals->starts += host->starts;
    totals->kills += host->kills;
    totals->swaps += host->swaps;
    totals->reloads += host->reloads;
    totals->replayed += host->replayed;
    totals->compared += host->compared;
    for (i = 0; i < world->venues; i++) {
        totals->orders += world->exchanges[i]->order_count;
        totals->fills += world->exchanges[i]->fill_count;
    }
}

/* Answers whether every invariant held. */
static bool run(const struct options *options, uint64_t seed, struct totals *totals,
                uint64_t *digest, char failure[600])
{
    struct world *world = calloc(1, sizeof *world);
    bool held;
    uint32_t v;
    if (!world || prepare(world, options, seed))
        abort();
    for (v = 0; v < world->venues; v++) {
        exchange_start(world->exchanges[v]);
        wire_start(world->exchanges[v]->wire);
    }
    host_start(world->host);
    run_until(world, INT64_MAX, options->events);
    if (!world->failed)
        rest(world);
    world_mix(world, &world->events, sizeof world->events);
    *digest = world->digest;
    held = !world->failed;
    memcpy(failure, world->failure, sizeof world->failure);
    add_up(totals, world);
    finish(world);
    free(world);
    return held;
}

/* ---- the command line ---- */

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static int parse(int argc, char **argv, struct options *options)
{
    int i, b, numbers = 0;
    *options = (struct options){.seed = 1, .count = 1, .events = 20000};
    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--trace"))
            options->trace = true;
        else if (!strcmp(argv[i], "--twice"))
            options->twice = true;
        else if (!strcmp(argv[i], "--quiet"))
            options->quiet = true;
        else if (!strcmp(argv[i], "--events") && i + 1 < argc)
            options->events = strtoull(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--bug") && i + 1 < argc) {
            for (b = BUGS - 1; b > 0 && strcmp(mischief_name((enum bug)b), argv[i + 1]) != 0; b--)
                ;
            options->bug = (enum bug)b;
            i += b ? 1 : argc;
        } else if (argv[i][0] != '-' && numbers < 2)
            *(numbers++ ? &options->count : &options->seed) = strtoull(argv[i], NULL, 10);
        else
            numbers = argc + 3;
    }
    return i > argc || numbers == 0 || numbers > 2 ? -1 : 0;
}

static void print_totals(const struct options *options, const struct totals *totals, double took)
{
    uint32_t i;
    printf("simulate: %llu seeds from %llu, digest %016llx, %llu events in %.1f s: %.0f events/s; "
           "%llu orders, %llu executions, %llu starts, %llu kills, %llu steps of swaps, %llu "
           "reloads, %llu records replayed, %llu states compared\n",
           (unsigned long long)totals->worlds, (unsigned long long)options->seed,
           (unsigned long long)totals->digest, (unsigned long long)totals->events, took,
           (double)totals->events / took, (unsigned long long)totals->orders,
           (unsigned long long)totals->fills, (unsigned long long)totals->starts,
           (unsigned long long)totals->kills, (unsigned long long)totals->swaps,
           (unsigned long long)totals->reloads, (unsigned long long)totals->replayed,
           (unsigned long long)totals->compared);
    for (i = 0; !options->quiet && i < FAULTS; i++)
        printf("%10llu  %s\n", (unsigned long long)totals->happened[i],
               world_fault_text((enum fault)i));
}

int main(int argc, char **argv)
{
    struct options options;
    struct totals totals = {0};
    uint64_t i, digest, again;
    char failure[600];
    double began = seconds();
    if (parse(argc, argv, &options)) {
        fprintf(stderr, "usage: simulate SEED [COUNT] [--events N] [--trace] [--twice] "
                        "[--bug NAME] [--quiet]\n");
        return 2;
    }
    for (i = 0; i < options.count; i++) {
        uint64_t seed = options.seed + i;
        bool held = run(&options, seed, &totals, &digest, failure);
        if (!held && options.bug) {
            printf("%s: found by seed %llu: %s\n", mischief_name(options.bug),
                   (unsigned long long)seed, failure);
            return 0;
        }
        if (!held) {
            printf("seed %llu, digest %016llx: %s\nagain, step by step: simulate %llu --events "
                   "%llu --trace\n",
                   (unsigned long long)seed, (unsigned long long)digest, failure,
                   (unsigned long long)seed, (unsigned long long)options.events);
            return 1;
        }
        if (options.twice && (!run(&options, seed, &totals, &again, failure) || again != digest)) {
            printf("seed %llu: %016llx, and %016llx when it ran again\n", (unsigned long long)seed,
                   (unsigned long long)digest, (unsigned long long)again);
            return 1;
        }
    }
    print_totals(&options, &totals, seconds() - began);
    if (options.bug)
        printf("%s: not found\n", mischief_name(options.bug));
    return options.bug != BUG_NONE;
}
