/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/halt_lost.h"

#include "cli/clean.h"
#include "ops/plural.h"

void halt_lost_clean(struct halt_result *result)
{
    uint32_t i;
    for (i = 0; i < result->lost_count; i++) {
        clean_text(result->lost[i].symbol, sizeof result->lost[i].symbol);
        clean_text(result->lost[i].venue, sizeof result->lost[i].venue);
    }
}

static void tell_unprotected(const struct cli *cli, const struct halt_lost *lost)
{
    cli_note(cli, "%u protective %s %s: %s.%s has no stop %s", lost->orders,
             plural(lost->orders, "order held here is", "orders held here are"),
             lost->kept ? "kept" : "cancelled", lost->symbol, lost->venue,
             lost->kept ? "until turret resume" : "now");
}

static void tell_unclosed(const struct cli *cli, const struct halt_lost *lost)
{
    cli_note(cli, "%u closing %s %s: what %s to close of %s.%s stays open%s", lost->orders,
             plural(lost->orders, "order held here is", "orders held here are"),
             lost->kept ? "kept" : "cancelled", plural(lost->orders, "it was", "they were"),
             lost->symbol, lost->venue, lost->kept ? " until turret resume" : "");
}

void halt_lost_tell(const struct cli *cli, const struct halt_result *result)
{
    uint32_t i;
    for (i = 0; i < result->lost_count; i++)
        (result->lost[i].closes ? tell_unclosed : tell_unprotected)(cli, &result->lost[i]);
}

json_t *halt_lost_json(const struct halt_result *result, bool closes)
{
    json_t *list = json_array();
    char name[64];
    uint32_t i;
    for (i = 0; i < result->lost_count; i++) {
        const struct halt_lost *lost = &result->lost[i];
        (void)snprintf(name, sizeof name, "%s.%s", lost->symbol, lost->venue);
        if (lost->closes == closes)
            (void)json_array_append_new(list,
                                        json_pack("{s:s, s:i, s:b}", "instrument", name, "orders",
                                                  (int)lost->orders, "kept", lost->kept));
    }
    return list;
}
