/* SPDX-License-Identifier: Apache-2.0 */
/* Finds offers by id or by the last part of it, and says what there is when there is none. */
#include "plugin/registry_state.h"
#include "ops/suggest.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A text that grows to its end and then stays. */
struct text {
    char at[300];
    size_t length;
};

TURRET_PRINTF(2, 3)
static void add(struct text *text, const char *format, ...)
{
    size_t room = sizeof text->at - text->length;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text->at + text->length, room, format, args);
    va_end(args);
    if (wanted > 0)
        text->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static const char *kind_name(uint32_t kind)
{
    if (kind == TURRET_KIND_INDICATOR)
        return "indicator";
    if (kind == TURRET_KIND_STRATEGY)
        return "strategy";
    return kind == TURRET_KIND_BROKER ? "broker adapter" : "plugin";
}

static const char *last_part(const char *id)
{
    const char *dot = strrchr(id, '.');
    return dot ? dot + 1 : id;
}

/* Matches of one way of comparing. */
struct matches {
    uint32_t count;
    const struct registry_offer *first, *second;
};

static void take(struct matches *matches, const struct registry_offer *offer)
{
    if (matches->count == 0)
        matches->first = offer;
    else if (matches->count == 1)
        matches->second = offer;
    matches->count++;
}

/* The nearest of all ids of the kind and, for a word without a dot, of their last parts. */
static const char *nearest(const struct registry *registry, uint32_t kind, const char *id)
{
    size_t count = 0;
    const char **names = calloc((size_t)registry->offer_count + 1, sizeof *names);
    if (!names)
        return NULL;
    for (uint32_t i = 0; i < registry->offer_count; i++) {
        const struct plugin_offer *offer = registry->offers[i].offer;
        if (offer->kind & kind)
            names[count++] =
                strchr(id, '.') ? plugin_offer_id(offer) : last_part(plugin_offer_id(offer));
    }
    const char *found = suggest_nearest(id, names, count);
    free(names);
    return found;
}

static int not_found(const struct registry *registry, uint32_t kind, const char *id,
                     struct turret_error *err)
{
    struct text list = {.length = 0};
    uint32_t shown = 0, total = 0;
    const char *near = nearest(registry, kind, id);
    for (uint32_t i = 0; i < registry->offer_count; i++) {
        const struct plugin_offer *offer = registry->offers[i].offer;
        if (!(offer->kind & kind))
            continue;
        total++;
        if (list.length + strlen(plugin_offer_id(offer)) + 32 < sizeof list.at) {
            add(&list, "%s%s", shown ? ", " : "", plugin_offer_id(offer));
            shown++;
        }
    }
    if (total > shown)
        add(&list, " and %u more", total - shown);
    if (total == 0)
        return turret_fail(err, TURRET_ENOTFOUND, "no %s '%.60s': no %s is loaded at all",
                           kind_name(kind), id, kind_name(kind));
    return turret_fail(err, TURRET_ENOTFOUND, "no %s '%.60s'%s%s%s (there are: %s)",
                       kind_name(kind), id, near ? "; did you mean '" : "", near ? near : "",
                       near ? "'?" : "", list.at);
}

int registry_find(const struct registry *registry, uint32_t kind, const char *id,
                  const struct plugin_offer **offer, const struct plugin **plugin,
                  struct turret_error *err)
{
    struct matches whole = {0}, part = {0};
    assert(registry && id);
    for (uint32_t i = 0; i < registry->offer_count; i++) {
        const struct registry_offer *have = &registry->offers[i];
        const char *name = plugin_offer_id(have->offer);
        if (!(have->offer->kind & kind))
            continue;
        if (strcmp(name, id) == 0)
            take(&whole, have);
        else if (strcmp(last_part(name), id) == 0)
            take(&part, have);
    }
    const struct matches *best = whole.count ? &whole : &part;
    if (best->count == 0)
        return not_found(registry, kind, id, err);
    if (best->count > 1)
        return turret_fail(
            err, TURRET_EEXIST, "%s '%.60s' is ambiguous, %u fit: %s in %.120s, %s in %.120s; %s",
            kind_name(kind), id, best->count, plugin_offer_id(best->first->offer),
            best->first->plugin->file.path, plugin_offer_id(best->second->offer),
            best->second->plugin->file.path, best == &whole ? "remove one" : "write the whole id");
    if (offer)
        *offer = best->first->offer;
    if (plugin)
        *plugin = best->first->plugin;
    return TURRET_OK;
}

int registry_each(const struct registry *registry, uint32_t kinds, registry_offer_fn *each,
                  void *context)
{
    for (uint32_t i = 0; i < registry->offer_count; i++) {
        const struct registry_offer *have = &registry->offers[i];
        int answer = have->offer->kind & kinds ? each(context, have->plugin, have->offer) : 0;
        if (answer != 0)
            return answer;
    }
    return 0;
}
