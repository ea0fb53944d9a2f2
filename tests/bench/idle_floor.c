/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of idle.py: a process with a libev loop and an open LMDB environment and nothing else.
 * Says "ready" and waits for the end of its input.
 *
 * usage: idle_floor DIRECTORY
 */
#include <ev.h>
#include <lmdb.h>

#include <stdio.h>

static void on_input(struct ev_loop *loop, ev_io *watcher, int events)
{
    char byte;
    (void)events;
    if (fread(&byte, 1, 1, stdin) == 0)
        ev_io_stop(loop, watcher);
}

int main(int argc, char **argv)
{
    struct ev_loop *loop = ev_default_loop(0);
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;
    ev_io input;
    if (argc != 2 || !loop || mdb_env_create(&env) != 0 ||
        mdb_env_set_mapsize(env, (size_t)1 << 30) != 0 ||
        mdb_env_open(env, argv[1], MDB_NOTLS, 0600) != 0 ||
        mdb_txn_begin(env, NULL, 0, &txn) != 0 || mdb_dbi_open(txn, NULL, 0, &table) != 0 ||
        mdb_txn_commit(txn) != 0)
        return 1;
    ev_io_init(&input, on_input, 0, EV_READ);
    ev_io_start(loop, &input);
    (void)puts("ready");
    (void)fflush(stdout);
    (void)ev_run(loop, 0);
    mdb_env_close(env);
    return 0;
}
