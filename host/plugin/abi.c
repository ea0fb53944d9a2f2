/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is compared is listed in the order of who can be trusted with what: the version says which
 * struct follows, the fingerprint how it was laid out, only then its members mean anything.
 */
#include "plugin/abi.h"
#include "plugin/loader.h"
#include "plugin/refuse.h"

#include <string.h>

/* Extensions this host offers through get_extension(), as notes name them. */
static const char *const extensions[] = {NULL};

#define KINDS (TURRET_KIND_INDICATOR | TURRET_KIND_STRATEGY | TURRET_KIND_BROKER)

TURRET_STATIC_ASSERT(sizeof(struct turret_note) >= ABI_NOTE_FIRST_SIZE, "note only grows");
TURRET_STATIC_ASSERT(sizeof(struct turret_entry) >= ABI_ENTRY_FIRST_SIZE, "entry only grows");

bool abi_is_id(const char *id, size_t room)
{
    size_t length = strnlen(id, room);
    if (length == 0 || length >= room || length >= sizeof((struct turret_note *)0)->id)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool word = (id[i] >= 'a' && id[i] <= 'z') || (id[i] >= '0' && id[i] <= '9');
        if (!word && (i == 0 || !strchr("._-", id[i])))
            return false;
    }
    return true;
}

bool abi_is_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return length > 0 && length < room;
}

static int check_version(const char *path, unsigned major, unsigned minor, struct turret_error *err)
{
    if (major != TURRET_ABI_MAJOR) {
        char built_for[16];
        (void)snprintf(built_for, sizeof built_for, minor ? "%u.%u" : "%u", major, minor);
        return refuse_file(err, TURRET_EVERSION, path,
                           "built for plugin ABI %s, this host has %d.%d; rebuild against this SDK",
                           built_for, TURRET_ABI_MAJOR, TURRET_ABI_MINOR);
    }
    if (minor > TURRET_ABI_MINOR)
        return refuse_file(err, TURRET_EVERSION, path,
                           "needs plugin ABI %u.%u, this host has %d.%d; rebuild against this SDK "
                           "or use a newer host",
                           major, minor, TURRET_ABI_MAJOR, TURRET_ABI_MINOR);
    return TURRET_OK;
}

static int check_fingerprint(const char *path, const struct turret_fingerprint *theirs,
                             struct turret_error *err)
{
    static const struct turret_fingerprint ours = TURRET_FINGERPRINT_INIT;
#define FIELD(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct turret_fingerprint, name)                                           \
    }
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {
        FIELD(pointer_size), FIELD(int64_align), FIELD(double_align), FIELD(little_endian),
        FIELD(bar_size),     FIELD(trade_size),  FIELD(quote_size),   FIELD(level_size),
        FIELD(slot_size),    FIELD(param_size),  FIELD(field_size),   FIELD(error_size),
    };
#undef FIELD
    TURRET_STATIC_ASSERT(sizeof fields / sizeof fields[0] * sizeof(uint16_t) == sizeof ours,
                         "every field of the fingerprint is listed");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        uint16_t has, wants;
        memcpy(&has, (const char *)theirs + fields[i].offset, sizeof has);
        memcpy(&wants, (const char *)&ours + fields[i].offset, sizeof wants);
        if (has != wants)
            return refuse_file(err, TURRET_EVERSION, path,
                               "fingerprint: %s is %u, this host has %u; rebuild against this SDK",
                               fields[i].name, has, wants);
    }
    return TURRET_OK;
}

/* Every word of `needs` must be an extension this host has. */
static int check_needs(const char *path, const char *needs, struct turret_error *err)
{
    for (const char *at = needs + strspn(needs, " "); *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " "), i = 0;
        while (extensions[i] &&
               (strlen(extensions[i]) != length || memcmp(extensions[i], at, length) != 0))
            i++;
        if (!extensions[i])
            return refuse_file(err, TURRET_ENOTSUP, path,
                               "needs the extension %.*s, which this host does not have; "
                               "use a newer host",
                               (int)length, at);
        at += length;
    }
    return TURRET_OK;
}

