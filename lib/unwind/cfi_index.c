#include "unwind/cfi_index.h"

#include "base/vec.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

/* Smaller sections, of some 20,000 entries at most, are done in a millisecond: at once. */
#define AT_ONCE_BYTES ((uint64_t)512 << 10)
#define THREAD_STACK_BYTES ((size_t)256 << 10)
/* How many entries are read between two looks whether anybody still wants them. */
#define STOP_INTERVAL 4096

/* Keys are sorted by these bits at a time, three times: those of where functions start. */
#define RADIX_BITS 11
#define RADIX_PASSES 3

struct hw_cfi_index {
	const struct hw_elf *elf;	     /* borrowed; NULL when there is no packed section */
	const struct hw_elf_section *packed; /* borrowed; NULL when the bytes are there */
	void *unpacked;			     /* owned */
	struct hw_cfi_section section;
	uint64_t base_svma;
	/* Where a function starts, from base_svma, above; where its FDE is in the section, below. Sorted when made. No
	 * file that is read has 4 GiB of either (dso/elf.h). */
	HW_VEC(uint64_t) keys;

	/* While it is made beside, everything above is the thread's. */
	bool beside;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool made;	  /* under lock */
	atomic_bool stop; /* nobody wants it any more */
	uint64_t waited_ns;
};

/* --- Making it -------------------------------------------------------------------------------------------- */

static void add(struct hw_cfi_index *index, const struct hw_cfi_range *range, uint64_t fde_svma)
{
	const uint64_t start = range->start_svma - index->base_svma;
	const uint64_t fde = fde_svma - index->section.svma;

	if (range->start_svma < range->limit_svma && start <= UINT32_MAX && fde <= UINT32_MAX)
		hw_vec_push(&index->keys, start << 32 | fde);
}

/* Read every entry once. Neighbours mostly share a CIE, which is read once for all of them. */
static void scan(struct hw_cfi_index *index)
{
	const struct hw_cfi_section *section = &index->section;
	uint64_t known_svma = HW_CFI_IS_CIE;
	bool is_known_good = false;
	struct hw_cfi_cie cie;
	struct hw_cfi_place place;
	uint64_t cie_svma;

	if (!hw_cfi_place_at(section, section->svma, &place))
		return;
	for (uint64_t count = 1;; count++) {
		const uint64_t svma = section->svma + (uint64_t)(place.bytes.at - place.origin);
		struct hw_cfi_place entry = place;
		struct hw_cfi_range range;

		if (!hw_cfi_take_head(section, &entry, &cie_svma))
			return;
		if (count % STOP_INTERVAL == 0 && atomic_load_explicit(&index->stop, memory_order_relaxed))
			return;
		place.bytes.at = entry.bytes.end;
		if (cie_svma == HW_CFI_IS_CIE)
			continue;
		if (cie_svma != known_svma)
			is_known_good = hw_cfi_read_cie(section, cie_svma, &cie);
		known_svma = cie_svma;
		if (is_known_good && hw_cfi_take_range(&entry, &cie, &range))
			add(index, &range, svma);
	}
}

static bool is_sorted(const uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (keys[i - 1] > keys[i])
			return false;
	return true;
}

static void sort_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
	const uint64_t mask = (1U << RADIX_BITS) - 1;
	size_t starts[1 << RADIX_BITS] = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i] >> shift & mask]++;
	for (size_t digit = 0; digit <= mask; digit++) {
		const size_t size = starts[digit];

		starts[digit] = at;
		at += size;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i] >> shift & mask]++] = from[i];
}

/* By where functions start; equal ones stay in the section's order. */
static void sort(uint64_t *keys, size_t count)
{
	HW_AUTO(hw_freep) uint64_t *other = NULL;
	uint64_t *from = keys;

	if (is_sorted(keys, count))
		return;
	other = hw_alloc(count, sizeof *other);
	for (unsigned pass = 0; pass < RADIX_PASSES; pass++) {
		uint64_t *to = from == keys ? other : keys;

		sort_pass(from, to, count, 32 + pass * RADIX_BITS);
		from = to;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof *keys);
}

static void make(struct hw_cfi_index *index)
{
	size_t size = 0;

	if (index->packed) {
		index->unpacked = hw_elf_unpack_section(index->elf, index->packed, &size);
		index->section.bytes = hw_bytes_of(index->unpacked, size);
	}
	scan(index);
	sort(index->keys.at, index->keys.count);
}

static void *make_beside(void *opaque)
{
	struct hw_cfi_index *index = opaque;

	make(index);
	(void)pthread_mutex_lock(&index->lock);
	index->made = true;
	(void)pthread_cond_signal(&index->changed);
	(void)pthread_mutex_unlock(&index->lock);
	return NULL;
}

/* --- Beginning and ending --------------------------------------------------------------------------------- */

