#include "copy_size.h"

#include <inttypes.h>

int hw_copy_size_init(struct hw_copy_size *copies, uint32_t asked_bytes, struct hw_err *err)
{
	*copies = (struct hw_copy_size){ .start_bytes = asked_bytes ? asked_bytes : HW_COPY_SIZE_START,
					 .is_fixed = asked_bytes != 0 };
	if (asked_bytes > HW_COPY_SIZE_LIMIT || asked_bytes % 8)
		return hw_err_set(err, HW_ERR_USAGE,
				  "stack size %" PRIu32 " is not a multiple of 8 up to %" PRIu32, asked_bytes,
				  HW_COPY_SIZE_LIMIT);
	return 0;
}

size_t hw_copy_size_variants(const struct hw_copy_size *copies, struct hw_variant variants[2])
{
	variants[0] = (struct hw_variant){ .stack_size_bytes = copies->start_bytes };
	variants[1] = (struct hw_variant){ .stack_size_bytes = HW_COPY_SIZE_LIMIT };
	return copies->is_fixed ? 1 : 2;
}

void hw_copy_size_add(struct hw_copy_size *copies, bool is_cut)
{
	const uint64_t bit = UINT64_C(1) << (copies->seen % 64);
	uint64_t *word = &copies->cuts[copies->seen / 64 % HW_COUNT_OF(copies->cuts)];

	copies->cut -= (*word & bit) != 0;
	copies->cut += is_cut;
	*word = is_cut ? *word | bit : *word & ~bit;
	copies->seen++;
}

static uint32_t window(const struct hw_copy_size *copies)
{
	return copies->seen < HW_COPY_SIZE_WINDOW ? (uint32_t)copies->seen : HW_COPY_SIZE_WINDOW;
}

bool hw_copy_size_is_short(const struct hw_copy_size *copies)
{
	return copies->cut >= HW_COPY_SIZE_CUT_LEAST && copies->cut * 100 > window(copies);
}

void hw_copy_size_set_missing(struct hw_copy_size *copies, const char *why)
{
	copies->missing = hw_strdup(why);
}

void hw_copy_size_fini(struct hw_copy_size *copies)
{
	free(copies->missing);
	copies->missing = NULL;
}

bool hw_copy_size_raise(struct hw_copy_size *copies)
{
	copies->is_fixed = true;
	copies->raised_after = copies->seen;
	copies->raised_cut = copies->cut;
	copies->raised_of = window(copies);
	if (!copies->missing)
		copies->raised_bytes = HW_COPY_SIZE_LIMIT;
	return !copies->missing;
}

void hw_copy_size_disclose(const struct hw_copy_size *copies, struct hw_quality *quality)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };
	const uint32_t limit_kib = HW_COPY_SIZE_LIMIT >> 10;

	quality->stack_size_bytes = copies->start_bytes;
	quality->stack_raised_bytes = copies->raised_bytes;
	quality->stack_raised_after = copies->raised_bytes ? copies->raised_after : 0;
	if (!copies->raised_of)
		return;
	if (copies->raised_bytes)
		hw_buf_printf(&note,
			      "copies of the stack were raised from %" PRIu32 " KiB to %" PRIu32 " KiB",
			      copies->start_bytes >> 10, limit_kib);
	else
		hw_buf_printf(&note, "copies of the stack stayed at %" PRIu32 " KiB",
			      copies->start_bytes >> 10);
	hw_buf_printf(
		&note,
		" after %" PRIu64 " samples, when %.1f %% of the last %" PRIu32 " stacks were cut short",
		copies->raised_after, 100.0 * copies->raised_cut / copies->raised_of, copies->raised_of);
	if (!copies->raised_bytes)
		hw_buf_printf(&note,
			      ", since they cannot be raised: %s; --stack-size %" PRIu32 "KiB begins so",
			      copies->missing, limit_kib);
	hw_quality_note(quality, hw_buf_str(&note));
}
