/* Names that tell a command line's events apart. */
#include "event/events.h"

/* What an event is called before anything is told apart: parts of one event go by its name. */
static const char *name_of(const struct hw_event *event)
{
	return event->whole ? event->whole : event->name;
}

/* Are they parts of the same event? */
static bool are_one(const struct hw_event *a, const struct hw_event *b)
{
	return a->whole_id && a->whole_id == b->whole_id;
}

static bool is_shared(char *const *names, const struct hw_event *events, size_t count, size_t index)
{
	for (size_t i = 0; i < count; i++)
		if (i != index && strcmp(names[i], names[index]) == 0 && !are_one(&events[i], &events[index]))
			return true;
	return false;
}

/* The group of an event, or of the first of its parts, so that all of them agree. */
static uint32_t group_of(const struct hw_event *events, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (are_one(&events[i], &events[index]))
			return events[i].group;
	return events[index].group;
}

/* Rename those that share their name, all at once. */
static void tell_apart(char **names, const struct hw_event *events, size_t count, bool by_group)
{
	HW_AUTO(hw_freep) bool *shared = hw_alloc(count, sizeof *shared);

	for (size_t i = 0; i < count; i++)
		shared[i] = is_shared(names, events, count, i);
	for (size_t i = 0; i < count; i++) {
		if (!shared[i] || (by_group && !events[i].group))
			continue;
		free(names[i]);
		names[i] = by_group ? hw_asprintf("%s#%u", events[i].text, (unsigned)group_of(events, i))
				    : hw_strdup(events[i].text);
	}
}

static int check_names(char *const *names, const struct hw_event *events, size_t count, struct hw_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (is_shared(names, events, count, i))
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' is given twice", events[i].text);
	return 0;
}

/* The name goes to the event, or to what it is a part of. */
static void set_name(struct hw_event *event, const char *name)
{
	if (event->whole) {
		free(event->whole);
		event->whole = hw_strdup(name);
	}
	free(event->name);
	event->name = event->pmu ? hw_asprintf("%s/%s/", event->pmu, name) : hw_strdup(name);
}

int hw_events_set_names(struct hw_event *events, size_t count, struct hw_err *err)
{
	HW_AUTO(hw_freep) char **names = hw_alloc(count, sizeof *names);
	int result;

	for (size_t i = 0; i < count; i++)
		names[i] = hw_strdup(name_of(&events[i]));
	tell_apart(names, events, count, false);
	tell_apart(names, events, count, true);
	result = check_names(names, events, count, err);
	for (size_t i = 0; i < count; i++) {
		if (result == 0 && strcmp(names[i], name_of(&events[i])) != 0)
			set_name(&events[i], names[i]);
		free(names[i]);
	}
	return result;
}
