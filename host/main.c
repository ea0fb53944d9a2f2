/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: a closed pipe is an error of write(), not the end of the process.
 */
#include "check/check_child.h"
#include "cli/cli.h"

#include <signal.h>
#include <string.h>

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error of the write that meets it */
    if (argc > 1 && !strcmp(argv[1], CHECK_CHILD_WORD))
        return check_child_main(argc, argv);
    return cli_main(argc, argv);
}
