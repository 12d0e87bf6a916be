#include "event/cpu_set.h"

#include "base/vec.h"

#include <ctype.h>

void hw_cpu_set_fini(struct hw_cpu_set *set)
{
	free(set->vendor);
	hw_vec_fini(&set->models);
	hw_vec_fini(&set->steppings);
	set->vendor = NULL;
}

/* "23" or "0x17" at *at, which steps behind it. */
static bool read_number(uint32_t *number, const char **at)
{
	char *end;
	unsigned long long value;

	*number = 0;
	if (!isdigit((unsigned char)**at))
		return false;
	value = strtoull(*at, &end, strncmp(*at, "0x", 2) == 0 ? 16 : 10);
	*at = end;
	*number = (uint32_t)value;
	return value <= UINT32_MAX;
}

bool hw_number_range_parse(struct hw_number_range *range, const char *text)
{
	const char *at = text;
	bool ok = read_number(&range->first, &at);

	range->last = range->first;
	if (ok && *at == '-') {
		at++;
		ok = read_number(&range->last, &at);
	}
	return ok && !*at && range->last >= range->first;
}

static bool is_in(const struct hw_number_range *ranges, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (number >= ranges[i].first && number <= ranges[i].last)
			return true;
	return count == 0;
}

bool hw_cpu_set_has(const struct hw_cpu_set *set, const struct hw_cpu *cpu)
{
	return strcmp(set->vendor, cpu->vendor) == 0 && set->family == cpu->family &&
	       is_in(set->models.at, set->models.count, cpu->model) &&
	       is_in(set->steppings.at, set->steppings.count, cpu->stepping);
}
