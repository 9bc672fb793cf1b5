#include "base/buildid.h"

#include <elf.h>
#include <link.h>
#include <string.h>

struct found {
	const unsigned char *bytes;
	size_t n;
};

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void look(const unsigned char *notes, size_t size, struct found *found)
{
	ElfW(Nhdr) note;

	while (size >= sizeof(note)) {
		size_t name, whole;

		memcpy(&note, notes, sizeof(note));
		name = padded(note.n_namesz);
		whole = sizeof(note) + name + padded(note.n_descsz);
		if (whole > size)
			return;
		if (note.n_type == NT_GNU_BUILD_ID &&
		    note.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    memcmp(notes + sizeof(note), ELF_NOTE_GNU,
			   sizeof(ELF_NOTE_GNU)) == 0) {
			found->bytes = notes + sizeof(note) + name;
			found->n = note.n_descsz;
			return;
		}
		notes += whole;
		size -= whole;
	}
}

/* The program itself comes first, before its libraries. */
static int visit(struct dl_phdr_info *info, size_t size, void *found)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_NOTE)
			look((const unsigned char *)info->dlpi_addr +
				     ph->p_vaddr,
			     ph->p_memsz, found);
	}
	return 1;
}

const unsigned char *build_id(size_t *n)
{
	struct found found = {0};

	dl_iterate_phdr(visit, &found);
	*n = found.n;
	return found.bytes;
}
