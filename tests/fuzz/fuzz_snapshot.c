/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a snapshot, the way a start takes one: before and after the strategies start. It is
 * refused with a text, or the engine then saves what is restored alike and goes on trading.
 */
#include "bench.h"

static int take(const uint8_t *bytes, size_t size, struct turret_error *err)
{
    int status = engine_preload(rig.engine, bytes, size, err);
    if (status)
        return status;
    FUZZ_MUST(engine_start(rig.engine, TURRET_REASON_RESTART, err) == TURRET_OK);
    return engine_restore(rig.engine, bytes, size, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct rig_options o = bench_options();
    struct turret_error err = {0};
    int status;
    (void)engine_snapshot_time(bytes, size_bytes);
    (void)rig_build(&rig, &o, &err);
    status = take(bytes, size_bytes, &err);
    if (status) {
        FUZZ_MUST(err.code == status && err.text[0]);
    } else {
        bench_check();
        rig.time = engine_now(rig.engine) < EVENT_TIME_MAX / 2 ? engine_now(rig.engine) : RIG_START;
        rig_connect(&rig);
        bench_busy(6);
        bench_check();
    }
    rig_close(&rig);
    return 0;
}

size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    static const uint32_t bars[] = {0, 9, 60};
    struct rig_options o = bench_options();
    size_t size;
    if (number >= sizeof bars / sizeof *bars)
        return 0;
    rig_open(&rig, &o);
    bench_busy(bars[number]);
    size = engine_snapshot(rig.engine, to, room);
    rig_close(&rig);
    return size;
}
