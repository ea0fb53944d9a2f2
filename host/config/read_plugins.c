/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugins: the directories they come from, and what is asked of the files in each.
 */
#include "config/reader.h"

#include <string.h>

/* Of a public key as minisign writes it: 2 bytes "Ed", 8 of key id, 32 of key, in base64. */
#define KEY_DIGITS 56
#define KEY_START  "RW"

/* Sets *index to the place of the value among `words`; the first is the default. */
static void read_word(struct reader *r, const struct yaml_node *value, const char *const words[],
                      size_t count, uint32_t *index)
{
    char why[96];
    size_t i, length = 0;
    if (!reader_is_text(r, value))
        return;
    for (i = 0; i < count; i++) {
        length += (size_t)snprintf(why + length, sizeof why - length, "%s%s",
                                   i > 0 ? ", " : "not one of ", words[i]);
        if (strcmp(value->text, words[i]) == 0) {
            *index = (uint32_t)i;
            return;
        }
    }
    reader_refuse_name(r, value, why, words, count);
}

static void read_isolation(struct reader *r, const struct yaml_node *value,
                           const struct reader_key *key, void *target)
{
    static const char *const words[] = {"in-process", "process"};
    uint32_t index = 0;
    (void)key;
    read_word(r, value, words, 2, &index);
    ((struct config_plugin_dir *)target)->isolated = index == 1;
}

static void read_signature(struct reader *r, const struct yaml_node *value,
                           const struct reader_key *key, void *target)
{
    static const char *const words[] = {[CONFIG_SIGNATURE_OFF] = "off",
                                        [CONFIG_SIGNATURE_WARN] = "warn",
                                        [CONFIG_SIGNATURE_REQUIRE] = "require"};
    uint32_t index = CONFIG_SIGNATURE_OFF;
    (void)key;
    read_word(r, value, words, 3, &index);
    ((struct config_plugin_dir *)target)->signature = (enum config_signature)index;
}

static void read_writable(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    static const char *const words[] = {"refuse", "allow"};
    uint32_t index = 0;
    (void)key;
    read_word(r, value, words, 2, &index);
    ((struct config_plugin_dir *)target)->allow_writable = index == 1;
}

/* What a key looks like; whether it is one turns out when it is used. */
static bool looks_like_key(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t prefix = strlen(CONFIG_KEY_FILE);
    if (strncmp(text, CONFIG_KEY_FILE, prefix) == 0)
        return text[prefix] != '\0';
    return strncmp(text, KEY_START, strlen(KEY_START)) == 0 && strspn(text, digits) == KEY_DIGITS &&
           text[KEY_DIGITS] == '\0';
}

static void read_keys(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                      void *target)
{
    struct config_plugin_dir *dir = target;
    const struct yaml_node *entry;
    uint32_t index = 0;
    (void)key;
    if (!reader_is_list(r, value) || !reader_within(r, value, CONFIG_KEYS_MAX))
        return;
    for (entry = value->first; entry; entry = entry->next) {
        size_t before = reader_enter_index(r, index++);
        if (reader_text(r, entry, dir->keys[dir->key_count], sizeof *dir->keys)) {
            if (looks_like_key(entry->text))
                dir->key_count++;
            else
                reader_refuse(r, entry,
                              "not a public key: write the second line of the .pub file "
                              "(56 characters, RW...), or file:PATH of that file");
        }
        reader_leave(r, before);
    }
}

/* 1, 1.2, 1.2.0, …: digits between single dots. */
static bool is_dotted_number(const char *text)
{
    const char *c;
    for (c = text; *c; c++) {
        bool digit = *c >= '0' && *c <= '9';
        if (!digit && (*c != '.' || c == text || c[-1] == '.' || c[1] == '\0'))
            return false;
    }
    return c != text;
}

static void read_minimum(struct reader *r, const struct yaml_node *value,
                         const struct reader_key *key, void *target)
{
    struct config_plugin_dir *dir = target;
    const struct yaml_node *entry;
    (void)key;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_MINIMUMS_MAX))
        return;
    for (entry = value->first; entry; entry = entry->next) {
        struct config_minimum *minimum = &dir->minimums[dir->minimum_count];
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        before = reader_enter(r, entry->key->text);
        if (reader_key_name(r, entry, READER_PLUGIN, minimum->plugin, sizeof minimum->plugin) &&
            reader_text(r, entry, minimum->version, sizeof minimum->version)) {
            if (is_dotted_number(entry->text)) {
                minimum->place = reader_place(r, entry);
                dir->minimum_count++;
            } else {
                reader_refuse(r, entry, "not a version of numbers and dots, like 1.2.0");
            }
        }
        reader_leave(r, before);
    }
}

static const struct reader_key plugin_keys[] = {
    {"path", read_text, offsetof(struct config_plugin_dir, path), CONFIG_PATH_MAX, true},
    {"isolation", read_isolation, 0, 0, false},
    {"signature", read_signature, 0, 0, false},
    {"keys", read_keys, 0, 0, false},
    {"minimum", read_minimum, 0, 0, false},
    {"writable", read_writable, 0, 0, false},
};

/* A policy without keys would refuse everything; keys without a policy would check nothing. */
static void check_policy(struct reader *r, const struct yaml_node *entry,
                         const struct config_plugin_dir *dir)
{
    const struct yaml_node *signature = yaml_find(entry, "signature"),
                           *keys = yaml_find(entry, "keys");
    if (signature && dir->signature != CONFIG_SIGNATURE_OFF &&
        (!keys || (keys->kind == YAML_LIST && keys->count == 0))) {
        size_t before = reader_enter(r, "signature");
        reader_refuse(r, signature, "but no keys are pinned; add keys: [RW...]");
        reader_leave(r, before);
    }
    if (keys && !signature && dir->signature == CONFIG_SIGNATURE_OFF) {
        size_t before = reader_enter(r, "keys");
        reader_tell(r, keys->key,
                    "are pinned, but nothing asks for a signature; "
                    "add signature: require, warn or off");
        reader_leave(r, before);
    }
}

void read_plugins(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                  void *target)
{
    struct config *config = target;
    const struct yaml_node *entry;
    uint32_t index = 0;
    (void)key;
    if (!reader_is_list(r, value) || !reader_within(r, value, CONFIG_PLUGIN_DIRS_MAX))
        return;
    config->plugin_dirs = reader_allocate(r, value->count, sizeof *config->plugin_dirs);
    for (entry = value->first; config->plugin_dirs && entry; entry = entry->next) {
        struct config_plugin_dir *dir = &config->plugin_dirs[config->plugin_dir_count++];
        size_t before = reader_enter_index(r, index++);
        dir->place = reader_place(r, entry);
        reader_read(r, entry, plugin_keys, sizeof plugin_keys / sizeof *plugin_keys, dir);
        if (entry->kind == YAML_MAP)
            check_policy(r, entry, dir);
        reader_leave(r, before);
    }
}
