#include "record/horizon.h"

/* Clocks of one machine may differ in speed by 500 ppm (NTP's greatest slew, adjtimex(2)): what was seen of their
 * distance is trusted less by twice that. */
#define DRIFT_SHIFT 10

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* How far the records' clock is ahead of ours at the least. */
static int64_t ahead_ns(struct hw_horizon *horizon, const struct hw_horizon_look *look)
{
	const int64_t seen_ns = (int64_t)(look->newest_ns - look->end_ns);
	const uint64_t since_ns = minus(look->end_ns, horizon->at_ns);
	const int64_t kept_ns = horizon->ahead_ns - (int64_t)(since_ns >> DRIFT_SHIFT);

	if (horizon->is_known && kept_ns > seen_ns)
		return kept_ns;
	horizon->ahead_ns = seen_ns;
	horizon->at_ns = look->end_ns;
	horizon->is_known = true;
	return seen_ns;
}

uint64_t hw_horizon_after(struct hw_horizon *horizon, const struct hw_horizon_look *look, uint64_t finish_ns)
{
	int64_t ahead = 0;

	if (!horizon->clock_is_ours) {
		if (!look->newest_ns)
			return 0;
		ahead = ahead_ns(horizon, look);
	}
	if (ahead < 0)
		return minus(minus(look->begin_ns, finish_ns), (uint64_t)-ahead);
	return minus(look->begin_ns + (uint64_t)ahead, finish_ns);
}
