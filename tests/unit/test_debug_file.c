#include "dso/debug_file.h"
#include "tests/lib/elf_builder.h"

#include <fcntl.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static char folder[] = "/tmp/hwprof-test-debug-file.XXXXXX";

static char *path_in_folder(const char *name)
{
	return hw_asprintf("%s/%s", folder, name);
}

/* An ELF file at that path with one section, whose bytes are `mark`, and a build-id of one repeated byte (0 = none). */
static void write_elf(const char *path, const char *section_name, const char *mark, uint8_t id_byte)
{
	uint8_t note[] = { 4, 0, 0,   0,   4,	0, 0,	    0,	     3,	      0,
			   0, 0, 'G', 'N', 'U', 0, id_byte, id_byte, id_byte, id_byte };
	const struct elf_section sections[] = {
		{ .name = section_name, .type = SHT_PROGBITS, .data = mark, .size = strlen(mark) },
		{ .name = ".note.gnu.build-id", .type = SHT_NOTE, .data = note, .size = sizeof note },
	};
	struct hw_buf image = { 0 };
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	elf_build(&image, sections, id_byte ? 2 : 1, NULL, 0);
	assert_int_equal(write(fd, image.data, image.size), image.size);
	close(fd);
	hw_buf_fini(&image);
}

static struct hw_elf *open_elf(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hw_elf *elf = hw_elf_open_fd(fd, path, NULL);

	assert_non_null(elf);
	close(fd);
	return elf;
}

/* A file whose .gnu_debugdata holds these bytes, compressed. */
static struct hw_elf *file_with_debugdata(const void *bytes, size_t size, size_t cut)
{
	uint8_t *packed = hw_alloc(lzma_stream_buffer_bound(size), 1);
	struct elf_section section = { .name = ".gnu_debugdata", .type = SHT_PROGBITS, .data = packed };
	struct hw_buf image = { 0 };
	size_t packed_size = 0;
	struct hw_elf *elf;

	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, bytes, size, packed, &packed_size,
						 lzma_stream_buffer_bound(size)),
			 LZMA_OK);
	section.size = packed_size - cut;
	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_non_null(elf);
	hw_buf_fini(&image);
	free(packed);
	return elf;
}

