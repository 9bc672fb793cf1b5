#!/bin/sh
# sh gen-constants.sh constant.list >constants.inc
#
# Makes C of the list (its format is told there): all names in one text, one
# array of rows a family, the table of families, and all symbols sorted by name.
# A row has its name's place in the text.  It asks no compiler: the values are
# those that the headers have when constant.c is compiled.
set -eu
LC_ALL=C
export LC_ALL
list=$1

# "FAMILY MACRO SYMBOL EXPRESSION GUARDED PLACE" for every symbol.  A set of bits
# is not to be sign-extended, a value is.
symbols() {
	awk '/^[A-Z]/ {
		family = $1
		macro = $2 ~ /^flags/ ? "BITS" : "VALUE"
		prefix = match($0, / [A-Z0-9_]+\*:/) ? \
			 substr($0, RSTART + 1, RLENGTH - 3) : ""
		sub(/^[^:]*:/, "")
	}
	!/^#/ {
		for (i = 1; i <= NF; i++) {
			name = value = prefix $i
			guarded = !sub(/=.*/, "", name)
			sub(/^[^=]*=/, "", value)
			if (!(name in place)) {
				place[name] = end + 0
				end += length(name) + 1
			}
			print family, macro, name, value == "" ? name : value, \
				guarded, place[name]
		}
	}' "$list"
}

rows() {
	awk '{
		row = "\t{" $6 ", " $2 "(" $4 ")}, /* " $3 " */"
		print $5 ? "#ifdef " $3 "\n" row "\n#endif" : row
	}'
}

echo "/* Made by gen-constants.sh of constant.list. */"
echo "static const char names[] ="
symbols | awk '!seen[$3]++ { print "\t\"" $3 "\\0\"" }'
echo "	;"
awk '/^[A-Z]/ { print $1 }' "$list" | while read -r family; do
	echo "static const struct constant rows_${family}[] = {"
	symbols | awk -v family="$family" '$1 == family' | rows
	echo "};"
done

awk '
/^[A-Z]/ {
	sub(/:.*/, "")
	field = "0, NULL, false"
	base = 16
	for (i = 3; i <= NF; i++) {
		if ($i == "field")
			field = sprintf("%s, &families[%d], %s", $(i + 1),
					at[$(i + 2)], $(i + 3) == "last" ? \
					"true" : "false")
		if ($i == "octal")
			base = 8
		if ($i == "decimal")
			base = 10
	}
	at[$1] = n++
	row[n] = sprintf("\t{\"%s\", %s, rows_%s, ARRAY_SIZE(rows_%s), %d,\n" \
			 "\t %s},", $1, $2 == "flags" ? "true" : "false", $1,
			 $1, base, field)
}
END {
	print "static const struct family families[" n "] = {"
	for (i = 1; i <= n; i++)
		print row[i]
	print "};"
}' "$list"

echo "static const struct constant by_name[] = {"
symbols | sort -u -k3,3 | rows
echo "};"
