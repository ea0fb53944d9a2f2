/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing in place: the cursor goes up over the lines drawn before, each line clears what is left
 * of the old one. Lines too long are cut by the terminal, whose wrapping is off meanwhile.
 */
#include "cli/status_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

static void draw(struct status_screen *screen, const char *text)
{
    unsigned most = room(), lines = 0;
    (void)fputs("\033[?7l", stdout);
    if (screen->lines)
        (void)printf("\033[%uA", screen->lines < most ? screen->lines : most);
    for (; *text && lines < most; lines++) {
        size_t length = strcspn(text, "\n");
        (void)fwrite(text, 1, length, stdout);
        (void)fputs("\033[K\n", stdout);
        text += length + (text[length] != '\0');
    }
    (void)fputs("\033[J\033[?7h", stdout);
    screen->lines = lines;
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
    if (screen->terminal)
        draw(screen, text);
    else
        (void)printf("%s%s", screen->lines++ ? "\n" : "", text);
    free(text);
    return fflush(stdout) ? TURRET_EIO : TURRET_OK;
}
