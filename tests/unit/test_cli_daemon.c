/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what status, start, stop and pause print of a daemon's answers, with which exit code, and
 * that --watch draws again until the daemon ends or a signal comes. The daemon is a loop with
 * answers made up here. Watching takes as long as its interval: a few seconds in all.
 */
#include "control_rig.h"

#include "cli_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static const char status_text[] =
    "{\"ok\": true, \"version\": \"0.1.0\", \"pid\": 123, \"mode\": \"paper\", \"store\": \"S\","
    " \"config\": \"paper.yaml\", \"config_version\": 3, \"uptime_seconds\": 93784.5,"
    " \"time\": \"2024-01-02T15:00:00Z\", \"sequence\": 1234, \"durable\": 1230,"
    " \"trading\": \"ACTIVE\", \"working_orders\": 2,"
    " \"accounts\": [{\"venue\": \"sim\", \"currency\": \"USD\", \"cash\": \"99000.5\","
    " \"equity\": \"100010\", \"start\": \"100000\", \"drawdown_pct\": 0.12}],"
    " \"venues\": [{\"name\": \"sim\", \"adapter\": \"turret.sim\","
    " \"version\": \"1.1.0\", \"build\": \"cd340000ff\", \"isolated\": false, \"ready\": false,"
    " \"connected\": true, \"waits\": \"its clock is 6 s off\", \"trades\": true,"
    " \"simulated\": true, \"account\": \"demo\", \"working\": 3,"
    " \"unknown\": 2, \"unknown_since\": \"2024-01-02T14:59:00Z\"},"
    " {\"name\": \"bank\", \"adapter\": \"acme\", \"version\": \"2\", \"isolated\": true,"
    " \"ready\": false, \"trades\": true, \"simulated\": false, \"account\": \"U17\","
    " \"not_ready_since\": \"2024-01-02T14:58:00Z\", \"stream\": \"refused \\u001b[2J it\","
    " \"working\": 0, \"unknown\": 0, \"unknown_since\": null},"
    " {\"name\": \"tape\", \"adapter\": \"turret.replay\", \"version\": \"1\","
    " \"isolated\": false, \"ready\": true, \"trades\": false, \"simulated\": false,"
    " \"account\": \"default\", \"working\": 0, \"unknown\": 0, \"unknown_since\": null}],"
    " \"differences\": [{\"id\": 1, \"kind\": \"order\", \"venue\": \"bank\", \"about\": \"AAA\","
    " \"ours\": \"0\", \"theirs\": \"0\", \"order_id\": 4294967301, \"halts\": true, \"text\": "
    "\"a\"},"
    " {\"id\": 2, \"kind\": \"cash\", \"venue\": \"bank\", \"about\": \"USD\", \"ours\": \"1\","
    " \"theirs\": \"2\", \"order_id\": 0, \"halts\": false, \"text\": \"b\"}],"
    " \"strategies\": [{\"name\": \"spy-cross\", \"plugin\": \"turret.ma_cross\","
    " \"version\": \"1.0.0\", \"build\": \"ab12\", \"state\": \"RUNNING\", \"ready\": true,"
    " \"profit\": \"12.5\", \"orders\": 3, \"fills\": 3, \"denied\": 0, \"open_orders\": 0,"
    " \"score\": -0.125, \"score_reason\": \"fast above slow\", \"fault\": \"\"},"
    " {\"name\": \"qqq\", \"version\": \"2.0\", \"state\": \"RUNNING\", \"ready\": false,"
    " \"profit\": \"0\", \"orders\": 0, \"fills\": 0, \"denied\": 10, \"open_orders\": 1,"
    " \"score\": null, \"score_reason\": \"\", \"fault\": \"\"},"
    " {\"name\": \"bad\", \"version\": \"2.0\", \"state\": \"FAULT\", \"ready\": true,"
    " \"score\": null, \"score_reason\": \"fine\", \"fault\": \"tore \\u001b[2J it\"}]}";