static bool start_thread(struct hw_cfi_index *index)
{
	pthread_condattr_t clock;
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	(void)pthread_condattr_init(&clock);
	(void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&index->lock, NULL);
	(void)pthread_cond_init(&index->changed, &clock);
	(void)pthread_condattr_destroy(&clock);
	sigfillset(&all);
	/* A fault in a mapped file that somebody cut short is the thread's own, and the program may mend it. */
	sigdelset(&all, SIGBUS);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	index->beside = pthread_create(&index->thread, &attr, make_beside, index) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (!index->beside) {
		(void)pthread_cond_destroy(&index->changed);
		(void)pthread_mutex_destroy(&index->lock);
	}
	return index->beside;
}

/* The thread is through: what it made is ours. */
static void join(struct hw_cfi_index *index)
{
	(void)pthread_join(index->thread, NULL);
	(void)pthread_cond_destroy(&index->changed);
	(void)pthread_mutex_destroy(&index->lock);
	index->beside = false;
}

static void begin(struct hw_cfi_index *index, uint64_t size_bytes)
{
	atomic_init(&index->stop, false);
	if (size_bytes <= AT_ONCE_BYTES || !start_thread(index))
		make(index);
}

/* What a compressed section says that it will be (struct Elf64_Chdr). */
static uint64_t unpacked_size(struct hw_bytes packed)
{
	(void)hw_bytes_u64(&packed);
	return hw_bytes_u64(&packed);
}

struct hw_cfi_index *hw_cfi_index_new(const struct hw_cfi_section *section, uint64_t base_svma)
{
	struct hw_cfi_index *index = hw_alloc(1, sizeof *index);

	index->section = *section;
	index->base_svma = base_svma;
	begin(index, hw_bytes_left(&section->bytes));
	return index;
}

struct hw_cfi_index *hw_cfi_index_new_debug_frame(const struct hw_elf *elf,
						  const struct hw_elf_section *section, uint64_t base_svma)
{
	struct hw_cfi_index *index = hw_alloc(1, sizeof *index);
	const struct hw_bytes bytes = hw_elf_section_bytes(elf, section);

	index->section.is_debug_frame = true;
	index->base_svma = base_svma;
	if (section->flags & SHF_COMPRESSED) {
		index->elf = elf;
		index->packed = section;
		begin(index, unpacked_size(bytes));
	} else {
		index->section.bytes = bytes;
		begin(index, hw_bytes_left(&bytes));
	}
	return index;
}

void hw_cfi_index_free(struct hw_cfi_index *index)
{
	if (!index)
		return;
	if (index->beside) {
		atomic_store_explicit(&index->stop, true, memory_order_relaxed);
		join(index);
	}
	hw_vec_fini(&index->keys);
	free(index->unpacked);
	free(index);
}

/* --- Asking it -------------------------------------------------------------------------------------------- */

static struct timespec after(struct timespec time, uint64_t ns)
{
	const uint64_t sum_ns = (uint64_t)time.tv_nsec + ns;

	return (struct timespec){ .tv_sec = time.tv_sec + (time_t)(sum_ns / 1000000000),
				  .tv_nsec = (long)(sum_ns % 1000000000) };
}

static uint64_t ns_between(const struct timespec *a, const struct timespec *b)
{
	return (uint64_t)(b->tv_sec - a->tv_sec) * UINT64_C(1000000000) + (uint64_t)b->tv_nsec -
	       (uint64_t)a->tv_nsec;
}

/* Is it made? Waits for it as long as limit_ns. */
static bool settle(struct hw_cfi_index *index, uint64_t limit_ns)
{
	struct timespec begin, end, deadline;
	bool made;
	int status = 0;

	if (!index->beside)
		return true;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	deadline = after(begin, limit_ns);
	(void)pthread_mutex_lock(&index->lock);
	while (!index->made && status == 0 && limit_ns)
		status = pthread_cond_timedwait(&index->changed, &index->lock, &deadline);
	made = index->made;
	(void)pthread_mutex_unlock(&index->lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	index->waited_ns += ns_between(&begin, &end);
	if (made)
		join(index);
	return made;
}

void hw_cfi_index_wait(struct hw_cfi_index *index)
{
	while (!settle(index, UINT64_C(1000000000)))
		;
}

enum hw_cfi_indexed hw_cfi_index_find(struct hw_cfi_index *index, uint64_t svma, uint64_t *fde_svma)
{
	const uint64_t start = svma - index->base_svma;
	size_t low = 0;
	size_t high;

	if (!settle(index,
		    index->waited_ns < HW_CFI_INDEX_WAIT_NS ? HW_CFI_INDEX_WAIT_NS - index->waited_ns : 0))
		return HW_CFI_NOT_YET;
	high = index->keys.count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (index->keys.at[middle] >> 32 <= start)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || start > UINT32_MAX)
		return HW_CFI_NOT_INDEXED;
	*fde_svma = index->section.svma + (uint32_t)index->keys.at[low - 1];
	return HW_CFI_INDEXED;
}

const struct hw_cfi_section *hw_cfi_index_section(const struct hw_cfi_index *index)
{
	return &index->section;
}
