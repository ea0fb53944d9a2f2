/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target: every input of its corpus, then EXECUTIONS changed ones, or, when that ends
 * in an s, changed ones for so many seconds. The same build, seed and corpus make the same run. In
 * sanitizer builds what shows something new joins the corpus.
 *
 *   fuzz_TARGET EXECUTIONS|SECONDSs SEED FOLDER [KEEP]
 *
 * FOLDER holds text, NAME.hex, and the file "dictionary" with a word a line (\xHH is a byte). It
 * may be one input instead. New inputs are written to the folder KEEP as hex, and
 * those that are there already are read. The target runs in a child: when
 * it dies or hangs, the input is written to crash-TARGET.hex, and this ends with 1.
 */
#include "fuzz.h"
#include "mutate.h"
#include "trace.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX    (1u << 20) /* bytes of one input */
#define CORPUS_MAX   20000u
#define WORDS_MAX    1024u
#define PATIENCE_S   30 /* of one input */
#define KEEP_ATTEMPT 4096

/* What the child is at, seen by its parent when it died. */
struct shared {
    uint64_t executions;
    size_t size;
    uint8_t bytes[INPUT_MAX];
};

struct run {
    const char *name, *keep;
    struct shared *shared;
    struct input *corpus;
    size_t count, room_bytes; /* of a changed input */
    struct dictionary dictionary;
    uint64_t state, kept;
};

__attribute__((weak)) size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    (void)number;
    (void)to;
    (void)room;
    return 0;
}

static struct input copy(const uint8_t *bytes, size_t size)
{
    struct input input = {malloc(size ? size : 1), size};
    FUZZ_MUST(input.bytes);
    memcpy(input.bytes, bytes, size);
    return input;
}

/* -1: none. */
static int digit(uint8_t sign)
{
    if (sign >= '0' && sign <= '9')
        return sign - '0';
    sign |= 0x20;
    return sign >= 'a' && sign <= 'f' ? sign - 'a' + 10 : -1;
}

static size_t from_hex(uint8_t *bytes, size_t size)
{
    size_t made = 0;
    int high = -1;
    for (size_t i = 0; i < size; i++) {
        int value = digit(bytes[i]);
        if (value < 0)
            continue;
        if (high >= 0)
            bytes[made++] = (uint8_t)(high << 4 | value);
        high = high >= 0 ? -1 : value;
    }
    return made;
}

static void write_hex(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file && i < size; i++)
        (void)fprintf(file, "%02x%s", bytes[i], i % 40 == 39 ? "\n" : "");
    if (!file || fprintf(file, "\n") < 0 || fclose(file))
        (void)fprintf(stderr, "%s cannot be written\n", path);
}

static void add(struct run *run, const uint8_t *bytes, size_t size)
{
    if (run->count < CORPUS_MAX)
        run->corpus[run->count++] = copy(bytes, size);
}

static struct input read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct input input = {malloc(2 * INPUT_MAX), 0};
    FUZZ_MUST(input.bytes);
    if (!file) {
        perror(path);
        exit(2);
    }
    input.size = fread(input.bytes, 1, 2 * INPUT_MAX, file);
    (void)fclose(file);
    return input;
}

static void read_input(struct run *run, const char *path)
{
    struct input input = read_file(path);
    size_t length = strlen(path);
    if (length > 4 && !strcmp(path + length - 4, ".hex"))
        input.size = from_hex(input.bytes, input.size);
    FUZZ_MUST(input.size <= INPUT_MAX);
    add(run, input.bytes, input.size);
    free(input.bytes);
}

/* A word a line; \xHH and \\ are bytes. */
static void read_dictionary(struct run *run, const char *path)
{
    struct input text = read_file(path);
    uint8_t word[256];
    size_t size = 0;
    run->dictionary.words = calloc(WORDS_MAX, sizeof *run->dictionary.words);
    FUZZ_MUST(run->dictionary.words);
    for (size_t i = 0; i < text.size; i++) {
        uint8_t sign = text.bytes[i];
        if (sign == '\n') {
            if (size && run->dictionary.count < WORDS_MAX)
                run->dictionary.words[run->dictionary.count++] = copy(word, size);
            size = 0;
            continue;
        }
        if (sign == '\\' && i + 3 < text.size && text.bytes[i + 1] == 'x') {
            sign = (uint8_t)(digit(text.bytes[i + 2]) << 4 | digit(text.bytes[i + 3]));
            i += 3;
        }
        if (size < sizeof word)
            word[size++] = sign;
    }
    free(text.bytes);
}

/* In the order of their names, so that a run repeats. */
static void read_corpus(struct run *run, const char *path)
{
    struct dirent **names = NULL;
    struct stat what;
    int count;
    if (stat(path, &what)) {
        perror(path);
        exit(2);
    }
    if (!S_ISDIR(what.st_mode)) {
        read_input(run, path);
        return;
    }
    count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char file[4096];
        (void)snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        if (!strcmp(names[i]->d_name, "dictionary"))
            read_dictionary(run, file);
        else if (names[i]->d_name[0] != '.')
            read_input(run, file);
        free(names[i]);
    }
    free(names);
}

