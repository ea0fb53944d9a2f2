/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing in place: the cursor goes up over the lines drawn before, each line clears what is left
 * of the old one. Lines too long are cut by the terminal, whose wrapping is off meanwhile.
 * A message takes the drawing's place, and the drawing is made again below it.
 */
#include "cli/status_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void status_screen_begin(struct status_screen *screen, const struct cli *cli)
{
    const char *kind = getenv("TERM");
    bool dumb = !kind || !strcmp(kind, "dumb");
    *screen = (struct status_screen){.terminal = !cli->plain && !cli->json && !dumb &&
                                                 isatty(STDOUT_FILENO)};
}

/* Lines there is room for, the one the cursor stays on not counted. */
static unsigned room(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row < 2)
        return 23;
    return size.ws_row - 1u;
}

/* To the drawing's first line; a Ctrl-C that was echoed has moved the cursor to the right, too. */
static void go_up(const struct status_screen *screen)
{
    unsigned most = room();
    if (screen->lines)
        (void)printf("\r\033[%uA", screen->lines < most ? screen->lines : most);
}

static void draw(struct status_screen *screen)
{
    const char *text = screen->text;
    unsigned most = room(), lines = 0;
    (void)fputs("\033[?7l", stdout);
    go_up(screen);
    for (; *text && lines < most; lines++) {
        size_t length = strcspn(text, "\n");
        (void)fwrite(text, 1, length, stdout);
        (void)fputs("\033[K\n", stdout);
        text += length + (text[length] != '\0');
    }
    (void)fputs("\033[J\033[?7h", stdout);
    screen->lines = lines;
}

/* Whole lines, because the stream is buffered by lines. */
static ssize_t on_message(void *cookie, const char *text, size_t size)
{
    struct status_screen *screen = cookie;
    if (screen->text) {
        go_up(screen);
        (void)fputs("\033[J", stdout);
        (void)fflush(stdout);
        screen->lines = 0;
    }
    (void)fwrite(text, 1, size, stderr);
    if (screen->text)
        draw(screen);
    (void)fflush(stdout);
    return (ssize_t)size;
}

FILE *status_screen_messages(struct status_screen *screen)
{
    struct stat out, err;
    if (!screen->terminal || !isatty(STDERR_FILENO) || fstat(STDOUT_FILENO, &out) ||
        fstat(STDERR_FILENO, &err) || out.st_rdev != err.st_rdev)
        return stderr;
    screen->messages = fopencookie(screen, "w", (cookie_io_functions_t){.write = on_message});
    if (!screen->messages)
        return stderr;
    (void)setvbuf(screen->messages, NULL, _IOLBF, BUFSIZ);
    return screen->messages;
}

void status_screen_end(struct status_screen *screen)
{
    if (screen->messages)
        (void)fclose(screen->messages);
    free(screen->text);
    *screen = (struct status_screen){0};
}

int status_screen_draw(struct status_screen *screen, const struct cli *cli, const json_t *status)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return TURRET_ENOMEM;
    status_table_print(cli, status, memory);
    if (fclose(memory)) {
        free(text);
        return TURRET_ENOMEM;
    }
    free(screen->text);
    screen->text = text;
    if (screen->terminal)
        draw(screen);
    else
        (void)printf("%s%s", screen->lines++ ? "\n" : "", text);
    return fflush(stdout) ? TURRET_EIO : TURRET_OK;
}
