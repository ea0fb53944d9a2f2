/* SPDX-License-Identifier: Apache-2.0 */
/* What every check uses: its verdict, loading the plugin, numbers that repeat. */
#include "check/check.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void say(struct check *check, const char *format, va_list args)
{
    char *text = check->verdict->text;
    (void)vsnprintf(text, CHECK_TEXT_MAX, format, args);
    for (; *text; text++)
        if (*text < ' ' || *text > '~') /* what a file or a plugin says may be any bytes */
            *text = '?';
}

_Noreturn void check_fail(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(check, format, args);
    va_end(args);
    check->verdict->outcome = CHECK_FAIL;
    _exit(0);
}

void check_skip(struct check *check, const char *format, ...)
{
    va_list args;
    if (check->passed)
        return; /* another offer's result is worth more */
    va_start(args, format);
    say(check, format, args);
    va_end(args);
    check->verdict->outcome = CHECK_SKIP;
}

void check_block(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(check, format, args);
    va_end(args);
    check->verdict->outcome = CHECK_BLOCKED;
}

void check_remark(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(check, format, args);
    va_end(args);
}

void check_stage(struct check *check, const char *stage)
{
    (void)snprintf(check->verdict->stage, CHECK_STAGE_MAX, "%s", stage);
}

const char *check_without_path(const struct check *check, const char *text)
{
    size_t length = strlen(check->file);
    return !strncmp(text, check->file, length) && text[length] == ':' ? text + length + 2 : text;
}

struct plugin *check_load(struct check *check)
{
    struct turret_error err = {0};
    struct plugin *plugin = NULL;
    check_stage(check, "init");
    if (plugin_load(check->file, check->private_dir, &plugin, &err))
        check_fail(check, "%s", check_without_path(check, err.text));
    check_stage(check, "");
    check->plugin = plugin;
    return plugin;
}

static void run_offers(struct check *check)
{
    uint32_t i;
    (void)check_load(check);
    for (i = 0; i < check->plugin->offer_count; i++) {
        const struct plugin_offer *offer = &check->plugin->offers[i];
        if (!(offer->kind & check->row->kinds))
            continue;
        check->verdict->outcome = CHECK_NOTHING;
        check->row->offer(check, offer);
        if (check->verdict->outcome == CHECK_BLOCKED)
            _exit(0);
        check->passed = check->passed || check->verdict->outcome == CHECK_NOTHING;
    }
}

_Noreturn void check_run_child(struct check *check)
{
    if (check->row->file)
        check->row->file(check);
    else
        run_offers(check);
    if (check->passed || check->verdict->outcome == CHECK_NOTHING)
        check->verdict->outcome = CHECK_PASS;
    _exit(0);
}

uint64_t check_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

int64_t check_between(uint64_t *state, int64_t low, int64_t high)
{
    return low + (int64_t)(check_random(state) % (uint64_t)(high - low + 1));
}

/* FNV-1a (G. Fowler, L. Noll, K.-P. Vo). */
uint64_t check_digest(uint64_t digest, const void *bytes, size_t size_bytes)
{
    const unsigned char *at = bytes;
    size_t i;
    for (i = 0; i < size_bytes; i++)
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    return digest;
}
