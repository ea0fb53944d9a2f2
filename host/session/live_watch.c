/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugin directories are watched: a file that was closed after writing, or renamed into place, is
 * staged. One that is cut short is told and waited for: closing it again asks again.
 */
#include "session/live_state.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static bool is_plugin(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && name[0] != '.' && strcmp(name + length - 3, ".so") == 0;
}

static void on_file(struct live *live, const struct inotify_event *event)
{
    struct turret_error why = {0};
    char path[PLUGIN_PATH_MAX];
    uint64_t number;
    uint32_t i;
    for (i = 0; i < live->config->plugin_dir_count; i++) {
        if (live->swaps.watched[i] != event->wd)
            continue;
        (void)snprintf(path, sizeof path, "%.350s/%.150s", live->config->plugin_dirs[i].path,
                       event->name);
        if (live_swap_request(live, path, i, "", &number, &why))
            live_say(live, "turret: %s\n", why.text);
        return;
    }
}

static void on_ready(void *context, int descriptor, unsigned events)
{
    char buffer[8192] __attribute__((aligned(8)));
    ssize_t got = read(descriptor, buffer, sizeof buffer), at = 0;
    (void)events;
    while (at < got) {
        const struct inotify_event *event = (const void *)(buffer + at);
        if (event->len && is_plugin(event->name))
            on_file(context, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
}

int live_watch_plugins(struct live *live, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    swaps->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (swaps->watch < 0)
        return turret_fail(err, TURRET_EIO, "plugin directories cannot be watched: %s",
                           strerror(errno));
    for (i = 0; i < live->config->plugin_dir_count; i++) {
        const char *path = live->config->plugin_dirs[i].path;
        swaps->watched[i] =
            inotify_add_watch(swaps->watch, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
        if (swaps->watched[i] < 0)
            live_say(live, "turret: %s is not watched for new builds: %s\n", path, strerror(errno));
    }
    if (loop_watch_create(live->loop, &swaps->watcher, swaps->watch, LOOP_READ, on_ready, live))
        return turret_fail(err, TURRET_ENOMEM, "no memory to watch the plugin directories");
    return TURRET_OK;
}
