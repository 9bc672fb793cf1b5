// build: -static -nostdlib -nostartfiles -fno-stack-protector -fno-pie -no-pie
/* gate: looks for the door through which it was started.
 *
 * The launcher's execve passes a filter that denies execve because of a secret
 * in the registers of the arguments that execve does not use. This program
 * keeps the registers that it finds at its first instruction and tries
 * execve(argv[1]) with them, with zeros, with ones and with the random bytes
 * that the kernel gave it, in every place.  It has no libc, which would use
 * the registers first.
 *
 * Prints nothing; its status is 0 if every attempt was refused with EPERM, 1
 * if one was refused otherwise, 2 if a register that could hold the secret
 * was not zero.  If an attempt succeeds, argv[1] runs in its place. */
#include <asm/unistd.h>
#include <elf.h>
#include <errno.h>

#include "arch/arch.h"

enum { ENTRY_REGS = 6 }; /* of the arguments */

void search(long *stack, long *regs);

#ifdef __x86_64__
__asm__(".globl _start\n"
	"_start:\n"
	"	mov	%rsp, %rbx\n"
	"	push	%r9\n"
	"	push	%r8\n"
	"	push	%r10\n"
	"	push	%rdx\n"
	"	push	%rsi\n"
	"	push	%rdi\n"
	"	mov	%rsp, %rsi\n"
	"	mov	%rbx, %rdi\n"
	"	and	$-16, %rsp\n"
	"	call	search\n");
#else
__asm__(".globl _start\n"
	"_start:\n"
	"	mov	x9, sp\n"
	"	sub	sp, sp, #48\n"
	"	stp	x0, x1, [sp]\n"
	"	stp	x2, x3, [sp, #16]\n"
	"	stp	x4, x5, [sp, #32]\n"
	"	mov	x0, x9\n"
	"	mov	x1, sp\n"
	"	bl	search\n");
#endif

static long *random_bytes(long *envp)
{
	Elf64_auxv_t *aux;

	while (*envp)
		envp++;
	for (aux = (Elf64_auxv_t *)(envp + 1); aux->a_type != AT_NULL; aux++)
		if (aux->a_type == AT_RANDOM)
			return (long *)aux->a_un.a_val;
	return 0;
}

/* stack: argc, argv…, 0, envp…, 0, the auxiliary vector. */
void search(long *stack, long *regs)
{
	long *argv = stack + 1, *envp = argv + stack[0] + 1;
	long *bytes = random_bytes(envp);
	long tries[ENTRY_REGS + 4];
	int n = 0, status = 0;

	for (int i = 0; i < ENTRY_REGS; i++) {
		tries[n++] = regs[i];
		if (regs[i])
			status = 2;
	}
	tries[n++] = 0;
	tries[n++] = -1;
	tries[n++] = bytes ? bytes[0] : 1;
	tries[n++] = bytes ? bytes[1] : 2;

	for (int i = 0; i < n * n * n; i++) {
		long ret = rawcall(__NR_execve, argv[1], (long)(argv + 1),
				 (long)envp, tries[i / n / n],
				 tries[i / n % n], tries[i % n]);
		if (ret != -EPERM && !status)
			status = 1;
	}
	rawcall(__NR_exit_group, status, 0, 0, 0, 0, 0);
}
