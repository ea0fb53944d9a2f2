/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret resume: lifts what a loss, a drawdown or a halt has latched.
 */
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/remote.h"

static int run(struct cli *cli)
{
    json_t *reply = NULL;
    bool latched;
    int code = remote_call(cli, json_pack("{s:s}", "command", "resume"), &reply);
    if (code != CLI_DONE)
        return code;
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : CLI_DONE;
    latched = !json_is_false(json_object_get(reply, "latched"));
    json_decref(reply);
    (void)printf("%s: loss and drawdown are counted from here on\n",
                 latched ? "resumed" : "nothing was latched");
    cli_next(cli, "turret status");
    return CLI_DONE;
}

static const char *const examples[] = {"turret resume", NULL};

const struct cli_command cmd_resume = {
    .path = "resume",
    .summary = "lift latched loss and drawdown stops, and a halt",
    .details = "When a daily loss or drawdown limit is reached, only closing orders pass until a "
               "person lifts it; turret status says which one it was. Loss and drawdown are then "
               "counted anew from the present equity. Asks the running daemon; the exit code is 4 "
               "when none answers.",
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
