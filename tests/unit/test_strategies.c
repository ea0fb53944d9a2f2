/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the strategies that decide by indicators do with given values: their rules, both sides
 * of every threshold, what they keep over a restart, which parameters they refuse; and that the
 * tables of all strategies are sound. buy_and_hold and accumulate are in test_order_strategies.c.
 */
#include "strategy_rig.h"

#include <math.h>

static const char *const all[] = {"accumulate", "buy_and_hold", "ma_cross", "stoch_rsi",
                                  "weighted_signals"};

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-12))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void test_tables(void **state)
{
    uint32_t n, i, j;
    (void)state;
    for (n = 0; n < sizeof all / sizeof all[0]; n++) {
        struct rig *rig = rig_create(all[n]);
        const struct turret_strategy_type *type = rig->type;
        char id[64];
        (void)snprintf(id, sizeof id, "turret.%s", all[n]);
        assert_string_equal(type->id, id);
        assert_int_equal(type->struct_size, sizeof *type);
        for (i = 0; i < type->param_count; i++) {
            const struct turret_param *param = &type->params[i];
            for (j = 0; j < i; j++) {
                assert_int_not_equal(param->id, type->params[j].id);
                assert_string_not_equal(param->name, type->params[j].name);
            }
            assert_true(param->min <= param->max);
            if (param->type == TURRET_PARAM_TYPE_INT || param->type == TURRET_PARAM_TYPE_REAL)
                assert_true(rig->params[i].f >= param->min && rig->params[i].f <= param->max);
            if (param->type == TURRET_PARAM_TYPE_TEXT)
                assert_non_null(strstr(param->unit, param->default_text));
        }
        for (i = 0; i < type->field_count; i++) {
            const struct turret_field *field = &type->fields[i];
            assert_true(field->offset + rig_field_size(field) <= type->state_size);
            for (j = 0; j < i; j++)
                assert_int_not_equal(field->id, type->fields[j].id);
        }
        rig_start_ok(rig); /* the defaults are good */
        rig_destroy(rig);
    }
}

static void test_too_many_instruments(void **state)
{
    static const char *const many[] = {"accumulate", "buy_and_hold", "stoch_rsi",
                                       "weighted_signals"};
    uint32_t n, i;
    (void)state;
    for (n = 0; n < sizeof many / sizeof many[0]; n++) {
        struct rig *rig = rig_create(many[n]);
        for (i = 0; i < 65; i++)
            rig->instruments[i] = i + 1;
        rig->instrument_count = 64;
        rig_start_ok(rig);
        rig->instrument_count = 65;
        rig_start_refused(rig, TURRET_ELIMIT, "on 65 instruments, above the limit 64");
        rig_destroy(rig);
    }
}

static void cross(struct rig *rig, double fast, double slow)
{
    rig->slots[0].slot.value[0] = fast;
    rig->slots[1].slot.value[0] = slow;
    rig_bar(rig, 1, 10000);
}

static void test_ma_cross(void **state)
{
    struct rig *rig = rig_create("ma_cross");
    (void)state;
    rig_set(rig, "size", 7);
    rig_start_ok(rig);
    assert_string_equal(rig->slots[0].expression, "sma(10)");
    assert_string_equal(rig->slots[1].expression, "sma(30)");
    cross(rig, 1, 2);
    assert_int_equal(rig->wish[1], 0);
    cross(rig, 2, 2);
    assert_int_equal(rig->wish[1], 0);
    cross(rig, 2.000001, 2);
    assert_int_equal(rig->wish[1], 7);
    assert_string_equal(rig->target_reason, "fast above slow");
    cross(rig, 3, 2);
    assert_int_equal(*(const int64_t *)rig_field(rig, "crossings", 0), 1);
    cross(rig, 2, 2);
    assert_int_equal(rig->wish[1], 0);
    assert_string_equal(rig->target_reason, "fast not above slow");
    assert_int_equal(*(const int64_t *)rig_field(rig, "crossings", 0), 2);
    rig_restart(rig);
    assert_int_equal(*(const int64_t *)rig_field(rig, "crossings", 0), 2);
    cross(rig, 3, 2);
    assert_int_equal(rig->wish[1], 7);
    assert_int_equal(*(const int64_t *)rig_field(rig, "crossings", 0), 3);
    rig_destroy(rig);
}

