/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C. The instruction has a latency of three cycles and a throughput of one, so long inputs
 * run as three interleaved streams of STRIPE bytes. A CRC is linear: appending STRIPE zero bytes to
 * a stream multiplies its register by a constant matrix, kept as four tables of 256 entries, and
 * joins it to the next stream with an exclusive or.
 */
#include "store/crc32c.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* 0x1edc6f41 with its bits reversed */
#define STRIPE     1024u
#define AHEAD      6144u /* the processor's own prefetch loses its way between three streams */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t byte_table[8][256];   /* [k][b]: byte b followed by k zero bytes */
static uint32_t stripe_table[4][256]; /* [k][b]: byte k of the register after STRIPE zero bytes */
static int have_instruction;

static void make_byte_tables(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (POLYNOMIAL & (0u - (crc & 1u)));
        byte_table[0][b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++)
        for (int k = 1; k < 8; k++) {
            uint32_t crc = byte_table[k - 1][b];
            byte_table[k][b] = (crc >> 8) ^ byte_table[0][crc & 0xffu];
        }
}

static void make_tables(void)
{
    uint32_t bit_image[32];
    make_byte_tables();
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t crc = (uint32_t)1 << bit;
        for (unsigned i = 0; i < STRIPE; i++)
            crc = (crc >> 8) ^ byte_table[0][crc & 0xffu];
        bit_image[bit] = crc;
    }
    for (unsigned k = 0; k < 4; k++)
        for (unsigned b = 0; b < 256; b++) {
            uint32_t crc = 0;
            for (unsigned bit = 0; bit < 8; bit++)
                if (b >> bit & 1u)
                    crc ^= bit_image[8 * k + bit];
            stripe_table[k][b] = crc;
        }
#if defined(__x86_64__)
    have_instruction = __builtin_cpu_supports("sse4.2") != 0;
#endif
}

static uint64_t load64(const unsigned char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

uint32_t crc32c_update_table(uint32_t crc, const void *from, size_t size_bytes)
{
    const unsigned char *p = from;
    (void)pthread_once(&once, make_tables);
    crc = ~crc;
    for (; size_bytes >= 8; size_bytes -= 8, p += 8) {
        uint64_t word = load64(p) ^ crc; /* little endian, as the whole store is */
        uint32_t next = 0;
        for (unsigned k = 0; k < 8; k++)
            next ^= byte_table[7 - k][word >> (8 * k) & 0xffu];
        crc = next;
    }
    for (; size_bytes > 0; size_bytes--)
        crc = (crc >> 8) ^ byte_table[0][(crc ^ *p++) & 0xffu];
    return ~crc;
}

#if defined(__x86_64__)

static uint32_t after_stripe(uint32_t crc)
{
    return stripe_table[0][crc & 0xffu] ^ stripe_table[1][crc >> 8 & 0xffu] ^
           stripe_table[2][crc >> 16 & 0xffu] ^ stripe_table[3][crc >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t update_fast(uint32_t crc, const unsigned char *p,
                                                              size_t size_bytes)
{
    uint64_t a = ~crc;
    for (; size_bytes >= (size_t)3 * STRIPE;
         size_bytes -= (size_t)3 * STRIPE, p += (size_t)3 * STRIPE) {
        uint64_t b = 0, c = 0;
        for (size_t i = 0; i < STRIPE; i += 64) {
            for (size_t line = 0; line < 3; line++)
                __builtin_prefetch((const void *)((uintptr_t)p + AHEAD + 3 * i + 64 * line));
            for (size_t k = i; k < i + 64; k += 8) {
                a = __builtin_ia32_crc32di(a, load64(p + k));
                b = __builtin_ia32_crc32di(b, load64(p + STRIPE + k));
                c = __builtin_ia32_crc32di(c, load64(p + (size_t)2 * STRIPE + k));
            }
        }
        a = after_stripe(after_stripe((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
    }
    for (; size_bytes >= 8; size_bytes -= 8, p += 8)
        a = __builtin_ia32_crc32di(a, load64(p));
    for (; size_bytes > 0; size_bytes--)
        a = __builtin_ia32_crc32qi((uint32_t)a, *p++);
    return ~(uint32_t)a;
}

#endif

uint32_t crc32c_update(uint32_t crc, const void *from, size_t size_bytes)
{
    (void)pthread_once(&once, make_tables);
#if defined(__x86_64__)
    if (have_instruction)
        return update_fast(crc, from, size_bytes);
#endif
    return crc32c_update_table(crc, from, size_bytes);
}
