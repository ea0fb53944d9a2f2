/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the rows of check_table.c, by group. */
#ifndef CHECK_CHECK_GROUPS_H
#define CHECK_CHECK_GROUPS_H

#include "check/check.h"

typedef void check_file_fn(struct check *check);
typedef void check_offer_fn(struct check *check, const struct plugin_offer *offer);

/* check_probe.c */
check_file_fn check_probe_file, check_probe_run, check_probe_state;

/* check_elf.c */
check_file_fn check_elf_exports, check_elf_note, check_elf_unique, check_elf_tls;
check_file_fn check_elf_textrel, check_elf_nodelete, check_elf_segments, check_elf_rpath;
check_file_fn check_elf_needed, check_elf_imports;

/* check_load.c; the variant says which trace is looked for */
check_file_fn check_load_opens, check_load_again, check_load_time, check_load_unload;
check_file_fn check_load_trace;
enum check_trace {
    CHECK_TRACE_SIGNALS,
    CHECK_TRACE_THREADS,
    CHECK_TRACE_DESCRIPTORS,
    CHECK_TRACE_SURROUNDINGS
};

/* check_lifecycle.c */
check_offer_fn check_lifecycle_start, check_lifecycle_events, check_lifecycle_repeat;
check_offer_fn check_lifecycle_wrong_state;

/* check_params.c */
check_offer_fn check_params_defaults, check_params_bounds, check_params_unknown, check_params_fuzz;

/* check_state.c */
check_offer_fn check_state_fields, check_state_stream, check_state_refuses, check_state_random;
check_offer_fn check_state_moved;
enum check_refusal { CHECK_STATE_EMPTY, CHECK_STATE_TRUNCATED, CHECK_STATE_NOISE };

/* check_rule.c */
check_offer_fn check_rule_answers, check_rule_absurd, check_rule_same;

/* check_market.c; the variant is the scene */
check_offer_fn check_market;

/* check_determinism.c */
check_offer_fn check_determinism_same, check_determinism_resume, check_determinism_batch;
check_offer_fn check_determinism_instances;

/* check_discipline.c; the variant says what is counted */
check_offer_fn check_discipline_imports, check_discipline_syscalls, check_discipline_growth;
enum check_counted { CHECK_COUNT_ALLOCATIONS, CHECK_COUNT_LOCKS };

/* check_skew.c */
check_file_fn check_skew_note, check_skew_entry;
check_offer_fn check_skew_type, check_skew_host, check_fuzz_events, check_fuzz_life;

/* check_broker.c, check_broker_orders.c, check_broker_state.c */
check_offer_fn check_broker_describe, check_broker_close, check_broker_not_advertised;
check_offer_fn check_broker_submit, check_broker_download, check_broker_cancel;
check_offer_fn check_broker_query, check_broker_duplicate, check_broker_unknown;
check_offer_fn check_broker_modify, check_broker_fill, check_broker_reconnect;
check_offer_fn check_broker_account, check_broker_export, check_broker_same;
check_offer_fn check_broker_market;

#endif
