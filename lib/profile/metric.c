#include "profile/metric.h"

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void hw_profile_metric_fini(struct hw_profile_metric *metric)
{
	free(metric->name);
	free(metric->title);
	free(metric->description);
	free(metric->unit);
	free(metric->formula);
	free_texts(metric->variables.at, metric->variables.count);
	free_texts(metric->sample_types.at, metric->sample_types.count);
	*metric = (struct hw_profile_metric){ 0 };
}
