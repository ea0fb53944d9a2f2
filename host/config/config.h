/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One YAML file in, checked structs out. Every mistake is told with file:line:column, the line, a
 * caret, what the value is, what it may be, and the nearest name when one was mistyped.
 * Only config/yaml.c includes <libfyaml.h>.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "core/money.h"
#include "core/protection.h"
#include "core/reconcile.h"
#include "core/risk_limits.h"
#include "core/sizing.h"

#include <turret/core.h>

#include <stdbool.h>
#include <stdio.h>

#define CONFIG_NAME_MAX        48
#define CONFIG_PATH_MAX        512
#define CONFIG_PLUGIN_DIRS_MAX 16
#define CONFIG_KEYS_MAX        8
#define CONFIG_KEY_MAX         256
#define CONFIG_MINIMUMS_MAX    64
#define CONFIG_VENUES_MAX      16
#define CONFIG_INSTRUMENTS_MAX 1024
#define CONFIG_STRATEGIES_MAX  512
#define CONFIG_PARAMS_MAX      64
#define CONFIG_ON_MAX          64
#define CONFIG_SPLITS_MAX      32
#define CONFIG_CASH_MAX        8
#define CONFIG_RULES_MAX       16
#define CONFIG_DISOWNED_MAX    64

enum config_mode { CONFIG_BACKTEST = 1, CONFIG_PAPER = 2, CONFIG_LIVE = 3 };

/* Where a value stands, for messages made later (a plugin's own table is not known to YAML). */
struct config_place {
    uint32_t line, column; /* from 1; 0 = not in the file */
    uint32_t length;       /* of the value, for the caret */
};

/* A parameter as written; bound to the plugin's table by config_bind_params(). */
struct config_param {
    char name[CONFIG_NAME_MAX];
    char text[128];
    struct config_place name_place, place;
};

/* What is asked of the signatures of a directory's plugins. */
enum config_signature { CONFIG_SIGNATURE_OFF, CONFIG_SIGNATURE_WARN, CONFIG_SIGNATURE_REQUIRE };

/* Starts a key that is the path of a minisign .pub file instead of its base64 line. */
#define CONFIG_KEY_FILE "file:"

/* No version of a plugin below this one. */
struct config_minimum {
    char plugin[CONFIG_NAME_MAX]; /* whole id */
    char version[24];             /* numbers and dots */
    struct config_place place;    /* of the version */
};

struct config_plugin_dir {
    char path[CONFIG_PATH_MAX];
    bool isolated;                   /* isolation: process; default in-process */
    enum config_signature signature; /* default off; otherwise there are keys */
    bool allow_writable;             /* others may write to it; default refused */
    uint32_t key_count, minimum_count;
    char keys[CONFIG_KEYS_MAX][CONFIG_KEY_MAX];
    struct config_minimum minimums[CONFIG_MINIMUMS_MAX];
    struct config_place place;
};

struct config_cash {
    char currency[8];
    int64_t amount; /* 10^-8 */
    struct config_place place;
};

/* How a venue's books are compared with ours while everything goes on. */
struct config_reconcile {
    int64_t every_ns;
    struct engine_reconcile policy;
};

struct config_venue {
    char name[16];                 /* "sim" */
    char adapter[CONFIG_NAME_MAX]; /* plugin id or its last part */
    char account[CONFIG_NAME_MAX]; /* default "default" */
    char armed[CONFIG_NAME_MAX];   /* with mode live: the account, said once more; "" not */
    struct config_reconcile reconcile;
    uint32_t seed;
    int64_t dead_man_ns; /* the venue cancels everything after silence of so long; 0 not asked */
    uint32_t cash_count, param_count;
    struct config_cash cash[CONFIG_CASH_MAX];
    struct config_param *params;
    struct config_place place;
};

struct config_split {
    turret_time_ns time; /* 00:00 UTC of the day the new units begin */
    uint32_t numerator, denominator;
};

/* instruments: key "SYMBOL.venue" */
struct config_instrument {
    char symbol[32];
    char venue[16];             /* where orders go */
    char feed[16];              /* venue whose data it follows; defaults to `venue` */
    char data[CONFIG_NAME_MAX]; /* stored series; defaults to the symbol */
    char bid_data[CONFIG_NAME_MAX], ask_data[CONFIG_NAME_MAX]; /* stored quote series; "" none */
    char currency[8];
    char sector[32];                               /* what risk counts together; "" none */
    int32_t price_scale;                           /* default: decimals of the tick */
    int32_t qty_scale;                             /* default: decimals of the lot */
    int64_t tick_size, lot_size, min_qty, max_qty; /* in those scales; max is set */
    int64_t multiplier;                            /* default 1 */
    uint32_t split_count;
    struct config_split splits[CONFIG_SPLITS_MAX];
    struct config_place place;
};

/* "SPY.sim@1m" */
struct config_on {
    uint32_t instrument;  /* index into config.instruments */
    int64_t timeframe_ns; /* 0 when none is given: no bars */
    struct config_place place;
};