static int check_note_members(const char *path, const struct turret_note *note,
                              struct turret_error *err)
{
    if (!abi_is_id(note->id, sizeof note->id))
        return refuse_file(
            err, TURRET_EINVAL, path,
            "note: id '%.*s' is not 1 to %zu of [a-z0-9._-], a letter or digit first",
            (int)strnlen(note->id, sizeof note->id), note->id, sizeof note->id - 1);
    if (!abi_is_text(note->version, sizeof note->version))
        return refuse_file(err, TURRET_EINVAL, path,
                           "note: version of %s is not 1 to %zu printable characters", note->id,
                           sizeof note->version - 1);
    if (note->needs[0] && !abi_is_text(note->needs, sizeof note->needs))
        return refuse_file(err, TURRET_EINVAL, path,
                           "note: needs of %s is not at most %zu printable characters", note->id,
                           sizeof note->needs - 1);
    if (note->kinds == 0)
        return refuse_file(err, TURRET_EINVAL, path, "note: %s is of no kind", note->id);
    if (note->kinds & ~KINDS)
        return refuse_file(err, TURRET_ENOTSUP, path,
                           "note: kind 0x%x of %s is not known to this host; use a newer host",
                           note->kinds & ~KINDS, note->id);
    return check_needs(path, note->needs, err);
}

int abi_read_note(const char *path, const uint8_t *bytes, uint32_t size_bytes,
                  struct turret_note *note, struct turret_error *err)
{
    const uint32_t version_end = offsetof(struct turret_note, kinds);
    memset(note, 0, sizeof *note);
    if (size_bytes >= version_end)
        memcpy(note, bytes, version_end);
    if (size_bytes < version_end)
        return refuse_file(err, TURRET_EINVAL, path, "note is truncated: its content is %u bytes",
                           size_bytes);
    if (check_version(path, note->abi_major, note->abi_minor, err))
        return TURRET_EVERSION;
    if (note->struct_size < ABI_NOTE_FIRST_SIZE)
        return refuse_file(err, TURRET_EVERSION, path,
                           "note struct_size %u is below %u; rebuild against this SDK",
                           note->struct_size, ABI_NOTE_FIRST_SIZE);
    if (note->struct_size > size_bytes)
        return refuse_file(err, TURRET_EINVAL, path,
                           "note is truncated: struct_size %u, but its content is %u bytes",
                           note->struct_size, size_bytes);
    memcpy(note, bytes, note->struct_size < sizeof *note ? note->struct_size : sizeof *note);
    if (check_fingerprint(path, &note->fingerprint, err))
        return TURRET_EVERSION;
    return check_note_members(path, note, err);
}

/* A text of the entry must be the one of the note. */
static int check_same(const char *path, const char *what, const char *entry, const char *note,
                      size_t room, struct turret_error *err)
{
    if (entry && strncmp(entry, note, room) == 0)
        return TURRET_OK;
    return refuse_file(err, TURRET_EFAULT, path, "%s's %s is %.60s, the note says %s",
                       TURRET_ENTRY_SYMBOL, what, entry ? entry : "NULL", note);
}

int abi_read_entry(const char *path, const void *symbol, const struct turret_note *note,
                   struct turret_entry *entry, struct turret_error *err)
{
    memset(entry, 0, sizeof *entry);
    memcpy(entry, symbol, offsetof(struct turret_entry, fingerprint));
    if (check_version(path, entry->abi_major, entry->abi_minor, err))
        return TURRET_EVERSION;
    if (entry->struct_size < ABI_ENTRY_FIRST_SIZE)
        return refuse_file(err, TURRET_EVERSION, path,
                           "%s struct_size %u is below %u; rebuild against this SDK",
                           TURRET_ENTRY_SYMBOL, entry->struct_size, ABI_ENTRY_FIRST_SIZE);
    memcpy(entry, symbol, entry->struct_size < sizeof *entry ? entry->struct_size : sizeof *entry);
    if (check_fingerprint(path, &entry->fingerprint, err))
        return TURRET_EVERSION;
    if (check_same(path, "id", entry->id, note->id, sizeof note->id, err) ||
        check_same(path, "version", entry->version, note->version, sizeof note->version, err))
        return TURRET_EFAULT;
    if (!entry->offers || entry->offer_count == 0)
        return refuse_file(err, TURRET_EFAULT, path, "%s has no offers: %u at %s",
                           TURRET_ENTRY_SYMBOL, entry->offer_count,
                           entry->offers ? "an address" : "NULL");
    if (entry->offer_count > PLUGIN_OFFERS_MAX)
        return refuse_file(err, TURRET_ELIMIT, path, "%u offers, at most %d are taken",
                           entry->offer_count, PLUGIN_OFFERS_MAX);
    return TURRET_OK;
}
