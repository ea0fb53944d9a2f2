/* SPDX-License-Identifier: Apache-2.0 */
/* Price, then time: what an order trades with, and where it rests. */
#ifndef VENUE_MATCH_H
#define VENUE_MATCH_H

#include "book.h"

#define MATCH_ANY_PRICE INT64_MAX

/* One trade of an order of the account. */
typedef void match_trade_fn(struct book *book, uint32_t order, int64_t qty, int64_t price);

/* How much an order of this side could take at once at `limit` or better. */
int64_t match_available(const struct book *book, uint32_t symbol, char side, int64_t limit);
/* Trades with the other side as far as it goes; answers what is left. order 0: the crowd's. */
int64_t match_take(struct book *book, uint32_t symbol, char side, uint32_t order, int64_t qty,
                   int64_t limit, match_trade_fn *trade);
void match_rest(struct book *book, uint32_t symbol, char side, uint32_t order, int64_t qty,
                int64_t price);
/* Takes the order's quantity off the book; order 0: everything of the crowd. */
void match_drop(struct book *book, uint32_t symbol, char side, uint32_t order);

#endif
