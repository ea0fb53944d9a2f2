/* SPDX-License-Identifier: Apache-2.0 */
/* A plain library that exports what it calls: another library's function can take its place. */
__attribute__((visibility("default"))) int hazard_mark(void);
__attribute__((visibility("default"))) int hazard_ask(void);

int hazard_mark(void)
{
    return MARK;
}

int hazard_ask(void)
{
    return hazard_mark();
}
