/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody changes who knows the store's format and has all but the secret key. */
#include "audit_tamper.h"

#include "store/crc32c.h"

#include <string.h>

#define AUDIT_SAID   sizeof(struct audit_header), 16   /* time, sequence */
#define JOURNAL_SAID sizeof(struct journal_header), 12 /* time, type, version */

/* Numbers, links and tail as if everything had been written like this; signatures stay. */
static void relink(void)
{
    struct audit_tail tail;
    memset(&tail, 0, sizeof tail);
    for (uint32_t i = 0; i < now.audit_count; i++) {
        struct row_bytes *row = &now.audit[i];
        struct audit_header header;
        struct audit_head head;
        memcpy(&header, row->bytes, sizeof header);
        header.number = i + 1;
        seal_link(tail.link, &header, offsetof(struct audit_header, link),
                  row->bytes + sizeof header, row->size_bytes - sizeof header, header.link);
        memcpy(row->bytes, &header, sizeof header);
        memcpy(tail.link, header.link, sizeof tail.link);
        tail.count = header.number;
        if (header.kind != AUDIT_KIND_HEAD || row->size_bytes != sizeof header + sizeof head)
            continue;
        memcpy(&head, row->bytes + sizeof header, sizeof head);
        tail.head_number = header.number;
        tail.head_sequence = head.journal_last;
    }
    now.tail = tail;
}

/* The same for the journal, checksums included. */
static void relink_journal(void)
{
    uint8_t link[HASH_BYTES] = {0};
    for (uint32_t i = 0; i < now.journal_count; i++) {
        struct row_bytes *row = &now.journal[i];
        const unsigned char *payload = row->bytes + sizeof(struct journal_header);
        struct journal_header header;
        memcpy(&header, row->bytes, sizeof header);
        header.sequence = i + 1;
        hash_link(link, &header, offsetof(struct journal_header, crc), payload, header.size_bytes,
                  header.hash);
        header.crc = 0;
        header.crc =
            crc32c_update(crc32c_update(0, &header, sizeof header), payload, header.size_bytes);
        memcpy(row->bytes, &header, sizeof header);
        memcpy(link, header.hash, sizeof link);
    }
    now.head.first = now.journal_count > 0;
    now.head.last = now.journal_count;
    memcpy(now.head.hash, link, sizeof link);
}

static bool is_head(uint32_t index)
{
    struct audit_header header;
    memcpy(&header, now.audit[index].bytes, sizeof header);
    return header.kind == AUDIT_KIND_HEAD;
}

static void take_out(uint32_t index)
{
    memmove(&now.audit[index], &now.audit[index + 1],
            (--now.audit_count - index) * sizeof now.audit[0]);
}

static void put_in(uint32_t index, const struct row_bytes *row)
{
    struct row_bytes copy = *row;
    memmove(&now.audit[index + 1], &now.audit[index],
            (now.audit_count++ - index) * sizeof now.audit[0]);
    now.audit[index] = copy;
}

static void exchange(struct row_bytes *rows, uint32_t count)
{
    uint32_t a = draw(count), b = (a + 1 + draw(count - 1)) % count;
    struct row_bytes row = rows[a];
    rows[a] = rows[b];
    rows[b] = row;
}

/*
 * A byte of what says something: behind the header, or one of the `said` ones that follow the
 * number in it. Links and checksums are made anew.
 */
static void edit_record(struct row_bytes *row, size_t header_bytes, uint32_t said)
{
    uint32_t at = draw((uint32_t)(said + row->size_bytes - header_bytes));
    if (at < said)
        row->bytes[8 + at] ^= (unsigned char)(1 + draw(255));
    else
        row->bytes[header_bytes + at - said] ^= (unsigned char)(1 + draw(255));
}

/* ---- the audit and the journal ---- */

static bool spoil_row(void)
{
    save(&now);
    spoil(store->rows[STORE_AUDIT], draw(now.audit_count), draw(ROW_MAX),
          (unsigned char)(1 + draw(255)));
    return true;
}

static bool spoil_journal(void)
{
    save(&now);
    spoil(store->journal, draw(now.journal_count), draw(ROW_MAX), (unsigned char)(1 + draw(255)));
    return true;
}

static bool edit(void)
{
    struct row_bytes *row = &now.audit[draw(now.audit_count)];
    row->bytes[draw((uint32_t)row->size_bytes)] ^= (unsigned char)(1 + draw(255));
    return false;
}

static bool edit_and_relink(void)
{
    edit_record(&now.audit[draw(now.audit_count)], AUDIT_SAID);
    relink();
    return false;
}

static bool delete (void)
{
    take_out(draw(now.audit_count));
    if (draw(2))
        now.tail.count--;
    return false;
}

static bool delete_and_relink(void)
{
    take_out(draw(now.audit_count));
    relink();
    return false;
}

static bool cut(void)
{
    now.audit_count = draw(now.audit_count);
    return false;
}

static bool cut_and_relink(void)
{
    now.audit_count = draw(now.audit_count);
    relink();
    return false;
}

static bool reorder(void)
{
    exchange(now.audit, now.audit_count);
    return false;
}

static bool reorder_and_relink(void)
{
    exchange(now.audit, now.audit_count);
    relink();
    return false;
}

static bool duplicate(void)
{
    uint32_t from = draw(now.audit_count);
    put_in(draw(2) ? from : draw(now.audit_count), &now.audit[from]);
    if (draw(4))
        relink();
    return false;
}

