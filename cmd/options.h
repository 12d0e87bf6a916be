/* Command lines as data: one table per command drives the parser, --help, the manual page and completion. */
#ifndef HW_CMD_OPTIONS_H
#define HW_CMD_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum hw_option_type {
	HW_OPT_FLAG,	      /* bool */
	HW_OPT_TEXT,	      /* const char *, borrowed from argv; the last one wins */
	HW_OPT_OPTIONAL_TEXT, /* the same; "" when given without "=VALUE" */
	HW_OPT_TEXTS,	      /* struct hw_texts; may be given several times */
	HW_OPT_U64,	      /* uint64_t */
	HW_OPT_FREQ,	      /* uint64_t, hertz */
	HW_OPT_DURATION,      /* uint64_t, nanoseconds */
	HW_OPT_SIZE,	      /* uint64_t, bytes */
};

struct hw_texts {
	HW_VEC(const char *) list;
};

/* One option. Adding a flag is one row of this. */
struct hw_option {
	const char *name;     /* long form, without dashes */
	char letter;	      /* short form, or 0 */
	const char *argument; /* metavariable, NULL for a flag */
	enum hw_option_type type;
	size_t offset;	  /* of the field in the command's options struct */
	const char *help; /* one sentence, no full stop; wrapped when shown */
};

struct hw_command {
	const char *name;
	const char *summary; /* one line for `hwprof --help` and the manual's NAME */
	const char *usage;   /* what follows "hwprof NAME ", one line per form */
	const struct hw_option *options;
	size_t option_count;
	bool options_anywhere; /* also behind operands, up to "--": for commands that run no other */
	size_t options_size;   /* of the options struct, which starts zeroed */
	/* Do it. operands is NULL-terminated. Returns the exit status, or -1 with err set. */
	int (*run)(const void *options, int operand_count, char **operands, struct hw_err *err);
};

/* Every command, NULL-terminated (cmd/main.c). */
extern const struct hw_command *const hw_commands[];

/* Parse argv (argv[0] is the command's name) into *options, which the caller zeroed, and point *operands at what is
 * left; argv's words are moved for it. Options end at "--" or, unless the command says options_anywhere, at the first
 * operand (everything after it is the command to run). Long options may be
 * shortened while unambiguous. Returns 1 when --help was asked for, 0 when parsed, -1 with HW_ERR_USAGE naming the
 * option, the value and the accepted form (and the nearest option for an unknown one). */
int hw_options_parse(const struct hw_command *command, void *options, int argc, char **argv,
		     int *operand_count, char ***operands, struct hw_err *err) HW_CHECKED;

/* Release what hw_options_parse allocated (HW_OPT_TEXTS). */
void hw_options_fini(const struct hw_command *command, void *options);

/* The text of --help, wrapped to width columns. */
void hw_options_help(struct hw_buf *out, const struct hw_command *command, unsigned width);

/* The OPTIONS section of the manual page, in man(7) macros. */
void hw_options_man(struct hw_buf *out, const struct hw_command *command);

#endif