static void add_seeds(struct run *run)
{
    for (unsigned number = 0;; number++) {
        size_t size = fuzz_seed(number, run->shared->bytes, INPUT_MAX);
        if (size == 0)
            return;
        FUZZ_MUST(size <= INPUT_MAX);
        add(run, run->shared->bytes, size);
    }
}

/* The target is given memory of just this size, so that reading on is noticed. */
static bool execute(struct run *run)
{
    struct input exact = copy(run->shared->bytes, run->shared->size);
    run->shared->executions++;
    (void)alarm(PATIENCE_S);
    trace_begin();
    (void)LLVMFuzzerTestOneInput(exact.bytes, exact.size);
    free(exact.bytes);
    return trace_news();
}

static void keep(struct run *run)
{
    char path[KEEP_ATTEMPT];
    add(run, run->shared->bytes, run->shared->size);
    if (!run->keep)
        return;
    (void)snprintf(path, sizeof path, "%s/%016llx-%04llu.hex", run->keep,
                   (unsigned long long)run->state, (unsigned long long)run->kept++);
    write_hex(path, run->shared->bytes, run->shared->size);
}

static void release(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        free(run->corpus[i].bytes);
    for (size_t i = 0; i < run->dictionary.count; i++)
        free(run->dictionary.words[i].bytes);
    free(run->dictionary.words);
    free(run->corpus);
}

static time_t seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* dose: a number of executions, or of seconds when it ends in an s. */
static bool goes_on(const char *dose, uint64_t executed, time_t begun)
{
    char *end;
    uint64_t most = strtoull(dose, &end, 10);
    return *end == 's' ? (uint64_t)(seconds_now() - begun) < most : executed < most;
}

static int child(struct run *run, const char *dose)
{
    const time_t begun = seconds_now();
    struct shared *shared = run->shared;
    size_t given;
    add_seeds(run);
    given = run->count;
    for (size_t i = 0; i < given; i++) {
        shared->size = run->corpus[i].size;
        memcpy(shared->bytes, run->corpus[i].bytes, shared->size);
        if (shared->size * 2 > run->room_bytes)
            run->room_bytes = shared->size * 2 < INPUT_MAX ? shared->size * 2 : INPUT_MAX;
        (void)execute(run);
    }
    for (uint64_t i = 0; goes_on(dose, i, begun); i++) {
        /* half of the time one of the newest: those have been changed the least */
        uint64_t from = run->count > 64 && mutate_draw(&run->state, 2) ? run->count - 64 : 0;
        size_t pick = (size_t)(from + mutate_draw(&run->state, run->count - from));
        const struct input *input = &run->corpus[pick];
        const struct input *other = &run->corpus[mutate_draw(&run->state, run->count)];
        memcpy(shared->bytes, input->bytes, input->size);
        shared->size = mutate(&run->state, shared->bytes, input->size, run->room_bytes, other,
                              &run->dictionary);
        if (execute(run))
            keep(run);
    }
    (void)alarm(0);
    (void)printf("%s: %llu executions, %zu inputs given, %zu found, %u comparisons seen\n",
                 run->name, (unsigned long long)shared->executions, given, run->count - given,
                 trace_seen());
    return 0;
}

/* How the child ended; its last input is written down when that was not well. */
static int judge(const struct run *run, pid_t pid)
{
    char path[4096];
    int status = 0;
    FUZZ_MUST(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    (void)snprintf(path, sizeof path, "crash-%s.hex", run->name);
    write_hex(path, run->shared->bytes, run->shared->size);
    (void)fprintf(stderr, "%s: %s %d at execution %llu; the input of %zu bytes is in %s\n",
                  run->name, WIFSIGNALED(status) ? "signal" : "exit",
                  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                  (unsigned long long)run->shared->executions, run->shared->size, path);
    return 1;
}

/* Comparisons are told apart by where they are: always the same places, or no run repeats. */
static void stay_in_place(char **argv)
{
    int old = personality(0xffffffff);
    if (old < 0 || old & ADDR_NO_RANDOMIZE || personality((unsigned)old | ADDR_NO_RANDOMIZE) < 0)
        return;
    (void)execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    struct run run = {.name = slash ? slash + 1 : argv[0], .room_bytes = 4096};
    pid_t pid;
    int status;
    if (argc < 4 || argc > 5) {
        (void)fprintf(stderr, "usage: %s EXECUTIONS|SECONDSs SEED FOLDER [KEEP]\n", run.name);
        return 2;
    }
    stay_in_place(argv);
    run.keep = argc > 4 ? argv[4] : NULL;
    run.state = strtoull(argv[2], NULL, 10);
    run.corpus = calloc(CORPUS_MAX, sizeof *run.corpus);
    run.shared =
        mmap(NULL, sizeof *run.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FUZZ_MUST(run.corpus && run.shared != MAP_FAILED);
    read_corpus(&run, argv[3]);
    if (run.keep)
        read_corpus(&run, run.keep);
    (void)fflush(NULL);
    pid = fork();
    FUZZ_MUST(pid >= 0);
    status = pid == 0 ? child(&run, argv[1]) : judge(&run, pid);
    release(&run);
    return status;
}