static const char table_text[] =
    "paper, trading ACTIVE, working orders 2, event time 2024-01-02T15:00:00Z\n"
    "turret 0.1.0, pid 123, up 1d 02:03:04, configuration paper.yaml version 3\n"
    "store S, journal 1234, of it on disk 1230\n"
    "\n"
    "venue  adapter        version         isolated  ready  orders to    working  UNKNOWN  since   "
    "      "
    "        not ready\n"
    "sim    turret.sim     1.1.0 cd340000  no        no     (simulated)        3        2  "
    "2024-01-02T14:59:00Z  its clock is 6 s off\n"
    "bank   acme           2               yes       no     U17                0        0  -       "
    "              since 2024-01-02T14:58:00Z: refused ?[2J it\n"
    "tape   turret.replay  1               no        yes    -                  0        0  -       "
    "              -\n"
    "\n"
    "difference  venue  about       ours  theirs  halts  what\n"
    "order       bank   4294967301     0       0  yes    a\n"
    "cash        bank   USD            1       2  no     b\n"
    "\n"
    "account  currency   start     cash  equity  drawdown\n"
    "sim      USD       100000  99000.5  100010     0.12%\n"
    "\n"
    "strategy   version     state    profit  orders  fills  denied  open  score  why\n"
    "spy-cross  1.0.0 ab12  RUNNING    12.5       3      3       0     0  -0.12  fast above slow\n"
    "qqq        2.0         RUNNING       0       0      0      10     1      -  warming up\n"
    "bad        2.0         FAULT         -       -      -       -     -      -  tore ?[2J it\n";

static const char resume_text[] =
    "{\"ok\": true, \"latched\": false, \"states\": [], \"references\": [], \"unprotected\": ["
    "{\"strategy\": \"spy\\u001b[2J\", \"instrument\": \"SPY.sim\", \"qty\": \"1.5\"},"
    "{\"strategy\": \"qqq\", \"instrument\": \"QQQ.sim\", \"qty\": \"3\"}]}";

static json_t *answer(struct rig *rig, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "command"));
    const char *strategy = json_string_value(json_object_get(request, "strategy"));
    (void)rig;
    if (!strcmp(name, "status"))
        return json_loads(status_text, 0, NULL);
    if (!strcmp(name, "resume"))
        return json_loads(resume_text, 0, NULL);
    if (!strcmp(strategy ? strategy : "", "held"))
        return json_pack("{s:b, s:[s], s:{s:i}}", "ok", 1, "strategies", "held", "exits",
                         "held\x1b", 2);
    if (json_is_true(json_object_get(request, "all")))
        return json_pack("{s:b, s:[s, s]}", "ok", 1, "strategies", "spy-cross", "qqq");
    if (!strcmp(strategy, "spy-cross"))
        return json_pack("{s:b, s:[s]}", "ok", 1, "strategies", strategy);
    return control_error(TURRET_ENOTFOUND, "no strategy '%s'; did you mean 'spy-cross'?", strategy);
}

/* The second status is the last one. */
static json_t *answer_twice(struct rig *rig, const json_t *request)
{
    if (rig->asked == 2)
        loop_stop(rig->loop);
    return answer(rig, request);
}

static int start(void **state)
{
    struct rig *rig;
    if (rig_setup(state))
        return -1;
    rig = *state;
    rig->answer = answer;
    rig_start(rig);
    return 0;
}

