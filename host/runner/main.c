/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret-runner: loads one plugin in a sandbox and serves one of its offers to the host that
 * started it. Not for people: the host starts it with the memory of their wire as descriptor 3.
 *
 * usage: turret-runner HOST-PID OFFER KIND SPINS PLUGIN
 */
#include "runner/sandbox.h"
#include "runner/serve.h"

#include "isolation/channel.h"
#include "isolation/describe.h"
#include "isolation/runner.h"

#include <stdlib.h>
#include <unistd.h>

static void refuse(const struct turret_error *why)
{
    struct wire_head head = {0};
    serve_refuse(why, why->code, &head);
    serve_post(&head);
    for (;;) /* the host ends this process when it has read it */
        serve_wait(&head);
}

int main(int argc, char **argv)
{
    struct turret_error why = {0};
    struct plugin *plugin = NULL;
    struct wire_head ready = {.kind = WIRE_READY};
    struct sandbox sandbox = {.path = argc == 6 ? argv[5] : NULL};
    uint32_t offer;
    if (argc != 6)
        return 2;
    serve.host = (int32_t)strtol(argv[1], NULL, 10);
    offer = (uint32_t)strtoul(argv[2], NULL, 10);
    sandbox.kind = (uint32_t)strtoul(argv[3], NULL, 10);
    sandbox.serves = offer != RUNNER_NO_OFFER;
    serve.spins = serve.spins_most = (uint32_t)strtoul(argv[4], NULL, 10);
    if (!sandbox_tie(serve.host) || !(serve.wire = channel_map(WIRE_FD)))
        return 3;
    sandbox.trapped = &serve.wire->trapped;
    if (sandbox_enter(&sandbox, &why) || plugin_load_in_place(argv[5], &plugin, &why) ||
        sandbox_close(&sandbox, &why))
        refuse(&why);
    if (!plugin || (offer != RUNNER_NO_OFFER && offer >= plugin->offer_count))
        return 4;
    if (offer == RUNNER_NO_OFFER)
        ready.size = describe_pack(plugin, serve.wire->answers.body, DESCRIBE_MAX);
    else
        serve.offer = &plugin->offers[offer];
    serve_post(&ready);
    if (offer == RUNNER_NO_OFFER)
        for (;;)
            serve_wait(&ready);
    serve_run();
}
