/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for people's programs: what --json prints. Values are made with jansson by the command.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <turret/core.h>

#include <jansson.h>
#include <stdbool.h>

/* From here on it is known whether a value lacked memory; before the first one is made. */
void cli_json_begin(void);
/* One did: what was printed is not whole. */
bool cli_json_starved(void);
/* Prints to standard output, one value on its own lines, and releases it. NULL: no memory. */
int cli_json_print(json_t *take);
/* The same on one line, for streams of values. */
int cli_json_line(json_t *take);
/* {"error": {"code": …, "exit": …, "text": …}} to standard error. */
int cli_json_error(const char *code, int exit_code, const char *text);
/*
 * 10^-scale units as a number, for results that are looked at rather than booked: exact up to 15
 * digits.
 */
json_t *cli_json_number(int64_t value, int32_t scale);
/* 10^-scale units as exact decimal text. */
json_t *cli_json_decimal(int64_t value, int32_t scale);
/* Nanoseconds since the epoch as ISO 8601. */
json_t *cli_json_time(turret_time_ns time);

#endif
