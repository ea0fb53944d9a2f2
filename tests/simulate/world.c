/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct world *world_now;

/* splitmix64 and xoshiro256**, as Blackman and Vigna, "Scrambled linear pseudorandom number
   generators" (2021), give them. */
static uint64_t split(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t turned(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

uint64_t world_random(struct world *world)
{
    uint64_t *s = world->random, result = turned(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turned(s[3], 45);
    return result;
}

static const struct {
    const char *name, *text;
    uint32_t most;
} faults[FAULTS] = {
#define FAULT(name, most, text) [FAULT_##name] = {#name, text, most},
    WORLD_FAULTS(FAULT)
#undef FAULT
};

const char *world_fault_name(enum fault fault)
{
    return faults[fault].name;
}

const char *world_fault_text(enum fault fault)
{
    return faults[fault].text;
}

/* About a third of the faults are off in a seed, the others more or less frequent. */
static void choose_faults(struct world *world)
{
    uint32_t i;
    for (i = 0; i < FAULTS; i++)
        world->chance[i] =
            world_below(world, 3) == 0 ? 0 : (uint32_t)world_below(world, faults[i].most) + 1;
    if (world->chance[FAULT_SNAPSHOT] == 0)
        world->chance[FAULT_SNAPSHOT] = 200;
}

int world_init(struct world *world, uint64_t seed)
{
    uint64_t state = seed;
    uint32_t i;
    memset(world, 0, sizeof *world);
    world->seed = seed;
    for (i = 0; i < 4; i++)
        world->random[i] = split(&state);
    world->now = INT64_C(1700006400) * SECOND;
    world->digest = UINT64_C(14695981039346656037);
    world->due_room = 1024;
    world->heap = malloc(world->due_room * sizeof *world->heap);
    world->venues = 1 + (uint32_t)world_below(world, WORLD_VENUES);
    world->instruments = world->venues + (uint32_t)world_below(world, 4);
    world->strategies = 1 + (uint32_t)world_below(world, WORLD_STRATEGIES);
    choose_faults(world);
    world_now = world;
    return world->heap ? TURRET_OK : TURRET_ENOMEM;
}

void world_finish(struct world *world)
{
    free(world->heap);
    world->heap = NULL;
}

bool world_fault(struct world *world, enum fault fault)
{
    if (world->calm || world->chance[fault] == 0 ||
        world_below(world, MILLION) >= world->chance[fault])
        return false;
    world->happened[fault]++;
    return true;
}

static bool sooner(const struct due *a, const struct due *b)
{
    return a->time != b->time ? a->time < b->time : a->number < b->number;
}

void world_at(struct world *world, int64_t delay_ns, world_fn *fire, uint32_t who, uint64_t what)
{
    struct due one = {world->now + delay_ns, world->due_number++, fire, what, who};
    uint32_t at = world->due_count++;
    if (world->due_count > world->due_room) {
        world->due_room *= 2;
        world->heap = realloc(world->heap, world->due_room * sizeof *world->heap);
        if (!world->heap)
            abort();
    }
    while (at > 0 && sooner(&one, &world->heap[(at - 1) / 2])) {
        world->heap[at] = world->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    world->heap[at] = one;
}

bool world_step(struct world *world)
{
    struct due first, last;
    uint32_t at = 0, child;
    if (world->due_count == 0)
        return false;
    first = world->heap[0];
    last = world->heap[--world->due_count];
    while ((child = 2 * at + 1) < world->due_count) {
        if (child + 1 < world->due_count && sooner(&world->heap[child + 1], &world->heap[child]))
            child++;
        if (!sooner(&world->heap[child], &last))
            break;
        world->heap[at] = world->heap[child];
        at = child;
    }
    world->heap[at] = last;
    world->now = first.time;
    world->steps++;
    first.fire(world, first.who, first.what);
    return true;
}

void world_mix(struct world *world, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    uint64_t word = 0, digest = world->digest;
    for (; size >= sizeof word; size -= sizeof word, from += sizeof word) {
        memcpy(&word, from, sizeof word);
        digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        digest ^= digest >> 29;
    }
    word = 0;
    memcpy(&word, from, size);
    digest = (digest ^ word ^ size << 56) * UINT64_C(0x9e3779b97f4a7c15);
    world->digest = digest ^ digest >> 32;
}

void world_fail(struct world *world, const char *invariant, const char *format, ...)
{
    char text[400];
    va_list args;
    if (world->failed)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    world->failed = true;
    (void)snprintf(world->failure, sizeof world->failure, "step %llu, event %llu: %s: %s",
                   (unsigned long long)world->steps, (unsigned long long)world->events, invariant,
                   text);
}

void world_say(struct world *world, const char *format, ...)
{
    va_list args;
    if (!world->trace)
        return;
    va_start(args, format);
    printf("%8llu %14.6f  ", (unsigned long long)world->steps,
           (double)(world->now - INT64_C(1700006400) * SECOND) / 1e9);
    (void)vprintf(format, args);
    (void)putchar('\n');
    va_end(args);
}