struct config_strategy {
    char name[CONFIG_NAME_MAX];
    char plugin[CONFIG_NAME_MAX];
    bool enabled;                    /* default true */
    bool keep_orders;                /* on_crash: keep; default cancel */
    char execution[CONFIG_NAME_MAX]; /* the strategy that works its orders; "" none */
    struct config_place execution_place;
    uint32_t on_count, param_count;
    struct config_on on[CONFIG_ON_MAX];
    struct config_param *params;
    struct risk_limits limits; /* what this strategy says; RISK_UNSET where it is silent */
    struct sizing sizing;
    struct protection protection;
    struct config_place place;
};

struct config_backtest {
    turret_time_ns from, to; /* 0 = from the first / to the last stored bar; `to` exclusive */
};

/* When a new build takes over from the running one, and when it is taken back. */
struct config_swap {
    bool watch;          /* a new file in a plugin directory is swapped in by itself */
    uint32_t shadow;     /* events a new strategy runs in the shadow first; 0 none */
    uint32_t divergence; /* intents that may differ meanwhile */
    uint32_t probation;  /* events the old build rides along and can take over again */
    int64_t denials_ppm; /* more of the new build's orders denied than this: rolled back */
    int64_t deadline_ns; /* a new build that is not ready by then is given up */
};

/* Where the audit's secret key and its signed heads lie; "" in the store's directory. */
struct config_audit {
    char key[CONFIG_PATH_MAX];
    char heads[CONFIG_PATH_MAX];
};

struct config {
    char file[CONFIG_PATH_MAX];
    enum config_mode mode;
    char store[CONFIG_PATH_MAX];
    uint32_t plugin_dir_count, venue_count, instrument_count, strategy_count;
    struct config_plugin_dir *plugin_dirs;
    struct config_venue *venues;
    struct config_instrument *instruments;
    struct config_strategy *strategies;
    struct risk_limits risk; /* account-wide, after the preset */
    char risk_preset[CONFIG_NAME_MAX];
    struct config_place risk_place; /* of the preset */
    uint32_t rule_count;
    struct config_rule {
        char name[CONFIG_NAME_MAX]; /* of a strategy that is asked about orders */
        struct config_place place;
    } rules[CONFIG_RULES_MAX]; /* in the order they are asked */
    uint32_t disowned_count;   /* strategies that are gone; what they held is the account's */
    char disowned[CONFIG_DISOWNED_MAX][CONFIG_NAME_MAX];
    struct config_backtest backtest;
    struct config_swap swap;
    struct config_audit audit;
    uint8_t hash[32]; /* SHA-256 of the text after ${} expansion */
    char *text;       /* that text, for the config table and for carets */
};

/*
 * Mistakes are written to `messages` (stderr) as they are found, all of one pass, at most 20; the
 * code and the first text go to *err too.
 * owns:  *out until config_destroy()
 * fails: ENOTFOUND, EIO no such file; EINVAL it does not check
 */
int config_load(const char *path, struct config **out, FILE *messages, struct turret_error *err);
/* The same from text already expanded; `name` is what messages call it. Used for stored versions.
 */
int config_parse(const char *name, const char *text, struct config **out, FILE *messages,
                 struct turret_error *err);
void config_destroy(struct config *config);

/*
 * Checks `params` (as written) against a plugin's table and fills one value per row of the table.
 * Unknown names, wrong types, values out of range are told like every other mistake; `where` is
 * "strategies.spy-cross.params". TEXT values point into `params` or the table.
 *
 * units: QTY values are scaled by qty_scale
 */
int config_bind_params(const struct config *config, const char *where,
                       const struct config_param *params, uint32_t param_count,
                       const struct turret_param *table, uint32_t table_count, int32_t qty_scale,
                       struct turret_param_value *values, FILE *messages, struct turret_error *err);

/*
 * Tells a mistake that only shows later, in the form of all others; answers EINVAL.
 */
TURRET_PRINTF(5, 6)
int config_refuse(const struct config *config, struct config_place place, FILE *messages,
                  struct turret_error *err, const char *format, ...);

/* The whole configuration with every default and limit spelled out, as YAML that loads again. */
void config_show(const struct config *config, FILE *out);
/*
 * How many limits of the account nobody set; their names, "a, b" or "a, b and 3 more".
 * max_clock_skew counts where a venue tells its time.
 */
uint32_t config_unset_limits(const struct config *config, bool timed, char *names, size_t room);
/* The same of those that `preset: development` has as they are; 0 with another preset. */
uint32_t config_preset_limits(const struct config *config, bool timed, char *names, size_t room);
/* What differs, one line each: "- risk.collar: 5%" / "+ risk.collar: 3%". Answers how many. */
uint32_t config_diff(const struct config *from, const struct config *to, FILE *out);

/* "1m", "15m", "1h", "1d" … ↔ nanoseconds. fails: EINVAL */
int config_parse_timeframe(const char *text, int64_t *timeframe_ns, struct turret_error *err);
void config_format_timeframe(int64_t timeframe_ns, char *text, size_t room);
/* "2013-10-07" or "2013-10-07T14:30:00Z". fails: EINVAL */
int config_parse_time(const char *text, turret_time_ns *time, struct turret_error *err);
/* "-12.5" with scale 2 → -1250, exactly. fails: EINVAL not a number, too many decimals, too large
 */
int config_parse_decimal(const char *text, int32_t scale, int64_t *value, struct turret_error *err);

#endif
