#include "base/util.h"
#include "report/report.h"
#include "report/report_json.h"
#include "report/report_text.h"

const struct report_format report_formats[] = {
	{"text", report_text},
	{"json", report_json},
	{NULL, NULL},
};

const struct report_format *report_format_find(const char *name)
{
	for (const struct report_format *f = report_formats; f->name; f++)
		if (streq(f->name, name))
			return f;
	return NULL;
}
