/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edit distance with exchanged neighbours (optimal string alignment: R. Wagner, R. Lowrance, "An
 * Extension of the String-to-String Correction Problem", J. ACM 22(2), 1975, with unit costs).
 */
#include "ops/suggest.h"

#include <assert.h>
#include <string.h>

static unsigned char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A' + 'a');
    return c == '-' ? (unsigned char)'_' : (unsigned char)c;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits from a to b; both at most SUGGEST_LENGTH_MAX long. Keeps the last three rows. */
static unsigned edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][SUGGEST_LENGTH_MAX + 1];
    assert(a_length <= SUGGEST_LENGTH_MAX && b_length <= SUGGEST_LENGTH_MAX);
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        const unsigned *before = rows[(i + 1) % 3]; /* row i - 2 */
        const unsigned *above = rows[(i - 1) % 3];
        unsigned *row = rows[i % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned change = fold(a[i - 1]) != fold(b[j - 1]);
            unsigned best = smaller(above[j], row[j - 1]) + 1;
            best = smaller(best, above[j - 1] + change);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]))
                best = smaller(best, before[j - 2] + change);
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *suggest_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    unsigned fewest = SUGGEST_LENGTH_MAX;
    size_t length = word ? strnlen(word, SUGGEST_LENGTH_MAX + 1) : 0;
    if (length == 0 || length > SUGGEST_LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = names[i] ? strnlen(names[i], SUGGEST_LENGTH_MAX + 1) : 0;
        if (other == 0 || other > SUGGEST_LENGTH_MAX)
            continue;
        unsigned distance = edits(word, length, names[i], other);
        size_t longer = length > other ? length : other;
        if (distance < fewest && distance <= (longer + 1) / 3) {
            fewest = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
