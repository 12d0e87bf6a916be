#include "base/notes.h"

void hw_notes_keep(struct hw_notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->list.count; i++)
		if (strcmp(notes->list.at[i], text) == 0)
			return;
	hw_vec_push(&notes->list, hw_strdup(text));
}

void hw_notes_fini(struct hw_notes *notes)
{
	for (size_t i = 0; i < notes->list.count; i++)
		free(notes->list.at[i]);
	hw_vec_fini(&notes->list);
}
