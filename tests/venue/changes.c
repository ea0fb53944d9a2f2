/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of orders. Each has a number; one that comes after a newer one is refused, so that what
 * was put off undoes nothing.
 */
#include "venue.h"

#include <inttypes.h>
#include <stdio.h>

/* NULL: it may be changed. What is refused has no effect, which the answer proves. */
static const char *refusal(const struct book_order *order, const struct book_order *wanted)
{
    if (!book_works(order))
        return "too-late";
    if (wanted->request <= order->request)
        return "stale";
    if (venue.book.now > wanted->deadline)
        return "deadline";
    if (venue.book.closed)
        return "closed";
    return fault_due(FAULT_REFUSE, NULL, order->client_id) ? "margin" : NULL;
}

static void change(struct book_order *order, const struct book_order *wanted)
{
    order->request = wanted->request;
    (void)book_modify(&venue.book, order, wanted, tell_order);
}

/* Faults that keep it from being done now. */
static bool is_kept_out(struct client *from, const struct book_order *wanted)
{
    const char *id = wanted->client_id;
    int64_t argument = 0;
    struct later *later;
    if (fault_due(FAULT_LOST, NULL, id))
        return true;
    if (fault_due(FAULT_RESET_UNREAD, NULL, id)) {
        client_drop(from);
        return true;
    }
    if (fault_due(FAULT_DROPPED_5XX, &argument, id)) {
        tell_answer(from, id, "MODIFY", wanted->request, (int)argument, 0, "server-error");
        return true;
    }
    if (fault_due(FAULT_PLACED_4XX, &argument, id) &&
        (later = later_add((uint64_t)argument)) != NULL) {
        later->what = LATER_CHANGE;
        later->wanted = *wanted;
        tell_answer(from, id, "MODIFY", wanted->request, 400, 0, "bad-request");
        return true;
    }
    return false;
}

static void answer(struct client *from, const struct book_order *order, uint32_t request)
{
    const char *id = order->client_id;
    int64_t argument = 0;
    if (fault_due(FAULT_PLACED_5XX, &argument, id))
        tell_answer(from, id, "MODIFY", request, (int)argument, 0, "server-error");
    else if (!fault_due(FAULT_LOST_ACK, NULL, id))
        tell_answer(from, id, "MODIFY", request, 200, book_order_number(&venue.book, order), "-");
}

void change_asked(struct client *from, const char *line)
{
    struct book *book = &venue.book;
    struct book_order wanted = {.filled = 0}, *order;
    const char *why;
    if (sscanf(line, "%23s %u %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, wanted.client_id,
               &wanted.request, &wanted.qty, &wanted.limit, &wanted.stop, &wanted.deadline) != 6)
        return;
    order = book_find(book, wanted.client_id);
    faults_count(&venue.faults, ON_CHANGE, chance);
    if (is_kept_out(from, &wanted))
        return;
    if (!order || is_hidden(order)) {
        tell_answer(from, wanted.client_id, "MODIFY", wanted.request, 404, 0, "no-such-order");
        return;
    }
    if (book_works(order) && fault_due(FAULT_TOO_LATE, NULL, order->client_id))
        book_force_fill(book, order);
    why = refusal(order, &wanted);
    if (why) {
        tell_answer(from, order->client_id, "MODIFY", wanted.request, 400, 0, why);
        tell_new_fills();
        return;
    }
    answer(from, order, wanted.request);
    change(order, &wanted);
    tell_new_fills();
    if (!book_works(order))
        tell_order(order);
}

void change_late(const struct book_order *wanted)
{
    struct book_order *order = book_find(&venue.book, wanted->client_id);
    if (!order || refusal(order, wanted))
        return;
    change(order, wanted);
    if (!book_works(order))
        tell_order(order);
}
