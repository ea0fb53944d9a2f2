/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durable orders: store_commit() of one turn's batch (journal records, order, position and cash
 * rows, the chain's head) against bare LMDB transactions that put as many values of the same sizes
 * into as many tables, without checksums and links. The last pair is what a denial writes: heads of
 * the audit, one in a thousand, included. Both sync to the same file system.
 */
#include "bench.h"

#include "core/event.h"
#include "session/audit.h"
#include "session/rows.h"
#include "store/store.h"

#include <lmdb.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define COMMITS     16
#define GROUP       64
#define ROUNDS      31
#define HEADER      64 /* of a stored journal record: sequence, time, type, size, checksum, link */
#define ROW_HEADER  12
#define BATCH_BYTES ((size_t)1 << 20)
#define AUDIT_TEXT  300 /* of a denial, about */

/* What one order writes: the bar it came from, its intent, and the rows that follow. */
struct write {
    enum store_table table; /* STORE_ROW_TABLES: a journal record */
    size_t size_bytes;
    bool new_key; /* else the same key is written each time */
};
static const struct write order_writes[] = {
    {STORE_ROW_TABLES, sizeof(struct turret_bar), true},
    {STORE_ROW_TABLES, sizeof(struct event_intent), true},
    {STORE_ORDER, sizeof(struct row_order), true},
    {STORE_POSITION, sizeof(struct row_position), false},
    {STORE_LEDGER, sizeof(struct row_account), false},
};
/* What a denied one writes; to the audit's belongs the row that says where it ends. */
static const struct write denial_writes[] = {
    {STORE_ROW_TABLES, sizeof(struct event_intent), true},
    {STORE_ORDER, sizeof(struct row_order), true},
    {STORE_AUDIT, AUDIT_TEXT, true},
};
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct commits {
    struct store *store;
    struct store_batch *batch;
    MDB_env *env;
    MDB_dbi tables[STORE_ROW_TABLES + 1];
    uint32_t count, group; /* transactions a round, orders in each */
    const struct write *writes;
    size_t write_count;
    uint64_t sequence, order, bare_order;
    unsigned char bytes[4096];
};

static void check(int rc, const char *what)
{
    if (rc != 0)
        bench_fail("%s: %s", what, mdb_strerror(rc));
}

static void big_endian(unsigned char key[8], uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(key, &value, 8);
}

/* ---- bare ---- */

static void open_bare(struct commits *c, const char *path)
{
    MDB_txn *txn;
    char name[16];
    if (mkdir(path, 0700) != 0)
        bench_fail("cannot make %s", path);
    check(mdb_env_create(&c->env), "mdb_env_create");
    check(mdb_env_set_mapsize(c->env, (size_t)16 << 30), "mdb_env_set_mapsize");
    check(mdb_env_set_maxdbs(c->env, STORE_ROW_TABLES + 1), "mdb_env_set_maxdbs");
    check(mdb_env_open(c->env, path, MDB_NOTLS, 0600), "mdb_env_open");
    check(mdb_txn_begin(c->env, NULL, 0, &txn), "mdb_txn_begin");
    for (unsigned i = 0; i <= STORE_ROW_TABLES; i++) {
        (void)snprintf(name, sizeof name, "table%u", i);
        check(mdb_dbi_open(txn, name, MDB_CREATE, &c->tables[i]), "mdb_dbi_open");
    }
    check(mdb_txn_commit(txn), "mdb_txn_commit");
}

static void put_bare(struct commits *c, MDB_txn *txn, const struct write *write)
{
    static uint64_t record;
    bool journal = write->table == STORE_ROW_TABLES;
    unsigned char name[8];
    MDB_val key = {sizeof name, name};
    bool audit = write->table == STORE_AUDIT;
    MDB_val value = {write->size_bytes + (journal ? HEADER : ROW_HEADER) + (audit ? HEADER : 0),
                     c->bytes};
    big_endian(name, journal ? ++record : write->new_key ? c->bare_order : 1);
    check(mdb_put(txn, c->tables[write->table], &key, &value, journal ? MDB_APPEND : 0), "mdb_put");
    memcpy(name, "the tail", sizeof name);
    value.mv_size = 56 + ROW_HEADER;
    if (audit)
        check(mdb_put(txn, c->tables[STORE_META], &key, &value, 0), "mdb_put");
}

