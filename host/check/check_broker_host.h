/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of a broker bench; only for check_broker*.c. */
#ifndef CHECK_CHECK_BROKER_HOST_H
#define CHECK_CHECK_BROKER_HOST_H

#include "check/check_broker.h"

void broker_bench_offer_host(struct broker_bench *bench);

#endif
