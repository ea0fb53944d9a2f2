/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: a closed pipe is an error of write(), not the end of the process.
 */
#include "cli/cli.h"

#include <signal.h>

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error of the write that meets it */
    return cli_main(argc, argv);
}
