/* Stands in for libFuzzer in ordinary builds: runs a fuzz target over its kept corpus, and over every shorter
 * prefix of each input, so that `make check` replays every crash there ever was.
 * Usage: fuzz_NAME [FILE...]; without files, all of $top_srcdir/tests/fuzz/corpus/NAME. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>

#define INPUT_LIMIT_BYTES (UINT64_C(64) << 20)
/* Inputs above this are run whole only: their prefixes would take longer than they teach. */
#define PREFIX_LIMIT_BYTES 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Run the input from memory of exactly its size, so that the address sanitizer sees a read one byte behind it. */
static void run_once(const uint8_t *data, size_t size)
{
	uint8_t *exact = hw_realloc(NULL, size, 1);

	if (size)
		memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int run_file(const char *path)
{
	struct hw_buf input = { 0 };
	struct hw_err err = { 0 };

	if (hw_file_read(&input, path, INPUT_LIMIT_BYTES, &err) < 0) {
		fprintf(stderr, "replay: %s\n", err.message);
		hw_buf_fini(&input);
		return -1;
	}
	printf("replay: %s (%zu bytes)\n", path, input.size);
	(void)fflush(stdout); /* a crash is then known by its file */
	if (input.size <= PREFIX_LIMIT_BYTES)
		for (size_t size = 0; size < input.size; size++)
			run_once((const uint8_t *)input.data, size);
	run_once((const uint8_t *)input.data, input.size);
	hw_buf_fini(&input);
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Every file of the corpus, in order of name. An empty corpus is an error: it would test nothing. */
static int run_corpus(const char *folder)
{
	struct dirent **entries = NULL;
	const int count = scandir(folder, &entries, is_input, alphasort);
	int status = count > 0 ? 0 : -1;

	if (count <= 0)
		fprintf(stderr, "replay: no inputs in '%s'\n", folder);
	for (int i = 0; i < count; i++) {
		char *path = hw_asprintf("%s/%s", folder, entries[i]->d_name);

		if (run_file(path) < 0)
			status = -1;
		free(path);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	const char *name = strstr(program_invocation_short_name, "fuzz_");
	char *folder;
	int status = 0;

	for (int i = 1; i < argc; i++)
		if (run_file(argv[i]) < 0)
			status = -1;
	if (argc > 1)
		return status < 0;
	folder = hw_asprintf("%s/tests/fuzz/corpus/%s", top ? top : ".", name ? name + strlen("fuzz_") : "");
	status = run_corpus(folder);
	free(folder);
	return status < 0;
}
