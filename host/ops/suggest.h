/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": the known name nearest to a word that is not known.
 */
#ifndef OPS_SUGGEST_H
#define OPS_SUGGEST_H

#include <stddef.h>

/* Longer words and names are not compared. */
#define SUGGEST_LENGTH_MAX 63

/*
 * The name that takes the fewest edits (a character added, dropped, changed, or two neighbours
 * exchanged; upper and lower case are alike, so are '-' and '_') to make from `word`; the first of
 * equals. The answer is one of `names`. NULL entries are skipped.
 *
 * fails: NULL when nothing is near enough: more than a third of the longer one would change
 */
const char *suggest_nearest(const char *word, const char *const *names, size_t count);

#endif
