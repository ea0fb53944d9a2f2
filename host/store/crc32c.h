/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli; the check value of "123456789" is 0xE3069283). Uses the processor's own
 * instruction where there is one.
 */
#ifndef STORE_CRC32C_H
#define STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 to begin) over size_bytes more. */
uint32_t crc32c_update(uint32_t crc, const void *from, size_t size_bytes);

/* The same by tables alone: what processors without the instruction use, and the tests compare. */
uint32_t crc32c_update_table(uint32_t crc, const void *from, size_t size_bytes);

#endif
