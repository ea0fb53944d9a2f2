/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <stdlib.h>
#include <string.h>

static struct book_side *side_of(const struct book *book, uint32_t symbol, char side)
{
    return &book->sides[symbol * 2 + (side == 'B' ? 0 : 1)];
}

static char other(char side)
{
    return side == 'B' ? 'S' : 'B';
}

/* Whether an order of `side` with this limit trades at `price`. */
static bool crosses(char side, int64_t limit, int64_t price)
{
    return limit == MATCH_ANY_PRICE || (side == 'B' ? price <= limit : price >= limit);
}

int64_t match_available(const struct book *book, uint32_t symbol, char side, int64_t limit)
{
    const struct book_side *against = side_of(book, symbol, other(side));
    int64_t total = 0;
    uint32_t i;
    for (i = 0; i < against->count && crosses(side, limit, against->rests[i].price); i++)
        total += against->rests[i].qty;
    return total;
}

static void take_off(struct book_side *side, uint32_t at)
{
    side->count--;
    memmove(&side->rests[at], &side->rests[at + 1], (side->count - at) * sizeof *side->rests);
}

int64_t match_take(struct book *book, uint32_t symbol, char side, uint32_t order, int64_t qty,
                   int64_t limit, match_trade_fn *trade)
{
    struct book_side *against = side_of(book, symbol, other(side));
    while (qty > 0 && against->count > 0 && crosses(side, limit, against->rests[0].price)) {
        struct book_rest with = against->rests[0];
        int64_t part = with.qty < qty ? with.qty : qty;
        qty -= part;
        against->rests[0].qty -= part;
        if (against->rests[0].qty == 0)
            take_off(against, 0);
        book->last[symbol] = with.price;
        if (with.order)
            trade(book, with.order, part, with.price);
        if (order)
            trade(book, order, part, with.price);
    }
    return qty;
}

void match_rest(struct book *book, uint32_t symbol, char side, uint32_t order, int64_t qty,
                int64_t price)
{
    struct book_side *own = side_of(book, symbol, side);
    uint32_t at = own->count;
    if (own->count == BOOK_RESTS_MAX)
        abort();
    while (at > 0 && own->rests[at - 1].price != price &&
           crosses(other(side), own->rests[at - 1].price, price))
        at--;
    memmove(&own->rests[at + 1], &own->rests[at], (own->count - at) * sizeof *own->rests);
    own->rests[at] = (struct book_rest){order, price, qty};
    own->count++;
}

void match_drop(struct book *book, uint32_t symbol, char side, uint32_t order)
{
    struct book_side *own = side_of(book, symbol, side);
    uint32_t i, kept = 0;
    for (i = 0; i < own->count; i++)
        if (own->rests[i].order != order)
            own->rests[kept++] = own->rests[i];
    own->count = kept;
}
