#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>

void hw_nearest_init(struct hw_nearest *nearest, const char *wanted)
{
	*nearest = (struct hw_nearest){ 0 };
	hw_copy_text(nearest->wanted, sizeof nearest->wanted, wanted);
}

static unsigned min_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: Levenshtein's table with one more move, the swap of two neighbours. Rows i, i-1
 * and i-2 of the table are all it needs. Both texts are shorter than HW_NEAREST_NAME_MAX. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned rows[3][HW_NEAREST_NAME_MAX];
	const size_t b_length = strlen(b);
	unsigned *row = rows[0];

	for (unsigned j = 0; j <= b_length; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		const unsigned *above = rows[(i - 1) % 3];
		const unsigned *above2 = rows[(i + 1) % 3];

		row = rows[i % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = min_of(above[j - 1] + !same_letter(a[i - 1], b[j - 1]),
					min_of(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				row[j] = min_of(row[j], above2[j - 2] + 1);
		}
	}
	return row[b_length];
}

/* UINT32_MAX when the name is not close. */
static unsigned cost_of(const char *wanted, const char *name)
{
	const size_t wanted_length = strlen(wanted);
	const size_t name_length = strlen(name);
	const size_t shorter = wanted_length < name_length ? wanted_length : name_length;
	const size_t gap = wanted_length + name_length - 2 * shorter;
	const size_t limit = 1 + wanted_length / 3;
	unsigned cost = UINT32_MAX;

	if (wanted_length < 2 || !name_length)
		return UINT32_MAX;
	if (gap <= limit)
		cost = edit_distance(wanted, name);
	if (cost <= limit)
		return cost;
	/* Behind everything mistyped: "cache" for cache-misses, "cycles-total" for cycles. */
	if (shorter >= 3 && strncasecmp(wanted, name, shorter) == 0)
		return (unsigned)(limit + gap);
	return UINT32_MAX;
}

void hw_nearest_offer(struct hw_nearest *nearest, const char *name)
{
	unsigned cost;
	size_t at;

	if (strlen(name) >= HW_NEAREST_NAME_MAX)
		return;
	cost = cost_of(nearest->wanted, name);
	if (cost == UINT32_MAX)
		return;
	for (at = 0; at < nearest->count; at++)
		if (strcmp(nearest->best[at].name, name) == 0)
			return;
	for (at = nearest->count; at && nearest->best[at - 1].cost > cost; at--)
		continue;
	if (at == HW_NEAREST_MAX)
		return;
	if (nearest->count < HW_NEAREST_MAX)
		nearest->count++;
	memmove(&nearest->best[at + 1], &nearest->best[at],
		(nearest->count - 1 - at) * sizeof nearest->best[0]);
	hw_copy_text(nearest->best[at].name, sizeof nearest->best[at].name, name);
	nearest->best[at].cost = cost;
}

size_t hw_nearest_print(struct hw_buf *out, const struct hw_nearest *nearest)
{
	for (size_t i = 0; i < nearest->count; i++) {
		if (!i)
			hw_buf_text(out, "did you mean ");
		else
			hw_buf_text(out, i + 1 < nearest->count ? ", " : " or ");
		hw_buf_printf(out, "'%s'", nearest->best[i].name);
	}
	if (nearest->count)
		hw_buf_text(out, "?");
	return nearest->count;
}
