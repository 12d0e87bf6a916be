/* What hwprof list shows, as text and as JSON. */
#ifndef HW_CMD_LIST_OUTPUT_H
#define HW_CMD_LIST_OUTPUT_H

#include "event/inventory.h"

/* Entries of an inventory to show, by place. */
struct hw_list_selection {
	HW_VEC(size_t) places;
	bool all; /* nothing was asked for: the machine is shown, too */
	bool details;
	size_t width; /* columns of the terminal; 0 = as wide as the text */
};

void hw_list_print_text(struct hw_buf *out, const struct hw_inventory *inventory,
			const struct hw_list_selection *selection);

/* JSON FORMAT of hwprof-list(1). */
void hw_list_print_json(struct hw_buf *out, const struct hw_inventory *inventory,
			const struct hw_list_selection *selection);

#endif