static void test_ma_cross_short(void **state)
{
    struct rig *rig = rig_create("ma_cross");
    (void)state;
    rig_set(rig, "size", 7);
    rig_set(rig, "short", 1);
    rig_set(rig, "fast", 5);
    rig_set(rig, "slow", 6);
    rig_set_text(rig, "kind", "ema");
    rig->instruments[1] = 2; /* a second instrument is not its concern */
    rig->instrument_count = 2;
    rig_start_ok(rig);
    assert_string_equal(rig->slots[0].expression, "ema(5)");
    assert_string_equal(rig->slots[1].expression, "ema(6)");
    cross(rig, 1, 2);
    assert_int_equal(rig->wish[1], -7);
    cross(rig, 2, 1);
    assert_int_equal(rig->wish[1], 7);
    rig->target_count = 0;
    rig_bar(rig, 2, 10000);
    assert_int_equal(rig->target_count, 0);
    rig_destroy(rig);
}

static void test_ma_cross_refuses(void **state)
{
    struct rig *rig = rig_create("ma_cross");
    (void)state;
    rig_set(rig, "fast", 30);
    rig_start_refused(rig, TURRET_EINVAL, "fast is 30, not below slow 30");
    rig_set(rig, "fast", 31);
    rig_start_refused(rig, TURRET_EINVAL, "fast is 31, not below slow 30");
    rig_set(rig, "fast", 29);
    rig_start_ok(rig);
    rig->unknown = "sma(30)";
    rig_start_refused(rig, TURRET_ENOTFOUND, "no indicator sma(30)");
    rig_destroy(rig);
}

static struct rig *weighted(int rsi, int ma, int macd)
{
    struct rig *rig = rig_create("weighted_signals");
    rig_set(rig, "rsi_enabled", rsi);
    rig_set(rig, "ma_enabled", ma);
    rig_set(rig, "macd_enabled", macd);
    rig_set(rig, "size", 5);
    return rig;
}

static void test_weighted_score(void **state)
{
    struct rig *rig = weighted(1, 1, 1);
    (void)state;
    rig_start_ok(rig);
    rig_slot(rig, 1, "rsi(14)")->value[0] = 46;
    rig_slot(rig, 1, "sma(10)")->value[0] = 103; /* 3 % above: past full */
    rig_slot(rig, 1, "sma(30)")->value[0] = 100;
    rig_slot(rig, 1, "macd(12,26,9)")->value[0] = 77; /* line and signal do not count */
    rig_slot(rig, 1, "macd(12,26,9)")->value[1] = 88;
    rig_slot(rig, 1, "macd(12,26,9)")->value[2] = -0.155; /* of 0.5 % of 100.00 */
    rig_bar(rig, 1, 10000);
    assert_string_equal(rig->score_reason, "rsi +0.20 ma +1.00 macd -0.31");
    assert_string_equal(rig->target_reason, rig->score_reason);
    assert_near(rig->score, (0.2 + 1 - 0.31) / 3);
    assert_near(*(const double *)rig_field(rig, "score", 0), rig->score);
    assert_int_equal(rig->wish[1], 5);

    rig_restart(rig);
    assert_near(*(const double *)rig_field(rig, "score", 0), (0.2 + 1 - 0.31) / 3);

    rig_slot(rig, 1, "rsi(14)")->value[0] = 100;
    rig_slot(rig, 1, "sma(10)")->value[0] = 99; /* 1 % below */
    rig_slot(rig, 1, "sma(30)")->value[0] = 100;
    rig_slot(rig, 1, "macd(12,26,9)")->value[2] = -9;
    rig_bar(rig, 1, 10000);
    assert_string_equal(rig->score_reason, "rsi -1.00 ma -0.50 macd -1.00");
    assert_near(rig->score, -2.5 / 3);
    rig_bar(rig, 1, 0); /* no price: the MACD has no scale and says nothing */
    assert_string_equal(rig->score_reason, "rsi -1.00 ma -0.50 macd +0.00");
    rig_destroy(rig);
}

