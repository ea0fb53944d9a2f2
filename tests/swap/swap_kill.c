/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap_kill CONFIG PROGRAM STEP COUNT: a session like `turret run CONFIG`, which ends by SIGKILL
 * when it comes to STEP of a change of code for the COUNT-th time. PROGRAM is the turret program
 * that tries new builds.
 */
#include "session/live.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct plan {
    const char *step;
    atomic_int left;
};

static void at_step(void *context, const char *step)
{
    struct plan *plan = context;
    if (strcmp(step, plan->step) == 0 && atomic_fetch_sub(&plan->left, 1) == 1)
        (void)kill(getpid(), SIGKILL);
}

int main(int argument_count, char **arguments)
{
    struct plan plan = {.step = argument_count == 5 ? arguments[3] : ""};
    struct live_options options = {.config_path = argument_count == 5 ? arguments[1] : "",
                                   .version = "test",
                                   .messages = stderr,
                                   .program = argument_count == 5 ? arguments[2] : "",
                                   .at_step = at_step,
                                   .context = &plan};
    struct turret_error err = {0};
    struct live *live = NULL;
    int status;
    if (argument_count != 5)
        return 2;
    atomic_init(&plan.left, (int)strtol(arguments[4], NULL, 10));
    status = live_open(&live, &options, &err);
    if (!status) {
        (void)fprintf(stderr, "running %s\n", arguments[1]);
        status = live_run(live, &err);
    }
    if (status)
        (void)fprintf(stderr, "swap_kill: %s\n", err.text);
    (void)live_close(live, NULL);
    return status ? 1 : 0;
}