static bool insert(void)
{
    struct row_bytes row = now.audit[draw(now.audit_count)];
    edit_record(&row, AUDIT_SAID);
    put_in(draw(now.audit_count), &row); /* what is behind the last head is not signed yet */
    relink();
    return false;
}

/* A record is changed, and every head from there on signed anew with somebody else's key. */
static bool other_key(void)
{
    uint32_t from = draw(now.audit_count);
    static const char purpose[24] = "turret audit head 1";
    unsigned char signs[sizeof purpose + offsetof(struct audit_head, signature)];
    if (!is_head(from))
        edit_record(&now.audit[from], AUDIT_SAID);
    for (uint32_t i = from; i < now.audit_count; i++) {
        struct audit_head head;
        if (!is_head(i))
            continue;
        relink();
        memcpy(&head, now.audit[i].bytes + sizeof(struct audit_header), sizeof head);
        if (i > 0)
            memcpy(head.audit_hash, now.audit[i - 1].bytes + offsetof(struct audit_header, link),
                   sizeof head.audit_hash);
        if (draw(2)) /* or their signature under the old name */
            memcpy(head.key, seal_key_public(other), sizeof head.key);
        memcpy(signs, purpose, sizeof purpose);
        memcpy(signs + sizeof purpose, &head, sizeof signs - sizeof purpose);
        seal_sign(other, signs, sizeof signs, head.signature);
        memcpy(now.audit[i].bytes + sizeof(struct audit_header), &head, sizeof head);
    }
    relink();
    return false;
}

static bool edit_tail(void)
{
    ((unsigned char *)&now.tail)[draw(sizeof now.tail)] ^= (unsigned char)(1 + draw(255));
    return false;
}

static bool empty(void)
{
    now.audit_count = 0;
    memset(&now.tail, 0, sizeof now.tail);
    return false;
}

static bool edit_journal(void)
{
    edit_record(&now.journal[draw(now.journal_count)], JOURNAL_SAID);
    relink_journal();
    return false;
}

static bool cut_journal(void)
{
    now.journal_count = draw(now.journal_count);
    relink_journal();
    return false;
}

static bool reorder_journal(void)
{
    exchange(now.journal, now.journal_count);
    relink_journal();
    return false;
}

/* As if it had been shortened at its beginning. */
static bool behead_journal(void)
{
    uint32_t gone = 1 + draw(now.journal_count - 1);
    now.journal_count -= gone;
    memmove(now.journal, now.journal + gone, now.journal_count * sizeof now.journal[0]);
    now.head.first = gone + 1;
    return false;
}

/* Both as they were at an earlier head: nothing in the store itself is wrong. */
static bool old_copy(void)
{
    uint32_t commits = draw(RECORDS / GROUP);
    now.audit_count = commits * (GROUP + 1);
    now.journal_count = commits * GROUP;
    relink();
    relink_journal();
    return false;
}

/* ---- changes of the heads file ---- */

static bool edit_file(void)
{
    now.file[draw((uint32_t)now.file_bytes)] ^= (char)(1 + draw(255));
    return false;
}

static char *line_at(uint32_t index, size_t *size)
{
    char *at = now.file;
    while (index-- > 0)
        at = strchr(at, '\n') + 1;
    *size = (size_t)(strchr(at, '\n') + 1 - at);
    return at;
}

/* Not the last line alone: after a crash it may be missing. */
static bool delete_line(void)
{
    size_t size;
    char *line = line_at(draw(RECORDS / GROUP), &size);
    memmove(line, line + size, now.file_bytes - (size_t)(line + size - now.file));
    now.file_bytes -= size;
    return false;
}

static bool repeat_line(void)
{
    size_t size;
    char *line = line_at(draw(1 + RECORDS / GROUP), &size), copy[HEADS_LINE_MAX];
    memcpy(copy, line, size);
    memmove(line + size, line, now.file_bytes - (size_t)(line - now.file));
    memcpy(line, copy, size);
    now.file_bytes += size;
    return false;
}

static bool cut_file(void)
{
    size_t size;
    char *last = line_at(RECORDS / GROUP, &size);
    size_t end = (size_t)(last - now.file);
    size_t at = draw((uint32_t)now.file_bytes);
    now.file_bytes = at == end ? end - 1 : at;
    return false;
}

const struct change_kind change_kinds[] = {{"byte", spoil_row},
                                           {"edit", edit},
                                           {"edit, relinked", edit_and_relink},
                                           {"delete", delete},
                                           {"delete, relinked", delete_and_relink},
                                           {"cut", cut},
                                           {"cut, relinked", cut_and_relink},
                                           {"reorder", reorder},
                                           {"reorder, relinked", reorder_and_relink},
                                           {"duplicate", duplicate},
                                           {"insert", insert},
                                           {"other key", other_key},
                                           {"tail", edit_tail},
                                           {"emptied", empty},
                                           {"journal byte", spoil_journal},
                                           {"journal edit", edit_journal},
                                           {"journal cut", cut_journal},
                                           {"journal reorder", reorder_journal},
                                           {"journal beheaded", behead_journal},
                                           {"old copy", old_copy},
                                           {"file byte", edit_file},
                                           {"file line gone", delete_line},
                                           {"file line twice", repeat_line},
                                           {"file cut", cut_file},
                                           {NULL, NULL}};
