/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The top of a configuration. Sections are read in the order of the table, whatever their order in
 * the file, because later ones refer to earlier ones.
 */
#include "config/reader.h"
#include "config/scalar.h"

#include <string.h>

#define FORMAT 1

static void read_format(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    (void)key;
    (void)target;
    if (reader_is_text(r, value) && strcmp(value->text, "1") != 0)
        reader_refuse(r, value, "but this host reads format 1");
}

static void read_mode(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                      void *target)
{
    static const char *const modes[] = {"backtest", "paper", "live"};
    struct config *config = target;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (strcmp(value->text, modes[0]) == 0)
        config->mode = CONFIG_BACKTEST;
    else if (strcmp(value->text, modes[1]) == 0)
        config->mode = CONFIG_PAPER;
    else if (strcmp(value->text, modes[2]) == 0)
        config->mode = CONFIG_LIVE;
    else
        reader_refuse_name(r, value, "not one of backtest, paper, live", modes, 3);
}

/* key->size chooses the word that stands for 0: 0 "first", 1 "last". */
static void read_when(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                      void *target)
{
    const char *word = key->size == 0 ? "first" : "last";
    turret_time_ns *time = (turret_time_ns *)(void *)((char *)target + key->offset);
    struct scalar_why why;
    if (!reader_is_text(r, value) || strcmp(value->text, word) == 0)
        return;
    if (!scalar_time(value->text, time, &why))
        reader_refuse(r, value, why.text);
}

static const struct reader_key backtest_keys[] = {
    {"from", read_when, offsetof(struct config_backtest, from), 0, false},
    {"to", read_when, offsetof(struct config_backtest, to), 1, false},
};

static void read_backtest(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    struct config *config = target;
    const struct config_backtest *span = &config->backtest;
    const struct yaml_node *to;
    (void)key;
    reader_read(r, value, backtest_keys, 2, &config->backtest);
    to = yaml_find(value, "to"); /* NULL: misspelt, which was told */
    if (to && span->from > 0 && span->to > 0 && span->to <= span->from) {
        size_t before = reader_enter(r, "to");
        reader_refuse(r, to, "not after from");
        reader_leave(r, before);
    }
}

static const struct reader_key document_keys[] = {
    {"turret", read_format, 0, 0, true},
    {"mode", read_mode, 0, 0, true},
    {"store", read_text, offsetof(struct config, store), CONFIG_PATH_MAX, false},
    {"plugins", read_plugins, 0, 0, false},
    {"venues", read_venues, 0, 0, false},
    {"instruments", read_instruments, 0, 0, false},
    {"strategies", read_strategies, 0, 0, false},
    {"disowned", read_disowned, 0, 0, false},
    {"risk", read_risk, 0, 0, true},
    {"swap", read_swap, 0, 0, false},
    {"audit", read_audit, 0, 0, false},
    {"backtest", read_backtest, 0, 0, false},
};

void read_document(struct reader *r, const struct yaml_node *root)
{
    if (!reader_is_map(r, root))
        return;
    reader_check_twice(r, root);
    reader_read(r, root, document_keys, sizeof document_keys / sizeof *document_keys, r->config);
}