static double bare(void *context)
{
    struct commits *c = context;
    double started = bench_now();
    for (uint32_t i = 0; i < c->count; i++) {
        unsigned char name[8] = "head";
        MDB_val key = {sizeof name, name}, value = {56 + ROW_HEADER, c->bytes};
        MDB_txn *txn;
        check(mdb_txn_begin(c->env, NULL, 0, &txn), "mdb_txn_begin");
        for (uint32_t g = 0; g < c->group; g++) {
            c->bare_order++;
            for (size_t w = 0; w < c->write_count; w++)
                put_bare(c, txn, &c->writes[w]);
        }
        check(mdb_put(txn, c->tables[STORE_META], &key, &value, 0), "mdb_put");
        check(mdb_txn_commit(txn), "mdb_txn_commit");
    }
    return (bench_now() - started) / c->count;
}

/* ---- through the store ---- */

static void add(struct commits *c, const struct write *write)
{
    unsigned char key[8];
    struct store_record record = {.sequence = c->sequence + 1,
                                  .time = (turret_time_ns)c->sequence,
                                  .type = EVENT_BAR,
                                  .version = 1,
                                  .size_bytes = (uint32_t)write->size_bytes,
                                  .payload = c->bytes};
    const struct audit_record told = {.time = record.time,
                                      .sequence = c->sequence,
                                      .kind = AUDIT_DENIAL,
                                      .text_bytes = (uint32_t)write->size_bytes,
                                      .text = (const char *)c->bytes};
    int status;
    if (write->table == STORE_ROW_TABLES) {
        c->sequence++;
        status = store_batch_record(c->batch, &record);
    } else if (write->table == STORE_AUDIT) {
        status = store_batch_audit(c->batch, &told);
    } else {
        big_endian(key, write->new_key ? c->order : 1);
        status = store_batch_put(c->batch, write->table, key, sizeof key, 1, c->bytes,
                                 write->size_bytes);
    }
    if (status)
        bench_fail("the batch is full");
}

static double stored(void *context)
{
    struct commits *c = context;
    struct turret_error err = {0};
    double started = bench_now();
    for (uint32_t i = 0; i < c->count; i++) {
        store_batch_clear(c->batch);
        for (uint32_t g = 0; g < c->group; g++) {
            c->order++;
            for (size_t w = 0; w < c->write_count; w++)
                add(c, &c->writes[w]);
        }
        if (store_commit(c->store, c->batch, &err))
            bench_fail("%s", err.text);
    }
    return (bench_now() - started) / c->count;
}

int main(int argc, char **argv)
{
    struct bench bench;
    static struct commits commits;
    struct turret_error err = {0};
    struct bench_pair pair = {.what = "one order a commit",
                              .unit = "commit",
                              .target = 1.25,
                              .floor_name = "bare LMDB, same puts and sizes",
                              .floor = bare,
                              .measured = stored,
                              .floor_context = &commits,
                              .measured_context = &commits};
    char path[512], key[540], heads[540];
    uint64_t added;
    bench_begin(&bench, "durable orders", argc, argv);
    commits.count = bench.smoke ? 2 : COMMITS;
    if (!bench.smoke && bench.rounds < ROUNDS)
        bench.rounds = ROUNDS; /* a disk is not as steady as a processor */
    (void)snprintf(path, sizeof path, "%s/bare", bench.directory);
    open_bare(&commits, path);
    (void)snprintf(path, sizeof path, "%s/store", bench.directory);
    if (store_open(&commits.store, path, STORE_CREATE | STORE_EXCLUSIVE, &err) ||
        store_batch_create(&commits.batch, BATCH_BYTES, &err))
        bench_fail("%s", err.text);
    (void)snprintf(key, sizeof key, "%s/audit.key", path);
    (void)snprintf(heads, sizeof heads, "%s/audit.heads", path);
    if (store_audit_open(commits.store, key, heads, &added, &err))
        bench_fail("%s", err.text);
    commits.group = 1;
    commits.writes = order_writes;
    commits.write_count = COUNT(order_writes);
    bench_compare(&bench, &pair);
    commits.group = GROUP;
    pair.what = "groups of 64 orders a commit";
    bench_compare(&bench, &pair);
    commits.group = 1;
    commits.writes = denial_writes;
    commits.write_count = COUNT(denial_writes);
    pair.what = "one denial a commit, with its audit";
    bench_compare(&bench, &pair);
    store_batch_destroy(commits.batch);
    store_close(commits.store);
    mdb_env_close(commits.env);
    return bench_end(&bench);
}
