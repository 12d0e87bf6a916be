/* Memory that is there or ends the program: sizes are bounded before they are asked for, so that running
 * out means the machine is out of memory, and nothing above could do better than stop. */
#ifndef HW_BASE_ALLOC_H
#define HW_BASE_ALLOC_H

#include <stddef.h>

#define HW_CHECKED __attribute__((warn_unused_result))
#define HW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
/* A local that is finalised when it leaves scope: HW_AUTO(hw_profile_freep) struct hw_profile *p = NULL; */
#define HW_AUTO(fini) __attribute__((cleanup(fini)))
#define HW_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Zeroed memory for count objects of size bytes. Never NULL; free with free(). */
void *hw_alloc(size_t count, size_t size) HW_CHECKED __attribute__((malloc, alloc_size(1, 2)));

/* Resize a block from hw_alloc to count objects of size bytes; what is new is not zeroed. */
void *hw_realloc(void *block, size_t count, size_t size) HW_CHECKED;

/* Copy of a text, or of its first length bytes. Free with free(). */
char *hw_strdup(const char *text) HW_CHECKED;
char *hw_strndup(const char *text, size_t length) HW_CHECKED;

/* Formatted text in memory of its own. Free with free(). */
char *hw_asprintf(const char *format, ...) HW_CHECKED HW_PRINTF(1, 2);

/* Copy text into a fixed array, cut to fit and always terminated. */
void hw_copy_text(char *to, size_t size, const char *text);

/* For HW_AUTO on a char * or FILE * local. */
void hw_freep(void *pointer_to_block);
void hw_closep(const int *fd);

#endif