static void test_weighted_weights(void **state)
{
    struct rig *rig = weighted(1, 1, 0);
    (void)state;
    rig_set_real(rig, "rsi_weight", 3);
    rig_set_real(rig, "ma_weight", 0.5);
    rig_set_real(rig, "macd_weight", 50); /* of a part that is off */
    rig_set(rig, "rsi_period", 7);
    rig_set(rig, "ma_fast", 4);
    rig_set(rig, "ma_slow", 9);
    rig_set_real(rig, "ma_full", 4);
    rig_start_ok(rig);
    assert_int_equal(rig->slot_count, 3); /* the part that is off asks for nothing */
    rig_slot(rig, 1, "rsi(7)")->value[0] = 60;
    rig_slot(rig, 1, "sma(4)")->value[0] = 101;
    rig_slot(rig, 1, "sma(9)")->value[0] = 100;
    rig_bar(rig, 1, 10000);
    assert_string_equal(rig->score_reason, "rsi -0.50 ma +0.25");
    assert_near(rig->score, (3 * -0.5 + 0.5 * 0.25) / 3.5);
    rig_destroy(rig);
}

static void rsi_bar(struct rig *rig, double rsi)
{
    rig->target_count = 0;
    rig_slot(rig, 1, "rsi(14)")->value[0] = rsi;
    rig_bar(rig, 1, 10000);
}

static void test_weighted_thresholds(void **state)
{
    struct rig *rig = weighted(1, 0, 0);
    (void)state;
    rig_start_ok(rig);
    rsi_bar(rig, 49.001); /* just below +0.05 */
    assert_int_equal(rig->target_count, 0);
    rsi_bar(rig, 49); /* at it */
    assert_int_equal(rig->target_count, 1);
    assert_int_equal(rig->wish[1], 5);
    rsi_bar(rig, 49.001); /* between: it keeps what it has */
    rsi_bar(rig, 50);
    assert_int_equal(rig->target_count, 0);
    rsi_bar(rig, 50.999);
    assert_int_equal(rig->target_count, 0);
    assert_int_equal(rig->wish[1], 5);
    rsi_bar(rig, 51);
    assert_int_equal(rig->target_count, 1);
    assert_int_equal(rig->wish[1], 0);
    rsi_bar(rig, 49.5);
    assert_int_equal(rig->target_count, 0);
    assert_int_equal(rig->wish[1], 0);

    rig_set(rig, "allow_short", 1);
    rig_set_real(rig, "buy", 0.5);
    rig_set_real(rig, "sell", 0.25); /* both may lie on one side */
    rig_start_ok(rig);
    rsi_bar(rig, 44.9);
    assert_int_equal(rig->target_count, 0);
    rsi_bar(rig, 45);
    assert_int_equal(rig->wish[1], -5);
    rsi_bar(rig, 40.1);
    assert_int_equal(rig->wish[1], -5);
    rsi_bar(rig, 40);
    assert_int_equal(rig->wish[1], 5);
    rig_destroy(rig);
}

static void test_weighted_disabled(void **state)
{
    struct rig *rig = weighted(1, 0, 0);
    (void)state;
    rig_set(rig, "enabled", 0);
    rig_start_ok(rig);
    rsi_bar(rig, 10);
    assert_int_equal(rig->score_count, 1);
    assert_near(rig->score, 1);
    assert_int_equal(rig->target_count, 0);
    rig_slot(rig, 1, "rsi(14)")->ready = 0;
    rsi_bar(rig, 90);
    assert_int_equal(rig->score_count, 1);
    rig_destroy(rig);
}

static void test_weighted_instruments(void **state)
{
    struct rig *rig = weighted(1, 0, 0);
    (void)state;
    rig->instruments[0] = 9;
    rig->instruments[1] = 4;
    rig->instrument_count = 2;
    rig_start_ok(rig);
    rig_slot(rig, 9, "rsi(14)")->value[0] = 30;
    rig_slot(rig, 4, "rsi(14)")->value[0] = 60;
    rig_bar(rig, 4, 10000);
    assert_near(rig->score, -0.5);
    assert_near(*(const double *)rig_field(rig, "score", 0), 0);
    assert_near(*(const double *)rig_field(rig, "score", 1), -0.5);
    rig_bar(rig, 9, 10000);
    assert_near(*(const double *)rig_field(rig, "score", 0), 1);
    assert_int_equal(rig->wish[9], 5);
    assert_int_equal(rig->wish[4], 0);
    rig->score_count = 0;
    rig_bar(rig, 5, 10000); /* not one of its own */
    assert_int_equal(rig->score_count, 0);
    rig_destroy(rig);
}

