/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <stddef.h>

#define TRACE_PLACES    (1u << 16) /* bits, so few bytes that they stay in the first cache */
#define TRACE_CONSTANTS 1024u

static uint64_t places[TRACE_PLACES / 64];
static uint32_t seen_count;
static bool news;
static uint64_t constants[TRACE_CONSTANTS];

/* How many bits are set; the builtin is a call where the processor is not known. */
static inline uint32_t bits_of(uint64_t x)
{
    static const uint8_t of_nibble[] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    if (x < 256) /* most */
        return (uint32_t)of_nibble[x & 15] + of_nibble[x >> 4];
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

static void note(uintptr_t caller, uint64_t a, uint64_t b)
{
    uint64_t mixed = ((uint64_t)caller * 67 + bits_of(a ^ b)) * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t *place = &places[mixed >> 54], bit = UINT64_C(1) << (mixed >> 48 & 63);
    if (!(*place & bit)) {
        *place |= bit;
        seen_count++;
        news = true;
    }
}

static void note_constant(uintptr_t caller, uint64_t constant, uint64_t other)
{
    if (constant > 1)
        constants[caller % TRACE_CONSTANTS] = constant;
    note(caller, constant, other);
}

void trace_begin(void)
{
    news = false;
}

bool trace_news(void)
{
    return news;
}

uint32_t trace_seen(void)
{
    return seen_count;
}

uint64_t trace_constant(uint64_t choice)
{
    return constants[choice % TRACE_CONSTANTS];
}

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define TRACE_OF(bytes, type)                                                                      \
    void __sanitizer_cov_trace_cmp##bytes(type a, type b);                                         \
    void __sanitizer_cov_trace_cmp##bytes(type a, type b)                                          \
    {                                                                                              \
        note(CALLER, a, b);                                                                        \
    }                                                                                              \
    void __sanitizer_cov_trace_const_cmp##bytes(type a, type b);                                   \
    void __sanitizer_cov_trace_const_cmp##bytes(type a, type b)                                    \
    {                                                                                              \
        note_constant(CALLER, a, b);                                                               \
    }

TRACE_OF(1, uint8_t)
TRACE_OF(2, uint16_t)
TRACE_OF(4, uint32_t)
TRACE_OF(8, uint64_t)

/* cases[0]: how many, cases[1]: bits of each, then the values. */
void __sanitizer_cov_trace_switch(uint64_t value, const uint64_t *cases);
void __sanitizer_cov_trace_switch(uint64_t value, const uint64_t *cases)
{
    uintptr_t caller = CALLER;
    for (uint64_t i = 0; i < cases[0]; i++)
        note_constant(caller + i, cases[2 + i], value);
}
