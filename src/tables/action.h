/* What a policy can say of a call. The order is that of strength. */
#pragma once

enum action { ACTION_ALLOW, ACTION_LOG, ACTION_DENY, ACTION_KILL, ACTION_COUNT };

/* "allow", "log", "deny", "kill": section names and values of `default`. */
extern const char *const action_names[ACTION_COUNT];
int action_parse(const char *name); /* -1: none */

/* Does the call run under this action? */
#define action_runs(a) ((a) == ACTION_ALLOW || (a) == ACTION_LOG)