/* What was packed comes out; a byte short, nothing does. */
static void minidebuginfo_is_unpacked_whole_or_not(void **state)
{
	const struct elf_section inner = { .name = "inner", .type = SHT_PROGBITS, .data = "x", .size = 1 };
	struct hw_buf image = { 0 };
	struct hw_elf *elf, *mini;
	(void)state;

	elf_build(&image, &inner, 1, NULL, 0);
	elf = file_with_debugdata(image.data, image.size, 0);
	mini = hw_debug_file_unpack(elf, "mini");
	assert_non_null(mini);
	assert_int_equal(mini->image_size, image.size);
	assert_non_null(hw_elf_find_section(mini, "inner"));
	hw_elf_close(mini);
	hw_elf_close(elf);

	elf = file_with_debugdata(image.data, image.size, 1);
	assert_null(hw_debug_file_unpack(elf, "mini"));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* Some 40 KiB that unpack to more than 256 MiB are refused. */
static void bombs_are_not_unpacked(void **state)
{
	const size_t size = ((size_t)256 << 20) + ((size_t)1 << 20);
	uint8_t *zeros = hw_alloc(size, 1);
	struct hw_elf *elf;
	(void)state;

	memcpy(zeros, ELFMAG, SELFMAG);
	elf = file_with_debugdata(zeros, size, 0);
	free(zeros);
	assert_true(elf->image_size < (size_t)1 << 20);
	assert_null(hw_debug_file_unpack(elf, "bomb"));
	hw_elf_close(elf);
}

/* DWARF counts only where it is: sections without bytes, as in a stripped program's twin, hold none. */
static void only_real_dwarf_counts(void **state)
{
	struct elf_section section = { .name = ".debug_info", .type = SHT_PROGBITS, .data = "x", .size = 1 };
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	(void)state;

	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_true(hw_debug_file_has_dwarf(elf));
	hw_elf_close(elf);
	section.type = SHT_NOBITS;
	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_false(hw_debug_file_has_dwarf(elf));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* The mark of a split unit's file, "" for none; the file is closed. */
static const char *next_dwo(char mark[8], const struct hw_debug_files *files, const char *name,
			    const char *comp_dir, unsigned *attempt)
{
	struct hw_elf *elf = hw_debug_files_open_dwo(files, name, comp_dir, attempt);
	const struct hw_elf_section *section = elf ? hw_elf_find_section(elf, ".debug_info.dwo") : NULL;

	(void)snprintf(mark, 8, "%.*s", section ? (int)section->size : 0,
		       section ? (const char *)elf->image + section->file_foff : "");
	hw_elf_close(elf);
	return mark;
}

/* A split unit's file is looked for as named, then from where the program lies, then in the program's own folder; each
 * attempt gives the next one that is there, and then no more. */
static void split_units_are_looked_for_in_turn(void **state)
{
	HW_AUTO(hw_freep) char *program = path_in_folder("program");
	HW_AUTO(hw_freep) char *built = path_in_folder("built");
	HW_AUTO(hw_freep) char *sub = path_in_folder("sub");
	HW_AUTO(hw_freep) char *named = path_in_folder("built/sub/a.dwo");
	HW_AUTO(hw_freep) char *beside = path_in_folder("sub/a.dwo");
	HW_AUTO(hw_freep) char *flat = path_in_folder("a.dwo");
	const struct hw_debug_files files = { .path = program };
	unsigned attempt = 0;
	char mark[8];
	(void)state;

	assert_int_equal(mkdir(built, 0700) | mkdir(sub, 0700), 0);
	assert_int_equal(chdir(built) | mkdir("sub", 0700) | chdir("/"), 0);
	write_elf(named, ".debug_info.dwo", "named", 0);
	write_elf(beside, ".debug_info.dwo", "beside", 0);
	write_elf(flat, ".debug_info.dwo", "flat", 0);
	assert_string_equal(next_dwo(mark, &files, "sub/a.dwo", built, &attempt), "named");
	assert_string_equal(next_dwo(mark, &files, "sub/a.dwo", built, &attempt), "beside");
	assert_string_equal(next_dwo(mark, &files, "sub/a.dwo", built, &attempt), "flat");
	assert_string_equal(next_dwo(mark, &files, "sub/a.dwo", built, &attempt), "");
	assert_string_equal(next_dwo(mark, &files, "sub/a.dwo", built, &attempt), "");

	/* An absolute name needs no folder, a relative folder is one from the program's. */
	attempt = 0;
	assert_string_equal(next_dwo(mark, &files, named, "/nowhere", &attempt), "named");
	attempt = 0;
	assert_string_equal(next_dwo(mark, &files, "a.dwo", "built/sub", &attempt), "named");
	attempt = 0;
	assert_string_equal(next_dwo(mark, &files, "a.dwo", NULL, &attempt), "flat");
	attempt = 0;
	assert_string_equal(next_dwo(mark, &files, "", built, &attempt), "");
}

/* What a hostile name leads to is not opened when it is no regular file, and too long a name leads nowhere. */
static void odd_split_units_are_not_opened(void **state)
{
	HW_AUTO(hw_freep) char *program = path_in_folder("program");
	HW_AUTO(hw_freep) char *fifo = path_in_folder("fifo");
	HW_AUTO(hw_freep) char *text = path_in_folder("text");
	const struct hw_debug_files files = { .path = program };
	char name[8192];
	unsigned attempt = 0;
	(void)state;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(hw_debug_files_open_dwo(&files, "fifo", folder, &attempt)); /* and does not wait */
	close(open(text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	attempt = 0;
	assert_null(hw_debug_files_open_dwo(&files, "text", folder, &attempt));
	attempt = 0;
	assert_null(hw_debug_files_open_dwo(&files, "/dev/zero", folder, &attempt));
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	attempt = 0;
	assert_null(hw_debug_files_open_dwo(&files, name, folder, &attempt));
	attempt = 0;
	assert_null(hw_debug_files_open_dwo(&(struct hw_debug_files){ 0 }, "a.dwo", NULL, &attempt));
}

/* A package of split units lies beside the program; a program without split units has none, whatever lies there. */
static void packages_belong_to_programs_with_split_units(void **state)
{
	HW_AUTO(hw_freep) char *program = path_in_folder("packed");
	HW_AUTO(hw_freep) char *package = path_in_folder("packed.dwp");
	const struct hw_debug_place place = { .path = program };
	struct hw_debug_files files;
	struct hw_elf *elf;
	(void)state;

	write_elf(package, ".debug_cu_index", "x", 0);
	for (int split = 0; split < 2; split++) {
		const struct elf_section sections[] = {
			{ .name = ".debug_info", .type = SHT_PROGBITS, .data = "x", .size = 1 },
			{ .name = ".debug_addr", .type = SHT_PROGBITS, .data = "x", .size = 1 },
		};
		struct hw_buf image = { 0 };

		elf_build(&image, sections, 1 + split, NULL, 0);
		elf = hw_elf_open_bytes(image.data, image.size, program, NULL);
		hw_debug_files_find(&files, elf, &place);
		if (split) {
			assert_non_null(files.dwp);
			assert_string_equal(files.dwp_path, package);
		} else {
			assert_null(files.dwp);
		}
		hw_debug_files_fini(&files);
		hw_elf_close(elf);
		hw_buf_fini(&image);
	}
}

/* A stripped file lacks the DWARF of its own build-id, and takes the file that has it and no other. */
static void what_is_lacking_is_taken_by_build_id(void **state)
{
	HW_AUTO(hw_freep) char *program = path_in_folder("stripped");
	HW_AUTO(hw_freep) char *same = path_in_folder("same");
	HW_AUTO(hw_freep) char *other = path_in_folder("other");
	HW_AUTO(hw_freep) char *empty = path_in_folder("empty");
	const char *const wrong[] = { other, empty };
	const struct hw_debug_place place = { .path = program };
	struct hw_debug_files files;
	struct hw_build_id id;
	struct hw_elf *elf;
	int fd;
	(void)state;

	write_elf(program, ".text", "x", 7);
	write_elf(same, ".debug_info", "x", 7);
	write_elf(other, ".debug_info", "x", 8);
	write_elf(empty, ".comment", "x", 7);
	elf = open_elf(program);
	hw_debug_files_find(&files, elf, &place);
	assert_null(hw_debug_files_dwarf(&files, elf));
	assert_true(hw_debug_files_lack(&files, elf, &id));
	assert_int_equal(id.size, 4);
	assert_int_equal(id.bytes[0], 7);
	for (size_t i = 0; i < HW_COUNT_OF(wrong); i++) {
		fd = open(wrong[i], O_RDONLY | O_CLOEXEC);
		assert_false(hw_debug_files_put(&files, elf, fd, wrong[i]));
		assert_null(files.debug);
		close(fd);
	}
	fd = open(same, O_RDONLY | O_CLOEXEC);
	assert_true(hw_debug_files_put(&files, elf, fd, same));
	close(fd);
	assert_string_equal(files.debug_path, same);
	assert_ptr_equal(hw_debug_files_dwarf(&files, elf), files.debug);
	assert_false(hw_debug_files_lack(&files, elf, &id));
	hw_debug_files_fini(&files);
	hw_elf_close(elf);
}

/* So does a debug file lack the one that dwz took what it shares into: by the build-id its link gives. */
static void shared_parts_are_taken_by_build_id(void **state)
{
	HW_AUTO(hw_freep) char *program = path_in_folder("shares");
	HW_AUTO(hw_freep) char *right = path_in_folder("shared");
	HW_AUTO(hw_freep) char *wrong = path_in_folder("unshared");
	static const uint8_t link[] = { 'x', 0, 9, 9, 9, 9 };
	const struct elf_section sections[] = {
		{ .name = ".debug_info", .type = SHT_PROGBITS, .data = "x", .size = 1 },
		{ .name = ".gnu_debugaltlink", .type = SHT_PROGBITS, .data = link, .size = sizeof link },
	};
	const struct hw_debug_place place = { .path = program };
	struct hw_debug_files files;
	struct hw_buf image = { 0 };
	struct hw_build_id id;
	struct hw_elf *elf;
	int fd;
	(void)state;

	write_elf(right, ".debug_info", "x", 9);
	write_elf(wrong, ".debug_info", "x", 8);
	elf_build(&image, sections, HW_COUNT_OF(sections), NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, program, NULL);
	hw_debug_files_find(&files, elf, &place);
	assert_null(files.alt);
	assert_true(hw_debug_files_lack(&files, elf, &id));
	assert_int_equal(id.size, 4);
	assert_int_equal(id.bytes[3], 9);
	fd = open(wrong, O_RDONLY | O_CLOEXEC);
	assert_false(hw_debug_files_put(&files, elf, fd, wrong));
	close(fd);
	fd = open(right, O_RDONLY | O_CLOEXEC);
	assert_true(hw_debug_files_put(&files, elf, fd, right));
	close(fd);
	assert_non_null(files.alt);
	assert_string_equal(files.alt_path, right);
	assert_null(files.debug);
	assert_false(hw_debug_files_lack(&files, elf, &id));
	hw_debug_files_fini(&files);
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	HW_AUTO(hw_freep) char *command = hw_asprintf("rm -rf %s", folder);
	(void)state;

	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minidebuginfo_is_unpacked_whole_or_not),
		cmocka_unit_test(bombs_are_not_unpacked),
		cmocka_unit_test(only_real_dwarf_counts),
		cmocka_unit_test(split_units_are_looked_for_in_turn),
		cmocka_unit_test(odd_split_units_are_not_opened),
		cmocka_unit_test(packages_belong_to_programs_with_split_units),
		cmocka_unit_test(what_is_lacking_is_taken_by_build_id),
		cmocka_unit_test(shared_parts_are_taken_by_build_id),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
