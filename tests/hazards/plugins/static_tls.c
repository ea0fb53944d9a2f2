/* SPDX-License-Identifier: Apache-2.0 */
/* 128 bytes of thread-local storage of the initial-exec model. */
static __thread long counted[16] __attribute__((tls_model("initial-exec")));

__attribute__((visibility("default"))) long hazard_count(void);

long hazard_count(void)
{
    return ++counted[0];
}