static void test_weighted_refuses(void **state)
{
    struct rig *rig = weighted(1, 1, 1);
    (void)state;
    rig_set(rig, "ma_fast", 30);
    rig_start_refused(rig, TURRET_EINVAL, "ma_fast is 30, not below ma_slow 30");
    rig_set(rig, "ma_fast", 10);
    rig_set(rig, "macd_fast", 27);
    rig_start_refused(rig, TURRET_EINVAL, "macd_fast is 27, not below macd_slow 26");
    rig_set(rig, "macd_fast", 12);
    rig_set_real(rig, "sell", 0.05);
    rig_start_refused(rig, TURRET_EINVAL, "sell is 0.05, not below buy 0.05");
    rig_set_real(rig, "sell", -0.05);
    rig->unknown = "macd(12,26,9)";
    rig_start_refused(rig, TURRET_ENOTFOUND, "no indicator macd(12,26,9)");
    rig->unknown = NULL;
    rig_start_ok(rig);
    rig_set(rig, "rsi_enabled", 0);
    rig_set(rig, "ma_enabled", 0);
    rig_set_real(rig, "macd_weight", 0);
    rig_start_refused(rig, TURRET_EINVAL, "rsi, ma and macd are all off or of weight 0");
    rig_destroy(rig);
}

static void stoch(struct rig *rig, double k, double d)
{
    struct turret_slot *slot = rig_slot(rig, 1, "stochrsi(14,14,3,3)");
    slot->value[0] = k;
    slot->value[1] = d;
    rig->target_count = 0;
    rig_bar(rig, 1, 10000);
}

static void test_stoch_rsi(void **state)
{
    struct rig *rig = rig_create("stoch_rsi");
    (void)state;
    rig_set(rig, "size", 3);
    rig_start_ok(rig);
    stoch(rig, 30, 10); /* the first bar: nothing came before it */
    assert_int_equal(rig->target_count, 0);
    stoch(rig, 10, 15);
    assert_int_equal(rig->target_count, 0);
    stoch(rig, 30, 20.01); /* a crossing, but not out of oversold */
    assert_int_equal(rig->target_count, 0);
    stoch(rig, 15, 15);
    stoch(rig, 30, 20); /* at the limit */
    assert_int_equal(rig->target_count, 1);
    assert_int_equal(rig->wish[1], 3);
    stoch(rig, 40, 20); /* still above: no crossing */
    assert_int_equal(rig->target_count, 0);
    stoch(rig, 90, 85);
    stoch(rig, 70, 79.99); /* a crossing, but not out of overbought */
    assert_int_equal(rig->target_count, 0);
    stoch(rig, 90, 85);
    rig_restart(rig); /* the bar before the restart counts */
    stoch(rig, 70, 80);
    assert_int_equal(rig->target_count, 1);
    assert_int_equal(rig->wish[1], 0);
    assert_string_equal(rig->target_reason, "k crossed below d, overbought");

    rig_set(rig, "allow_short", 1);
    rig_start_ok(rig);
    stoch(rig, 95, 95);
    stoch(rig, 90, 94);
    assert_int_equal(rig->wish[1], -3);
    rig_destroy(rig);
}

static void test_stoch_rsi_params(void **state)
{
    struct rig *rig = rig_create("stoch_rsi");
    (void)state;
    rig_set(rig, "rsi", 9);
    rig_set(rig, "stoch", 8);
    rig_set(rig, "k", 2);
    rig_set(rig, "d", 5);
    rig_start_ok(rig);
    assert_string_equal(rig->slots[0].expression, "stochrsi(9,8,2,5)");
    rig_set_real(rig, "oversold", 80);
    rig_start_refused(rig, TURRET_EINVAL, "oversold is 80, not below overbought 80");
    rig_set_real(rig, "oversold", 20);
    rig->unknown = "stochrsi(9,8,2,5)";
    rig_start_refused(rig, TURRET_ENOTFOUND, "no indicator stochrsi(9,8,2,5)");
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_too_many_instruments),
        cmocka_unit_test(test_ma_cross),
        cmocka_unit_test(test_ma_cross_short),
        cmocka_unit_test(test_ma_cross_refuses),
        cmocka_unit_test(test_weighted_score),
        cmocka_unit_test(test_weighted_weights),
        cmocka_unit_test(test_weighted_thresholds),
        cmocka_unit_test(test_weighted_disabled),
        cmocka_unit_test(test_weighted_instruments),
        cmocka_unit_test(test_weighted_refuses),
        cmocka_unit_test(test_stoch_rsi),
        cmocka_unit_test(test_stoch_rsi_params),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
