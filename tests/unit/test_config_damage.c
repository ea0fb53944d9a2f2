/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that 3,000 damaged variants of the demo configuration (a fixed seed: bytes changed, pieces
 * cut, doubled and moved) either load, and then show what loads again, or are told with at least
 * one message, and never do harm.
 */
#include "test_config_rig.h"

#define VARIANTS 3000

static uint64_t random_state = 20131007;

/* SplitMix64. */
static size_t draw(size_t below)
{
    uint64_t z = random_state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (size_t)((z ^ (z >> 31)) % below);
}

static void damage(char *text, size_t *size_bytes, size_t room)
{
    static const char signs[] = "{}[]:,#&*!|>'\"%@`-?\n\t $\\0z~\xff\x80\xc3";
    size_t from = draw(*size_bytes), length = draw(40), to = draw(*size_bytes);
    if (length > *size_bytes - from)
        length = *size_bytes - from;
    switch (draw(6)) {
    case 0: /* any byte */
        text[from] = (char)draw(256);
        break;
    case 1: /* one that means something to YAML */
        text[from] = signs[draw(sizeof signs - 1)];
        break;
    case 2: /* one bit */
        text[from] = (char)(text[from] ^ (1 << draw(8)));
        break;
    case 3: /* a piece is gone */
        memmove(text + from, text + from + length, *size_bytes - from - length);
        *size_bytes -= length;
        break;
    case 4: /* a piece comes again */
        if (*size_bytes + length < room) {
            memmove(text + from + length, text + from, *size_bytes - from);
            *size_bytes += length;
        }
        break;
    default: /* a piece lands elsewhere */
        if (length > *size_bytes - to)
            length = *size_bytes - to;
        memmove(text + to, text + from, length);
        break;
    }
    if (*size_bytes == 0)
        *size_bytes = 1;
}

static void check_shown(const struct config *config)
{
    char *shown = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&shown, &size);
    struct rig rig;
    assert_non_null(out);
    config_show(config, out);
    assert_int_equal(fclose(out), 0);
    rig_parse_good(&rig, shown);
    free(shown);
    rig_clear(&rig);
}

static void damaged_files_load_or_are_told(void **state)
{
    char path[] = "/tmp/turret-test-damage-XXXXXX";
    char *source = rig_source("configs/demo.yaml"), *good, *text;
    size_t good_bytes, size_bytes;
    int i, loaded = 0, told = 0, file = mkstemp(path);
    struct rig rig;
    (void)state;
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    good = rig_read(source, &good_bytes);
    text = calloc(1, good_bytes * 2);
    assert_non_null(text);
    for (i = 0; i < VARIANTS; i++) {
        size_t times = 1 + draw(3);
        memcpy(text, good, good_bytes);
        size_bytes = good_bytes;
        for (; times > 0; times--)
            damage(text, &size_bytes, good_bytes * 2);
        if (i % 50 == 0)
            size_bytes = 1 + draw(size_bytes); /* cut off */
        rig_write(path, text, size_bytes);
        rig_load(&rig, path); /* checks: a configuration or at least one message */
        if (rig.status == TURRET_OK) {
            check_shown(rig.config);
            loaded++;
        } else {
            assert_int_equal(rig.status, TURRET_EINVAL);
            told++;
        }
        rig_clear(&rig);
    }
    assert_int_equal(unlink(path), 0);
    assert_true(loaded > VARIANTS / 20); /* the damage is neither too gentle nor too rough */
    assert_true(told > VARIANTS / 4);
    free(text);
    free(good);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_files_load_or_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
