/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of a line of equity, fed once a day. */
#include "research/stats.h"

#include <math.h>

#define TRADING_DAYS 252.0

void stats_init(struct stats *stats, double start)
{
    stats->previous = start;
    stats->mean = stats->square = 0;
    stats->days = 0;
}

void stats_day(struct stats *stats, double equity)
{
    double change, distance;
    if (stats->previous <= 0) {
        stats->previous = equity;
        return;
    }
    change = equity / stats->previous - 1.0;
    stats->previous = equity;
    stats->days++;
    distance = change - stats->mean;
    stats->mean += distance / (double)stats->days;
    stats->square += distance * (change - stats->mean);
}

double stats_sharpe(const struct stats *stats)
{
    double deviation;
    if (stats->days < 2)
        return 0;
    deviation = sqrt(stats->square / (double)(stats->days - 1));
    return deviation > 0 ? stats->mean / deviation * sqrt(TRADING_DAYS) : 0;
}
