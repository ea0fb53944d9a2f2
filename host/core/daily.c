/* SPDX-License-Identifier: Apache-2.0 */
/* Daily closes, in rows by day. Only + - × ÷ and the square root: the same bits everywhere. */
#include "core/daily.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_OF_A_YEAR 365.25

int daily_init(struct daily *daily, uint32_t instrument_count)
{
    memset(daily, 0, sizeof *daily);
    daily->width = instrument_count + 1;
    daily->closes = calloc((size_t)DAILY_DAYS * daily->width, sizeof *daily->closes);
    return daily->closes ? TURRET_OK : TURRET_ENOMEM;
}

void daily_finish(struct daily *daily)
{
    free(daily->closes);
    daily->closes = NULL;
}

static turret_price *row_of(const struct daily *daily, uint32_t at)
{
    return daily->closes + (size_t)at * daily->width;
}

/* The newest day's; the oldest makes room. */
static turret_price *add_row(struct daily *daily, int64_t day)
{
    if (daily->count == DAILY_DAYS) {
        memmove(daily->days, daily->days + 1, sizeof daily->days - sizeof *daily->days);
        memmove(daily->closes, row_of(daily, 1),
                (size_t)(DAILY_DAYS - 1) * daily->width * sizeof *daily->closes);
        daily->count--;
    }
    daily->days[daily->count] = day;
    memset(row_of(daily, daily->count), 0, daily->width * sizeof *daily->closes);
    return row_of(daily, daily->count++);
}

void daily_put(struct daily *daily, int64_t day, turret_instrument instrument, turret_price close)
{
    uint32_t at = daily->count;
    while (at > 0 && daily->days[at - 1] > day)
        at--;
    if (at > 0 && daily->days[at - 1] == day)
        row_of(daily, at - 1)[instrument] = close;
    else if (at == daily->count)
        add_row(daily, day)[instrument] = close;
}

void daily_split(struct daily *daily, turret_instrument instrument,
                 const struct turret_split *split)
{
    uint32_t at;
    for (at = 0; at < daily->count; at++) {
        turret_price *close = &row_of(daily, at)[instrument];
        __extension__ __int128 after = (__int128)*close * split->denominator / split->numerator;
        if (*close != 0)
            *close = after < 1 ? 1 : after > INT64_MAX ? INT64_MAX : (turret_price)after;
    }
}

/* What one price, or two, did from one day on which they traded to the next. */
struct returns {
    const struct daily *daily;
    turret_instrument one, other;
    uint32_t at; /* the newer of both rows; counts down */
    double of_one, of_other, days;
};

static bool both(const struct returns *r, uint32_t at)
{
    const turret_price *row = row_of(r->daily, at);
    return row[r->one] > 0 && row[r->other] > 0;
}

/* The next older return. False: there is none. */
static bool next_return(struct returns *r)
{
    const turret_price *newer, *older;
    uint32_t before;
    while (r->at > 0 && !both(r, r->at))
        r->at--;
    for (before = r->at; before > 0 && !both(r, before - 1); before--)
        ;
    if (before == 0)
        return false;
    newer = row_of(r->daily, r->at);
    older = row_of(r->daily, before - 1);
    r->of_one = (double)newer[r->one] / (double)older[r->one] - 1.0;
    r->of_other = (double)newer[r->other] / (double)older[r->other] - 1.0;
    r->days = (double)(r->daily->days[r->at] - r->daily->days[before - 1]);
    r->at = before - 1;
    return true;
}

static struct returns returns_of(const struct daily *daily, turret_instrument one,
                                 turret_instrument other)
{
    return (struct returns){
        .daily = daily, .one = one, .other = other, .at = daily->count ? daily->count - 1 : 0};
}

bool daily_volatility(const struct daily *daily, turret_instrument instrument, uint32_t days,
                      double *volatility)
{
    struct returns r = returns_of(daily, instrument, instrument);
    double sum = 0, squares = 0, time = 0, count = 0, variance;
    while (count < (double)days && next_return(&r)) {
        sum += r.of_one;
        squares += r.of_one * r.of_one;
        time += r.days;
        count++;
    }
    if (count < DAILY_ENOUGH)
        return false;
    variance = (squares - sum * sum / count) / (count - 1);
    if (!(variance > 0))
        return false;
    *volatility = sqrt(variance * DAYS_OF_A_YEAR * count / time);
    return true;
}

bool daily_correlation(const struct daily *daily, turret_instrument one, turret_instrument other,
                       double *correlation)
{
    struct returns r = returns_of(daily, one, other);
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, count = 0, of_x, of_y;
    while (next_return(&r)) {
        x += r.of_one;
        y += r.of_other;
        xx += r.of_one * r.of_one;
        yy += r.of_other * r.of_other;
        xy += r.of_one * r.of_other;
        count++;
    }
    if (count < DAILY_ENOUGH)
        return false;
    of_x = xx - x * x / count;
    of_y = yy - y * y / count;
    if (!(of_x > 0) || !(of_y > 0))
        return false;
    *correlation = (xy - x * y / count) / sqrt(of_x * of_y);
    return isfinite(*correlation);
}
