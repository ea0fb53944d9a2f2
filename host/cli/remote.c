/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same code means two things: ENOTFOUND is a daemon that is not there, or the daemon's own word
 * on a name. err->detail tells them apart (io/control_call.c).
 */
#include "cli/remote.h"

#include "cli/clean.h"
#include "cli/json.h"
#include "config/config.h"
#include "io/clock.h"
#include "io/control.h"
#include "store/store.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define MS_NS         INT64_C(1000000)
#define FIRST_WAIT_MS 10
#define LAST_WAIT_MS  320
#define STATUS_MS     1000

/* Its socket is not there yet, or not any more; it holds the store all the same. */
static void tell_daemon(const char *store, struct turret_error *err)
{
    int64_t pid = store_daemon(store);
    if (pid > 0)
        (void)snprintf(err->text, sizeof err->text,
                       "the daemon with pid %" PRId64 " on store %.300s is starting or ending and "
                       "takes no commands: try again; turret halt works meanwhile",
                       pid, store);
}

int remote_try(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
               struct turret_error *err)
{
    struct turret_error none = {0};
    char path[CONFIG_PATH_MAX];
    *reply = NULL;
    *unreachable = false;
    if (!take_request)
        return turret_fail(err, TURRET_ENOMEM, "no memory");
    /* a daemon that comes back later does not do what was told to have failed */
    (void)json_object_set_new(take_request, CONTROL_UNTIL,
                              json_integer(clock_monotonic_ns() + REMOTE_TIMEOUT_MS * MS_NS));
    if (!cli_store_path(cli, path, sizeof path, err) &&
        control_call(path, take_request, REMOTE_TIMEOUT_MS, reply, err))
        *unreachable = err->detail != 0;
    if (*unreachable && err->code == TURRET_ENOTFOUND &&
        cli_store_there(cli, path, sizeof path, &none))
        (void)snprintf(err->text, sizeof err->text, "no daemon runs, and %.480s", none.text);
    else if (*unreachable && err->code == TURRET_ENOTFOUND)
        tell_daemon(path, err);
    json_decref(take_request);
    return turret_ok(err);
}

json_t *remote_status(const struct cli *cli, struct turret_error *err)
{
    json_t *request = json_pack("{s:s}", "command", "status"), *reply = NULL;
    char path[CONFIG_PATH_MAX];
    if (request && !cli_store_path(cli, path, sizeof path, err))
        (void)control_call(path, request, STATUS_MS, &reply, err);
    json_decref(request);
    return reply;
}

int remote_error(const struct cli *cli, bool unreachable, const struct turret_error *err)
{
    struct turret_error shown = *err;
    clean_text(shown.text, sizeof shown.text);
    if (!unreachable)
        return cli_error(cli, &shown);
    if (cli->json)
        (void)cli_json_error("EUNREACHABLE", CLI_UNREACHABLE, shown.text);
    else
        cli_note(cli, "turret: %s", shown.text);
    return CLI_UNREACHABLE;
}

int remote_call(const struct cli *cli, json_t *take_request, json_t **reply)
{
    struct turret_error err = {0};
    bool unreachable;
    if (remote_try(cli, take_request, reply, &unreachable, &err))
        return remote_error(cli, unreachable, &err);
    return CLI_DONE;
}

/* A turn later it is done: only a disk that stands still takes so long. */
int remote_try_again(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
                     struct turret_error *err)
{
    int64_t until_ns = clock_monotonic_ns() + REMOTE_TIMEOUT_MS * MS_NS;
    int status, wait_ms = FIRST_WAIT_MS;
    while ((status = remote_try(cli, json_deep_copy(take_request), reply, unreachable, err)) ==
               TURRET_EBUSY &&
           !*unreachable && clock_monotonic_ns() + wait_ms * MS_NS < until_ns) {
        (void)poll(NULL, 0, wait_ms);
        wait_ms = wait_ms < LAST_WAIT_MS ? 2 * wait_ms : wait_ms;
        memset(err, 0, sizeof *err);
    }
    json_decref(take_request);
    return status;
}

int remote_call_again(const struct cli *cli, json_t *take_request, json_t **reply)
{
    struct turret_error err = {0};
    bool unreachable;
    int status = remote_try_again(cli, take_request, reply, &unreachable, &err);
    return status ? remote_error(cli, unreachable, &err) : CLI_DONE;
}
