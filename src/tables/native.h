/* What calls of other ABIs are called on this machine's own. */
#ifndef SANDBOX_NATIVE_H
#define SANDBOX_NATIVE_H

#include <stddef.h>
#include <stdint.h>

/* The native call that does the work of one that the native ABI lacks
 * (umount: umount2, stat64: stat); CALL_NONE if there is none. */
uint32_t native_call(uint32_t call);

/* The rows of native.def, for their test. */
struct native_row {
	const char *name, *native;
};
extern const struct native_row native_rows[];
extern const size_t native_rows_n;

#endif
