/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a configuration: it loads, and what `turret config show` prints of it then loads
 * again as the same configuration; or it is told, with a code.
 */
#include "fuzz.h"

#include "config/config.h"

#include <string.h>

static struct config *parse(const char *text, FILE *messages)
{
    struct turret_error err = {0, 0, ""};
    struct config *config = NULL;
    int code = config_parse("fuzz.yaml", text, &config, messages, &err);
    FUZZ_MUST((code == TURRET_OK) == (config != NULL));
    FUZZ_MUST(code == TURRET_OK || (err.code == code && err.text[0]));
    return config;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1), *said = NULL, *shown = NULL;
    size_t said_bytes, shown_bytes;
    FILE *messages = open_memstream(&said, &said_bytes), *out;
    struct config *config, *again;
    FUZZ_MUST(text && messages);
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    config = parse(text, messages);
    if (config) {
        out = open_memstream(&shown, &shown_bytes);
        FUZZ_MUST(out);
        config_show(config, out);
        FUZZ_MUST(fclose(out) == 0);
        again = parse(shown, messages);
        FUZZ_MUST(again);
        FUZZ_MUST(config_diff(config, again, messages) == 0);
        config_destroy(again);
        config_destroy(config);
    }
    FUZZ_MUST(fclose(messages) == 0);
    FUZZ_MUST(config || said_bytes > 0);
    free(shown);
    free(said);
    free(text);
    return 0;
}