static void expect(void **state, const char *const *words, int code, const char *out,
                   const char *err)
{
    const struct rig *rig = *state;
    const char *list[CLI_RUN_WORDS + 1] = {"--store", rig->directory};
    for (size_t i = 0; words[i]; i++)
        list[i + 2] = words[i];
    cli_run_expect(list, code, out, err);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_status(void **state)
{
    json_t *status = json_loads(status_text, 0, NULL);
    char *text, *lines;
    (void)json_object_del(status, "ok");
    text = json_dumps(status, JSON_INDENT(2));
    json_decref(status);
    lines = malloc(strlen(text) + 2);
    assert_non_null(lines);
    (void)snprintf(lines, strlen(text) + 2, "%s\n", text);
    expect(state, WORDS("status", "--json"), 0, lines, "");
    free(text);
    free(lines);
    expect(state, WORDS("status"), 0, table_text, "");
    expect(state, WORDS("status", "--plain"), 0,
           "daemon\tpaper\tACTIVE\t2\t2024-01-02T15:00:00Z\t0.1.0\t123\t1d 02:03:04\tpaper.yaml\t3"
           "\tS\t1234\t1230\n"
           "venue\tsim\tturret.sim\t1.1.0 cd340000\tno\tno\t(simulated)\t3\t2\t"
           "2024-01-02T14:59:00Z\tits clock is 6 s off\n"
           "venue\tbank\tacme\t2\tyes\tno\tU17\t0\t0\t-\t"
           "since 2024-01-02T14:58:00Z: refused ?[2J it\n"
           "venue\ttape\tturret.replay\t1\tno\tyes\t-\t0\t0\t-\t-\n"
           "difference\torder\tbank\t4294967301\t0\t0\tyes\ta\n"
           "difference\tcash\tbank\tUSD\t1\t2\tno\tb\n"
           "account\tsim\tUSD\t100000\t99000.5\t100010\t0.12%\n"
           "strategy\tspy-cross\t1.0.0 ab12\tRUNNING\t12.5\t3\t3\t0\t0\t-0.12\tfast above slow\n"
           "strategy\tqqq\t2.0\tRUNNING\t0\t0\t0\t10\t1\t-\twarming up\n"
           "strategy\tbad\t2.0\tFAULT\t-\t-\t-\t-\t-\t-\ttore ?[2J it\n",
           "");
}

static void test_start_stop_pause(void **state)
{
    expect(state, WORDS("start", "spy-cross"), 0, "", "spy-cross: started\n");
    expect(state, WORDS("stop", "spy-cross"), 0, "", "spy-cross: stopped\n");
    expect(state, WORDS("pause", "--all"), 0, "", "spy-cross: paused\nqqq: paused\n");
    expect(state, WORDS("stop", "held"), 0, "",
           "held: stopped\nheld?: 2 of its stops and targets end with that: what it holds is "
           "unprotected (turret flatten strategy held?)\n");
    expect(state, WORDS("stop", "held", "--json"), 0,
           "{\n  \"command\": \"stop\",\n  \"strategies\": [\n    \"held\"\n  ],\n"
           "  \"exits\": {\n    \"held\\u001B\": 2\n  }\n}\n",
           "");
    expect(state, WORDS("stop", "--all", "--json"), 0,
           "{\n  \"command\": \"stop\",\n  \"strategies\": [\n    \"spy-cross\",\n    \"qqq\"\n  "
           "]\n}\n",
           "");
}

static void test_resume_tells_what_is_unprotected(void **state)
{
    expect(state, WORDS("resume", "--reason", "x"), 0, "nothing is latched; nothing was changed\n",
           "spy?[2J: 1.5 of SPY.sim have no stop, and it asked for one: watch it, or close it: "
           "turret flatten strategy spy?[2J\n"
           "qqq: 3 of QQQ.sim have no stop, and it asked for one: watch it, or close it: turret "
           "flatten strategy qqq\nnext: turret status\n");
}

static void test_wrong_names_and_words(void **state)
{
    expect(state, WORDS("stop", "spi-cross"), CLI_INVALID, "",
           "turret: no strategy 'spi-cross'; did you mean 'spy-cross'?\n");
    expect(state, WORDS("pause", "x", "--json"), CLI_INVALID, "",
           "{\"error\":{\"code\":\"ENOTFOUND\",\"exit\":3,\"text\":\"no strategy 'x'; did you mean "
           "'spy-cross'?\"}}\n");
    expect(state, WORDS("stop"), CLI_USAGE, "",
           "turret: 'turret stop' needs a STRATEGY or --all\nsee 'turret help stop'\n");
    expect(state, WORDS("pause", "spy-cross", "--all"), CLI_USAGE, "",
           "turret: --all and a strategy exclude each other\nsee 'turret help pause'\n");
    expect(state, WORDS("stop", "\xff"), CLI_USAGE, "",
           "turret: the strategy's name is not UTF-8\nsee 'turret help stop'\n");
    expect(state, WORDS("start"), CLI_USAGE, "",
           "turret: 'turret start' needs STRATEGY\nsee 'turret help start'\n");
}

static void test_no_daemon(void **state)
{
    static const char *const commands[][3] = {
        {"status", NULL}, {"status", "--watch"}, {"stop", "--all"}, {"start", "x"}};
    const struct rig *rig = *state;
    char text[500], json[600], path[300];
    (void)snprintf(text, sizeof text,
                   "turret: no daemon runs, and there is no store in %s (--store): run this in the "
                   "directory of turret.yaml, or name another by --store DIR, -C FILE or "
                   "$TURRET_STORE; turret run or an import makes one\n",
                   rig->directory);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        expect(state, commands[i], CLI_UNREACHABLE, "", text);
    (void)snprintf(path, sizeof path, "%s/data.mdb", rig->directory);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    (void)snprintf(text, sizeof text, "turret: no daemon runs on store %s; start one: turret run\n",
                   rig->directory);
    (void)snprintf(json, sizeof json,
                   "{\"error\":{\"code\":\"EUNREACHABLE\",\"exit\":4,\"text\":\"no daemon runs on "
                   "store %s; start one: turret run\"}}\n",
                   rig->directory);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        expect(state, commands[i], CLI_UNREACHABLE, "", text);
    expect(state, WORDS("status", "--json"), CLI_UNREACHABLE, "", json);
    /* as store a configuration is named, or what is below one */
    for (const char *below = ""; below; below = below[0] ? NULL : "/below") {
        char given[310];
        (void)snprintf(given, sizeof given, "%s%s", path, below);
        (void)snprintf(text, sizeof text,
                       "turret: no daemon runs, and there is no store in %s (--store), which is no "
                       "directory: name one by --store DIR, or a configuration by -C FILE\n",
                       given);
        cli_run_expect(WORDS("--store", given, "status"), CLI_UNREACHABLE, "", text);
        cli_run_expect(WORDS("--store", given, "start", "x"), CLI_UNREACHABLE, "", text);
        (void)snprintf(text, sizeof text,
                       "turret: there is no store in %s (--store), which is no directory: name one "
                       "by --store DIR, or a configuration by -C FILE\n",
                       given);
        cli_run_expect(WORDS("--store", given, "orders"), CLI_INVALID, "", text);
    }
    assert_int_equal(unlink(path), 0);
}

static void test_watch_until_the_daemon_ends(void **state)
{
    struct rig *rig = *state;
    json_t *status = json_loads(status_text, 0, NULL);
    char *line, twice[8192];
    (void)json_object_del(status, "ok");
    line = json_dumps(status, JSON_COMPACT);
    json_decref(status);
    rig->answer = answer_twice;
    rig_start(rig);
    (void)snprintf(twice, sizeof twice, "%s\n%s\n", line, line);
    expect(state, WORDS("status", "--watch", "--json"), 0, twice, "");
    rig_join(rig);
    rig->asked = 0;
    rig_start(rig);
    (void)snprintf(twice, sizeof twice, "%s\n%s", table_text, table_text);
    expect(state, WORDS("status", "-w"), 0, twice, "the daemon has ended\n");
    rig_join(rig);
    free(line);
}

/* A terminal of `rows` rows with "turret status --watch" in it; answers our end of it. */
static int watch_in_terminal(const struct rig *rig, unsigned short rows, pid_t *child)
{
    char directory[sizeof rig->directory];
    char words[4][16] = {"turret", "status", "-w", "--store"}, term[] = "TERM=xterm";
    char *argv[] = {words[0], words[1], words[2], words[3], directory, NULL};
    char *environment[] = {term, NULL};
    posix_spawn_file_actions_t actions;
    struct winsize size = {.ws_row = rows, .ws_col = 100};
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
    if (master < 0)
        skip(); /* this machine has no pseudo-terminals */
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    memcpy(directory, rig->directory, sizeof directory);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, slave, STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn(child, "/proc/self/exe", &actions, NULL, argv, environment), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(slave);
    return master;
}

/* Appends what comes until `text` has come; NULL: until the other end is closed. */
static void read_until(int fd, char *seen, size_t room, const char *text)
{
    size_t size = strlen(seen);
    while (!text || !strstr(seen, text)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t got;
        int count;
        do /* a child's end interrupts it */
            count = poll(&ready, 1, RIG_WAIT_MS);
        while (count < 0 && errno == EINTR);
        assert_int_equal(count, 1);
        got = read(fd, seen + size, room - size - 1);
        if (got <= 0) { /* EIO: nobody has the other end open */
            assert_null(text);
            return;
        }
        size += (size_t)got;
        seen[size] = '\0';
        assert_true(size + 1 < room);
    }
}

/* The second drawing begins where the first did; Ctrl-C ends it well. */
static void test_watch_in_a_terminal(void **state)
{
    static const struct {
        unsigned short rows;
        const char *up, *last, *left_out;
    } cases[] = {
        {40, "\033[20A", "tore ?[2J it\033[K\r\n\033[J\033[?7h", "\033[2J"},
        {6, "\033[5A",
         "venue  adapter        version         isolated  ready  orders to    working  UNKNOWN  "
         "since                 not ready\033[0m",
         "turret.sim"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char seen[16384] = "";
        pid_t child;
        int status, master = watch_in_terminal(*state, cases[i].rows, &child);
        read_until(master, seen, sizeof seen, cases[i].up);
        assert_int_equal(strncmp(seen, "\033[?7lpaper, trading ACTIVE", 26), 0);
        assert_non_null(strstr(seen, cases[i].last));
        assert_null(strstr(seen, cases[i].left_out));
        assert_int_equal(kill(child, SIGINT), 0);
        read_until(master, seen, sizeof seen, NULL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        (void)close(master);
    }
}

/*
 * With words it is the command line itself: the rig's thread may hold the allocator's lock when a
 * process is forked off, and only what is executed anew is free of it.
 */
int main(int argc, char **argv)
{
    if (argc > 1)
        return cli_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_status, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_start_stop_pause, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_resume_tells_what_is_unprotected, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_wrong_names_and_words, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_no_daemon, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_watch_until_the_daemon_ends, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_watch_in_a_terminal, start, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
