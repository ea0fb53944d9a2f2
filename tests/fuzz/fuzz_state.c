/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the saved state of a strategy, taken by a build of the same schema and by one of the
 * next, which has fields narrower and wider, a converter, and save() and load().
 */
#include "bench.h"

#include "core/saved_state.h"

struct other_state {
    int32_t bars; /* was I64 */
    int64_t last; /* was I32 */
    double sum;
    int64_t many[3];
    int64_t loaded;
};

static int32_t load(struct turret_strategy *self, struct turret_stream *from,
                    struct turret_error *err)
{
    struct other_state *state = turret_self(self);
    uint8_t byte;
    while (from->read(from, &byte, 1) == 1)
        state->loaded += byte;
    return state->loaded % 7 == 6 ? turret_fail(err, TURRET_EINVAL, "seven") : turret_ok(err);
}

static const struct turret_field other_fields[] = {
    TURRET_FIELD_I32(1, struct other_state, bars, "bars seen"),
    TURRET_FIELD_F64(4, struct other_state, sum, "sum"),
    TURRET_FIELD_I64(5, struct other_state, last, "last state"),
    TURRET_FIELD_I64(9, struct other_state, loaded, "new"),
};

static void take(const uint8_t *bytes, size_t size, const struct turret_strategy_type *type)
{
    struct turret_error err = {0};
    struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, 0, 0, NULL};
    struct unpack in = {bytes, bytes + size, &err};
    struct strategy *owner = &rig.engine->strategies[0];
    struct incarnation *to = incarnation_create(owner, type, &number);
    uint8_t saved[4096];
    struct pack pack = {saved, 0, sizeof saved};
    int status;
    FUZZ_MUST(to);
    status = saved_state_take(&in, to, &rig_strategy, &err);
    FUZZ_MUST(in.at >= bytes && in.at <= in.end);
    FUZZ_MUST(status == TURRET_OK || err.text[0]);
    if (status == TURRET_OK) {
        FUZZ_MUST(saved_state_put(&pack, to, &err) == TURRET_OK);
        in = (struct unpack){saved, saved + pack.used, &err};
        FUZZ_MUST(saved_state_take(&in, NULL, NULL, &err) == TURRET_OK);
        FUZZ_MUST(in.at == in.end);
        in.at = saved;
        FUZZ_MUST(saved_state_compare(to, &in, &err) == TURRET_OK);
    }
    incarnation_destroy(to, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static bool open;
    struct rig_options o = bench_options();
    struct turret_strategy_type other = rig_strategy;
    if (!open)
        rig_open(&rig, &o);
    open = true;
    other.state_size = (uint32_t)sizeof(struct other_state);
    other.fields = other_fields;
    other.field_count = (uint32_t)(sizeof other_fields / sizeof *other_fields);
    other.load = load;
    take(bytes, size_bytes, &rig_strategy);
    take(bytes, size_bytes, &other);
    other.state_schema = 2;
    take(bytes, size_bytes, &other);
    return 0;
}

size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    struct rig_options o = bench_options();
    size_t size;
    if (number > 1)
        return 0;
    rig_open(&rig, &o);
    bench_busy(number * 20);
    size = engine_save_state(rig.engine, number, to, room);
    rig_close(&rig);
    return size;
}
