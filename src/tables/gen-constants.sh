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

# "FAMILY SYMBOL EXPRESSION GUARDED PLACE" for every symbol
symbols() {
	awk '/^[A-Z]/ { family = $1 }
	/^\t/ {
		for (i = 1; i <= NF; i++) {
			name = value = $i
			guarded = !sub(/=.*/, "", name)
			sub(/^[^=]*=/, "", value)
			if (!(name in place)) {
				place[name] = end + 0
				end += length(name) + 1
			}
			print family, name, value == "" ? name : value, \
				guarded, place[name]
		}
	}' "$list"
}

# A symbol's row; a set of bits is not to be sign-extended, a value is.
rows() {
	awk -v list="$list" '
	BEGIN {
		while ((getline line <list) > 0)
			if (line ~ /^[A-Z]/) {
				split(line, f, " ")
				kind[f[1]] = f[2] == "flags" ? "BITS" : "VALUE"
			}
	}
	{
		if ($4)
			print "#ifdef " $2
		print "\t{" $5 ", " kind[$1] "(" $3 ")}, /* " $2 " */"
		if ($4)
			print "#endif"
	}'
}

echo "/* Made by gen-constants.sh of constant.list. */"
echo "static const char names[] ="
symbols | awk '!seen[$2]++ { print "\t\"" $2 "\\0\"" }'
echo "	;"
awk '/^[A-Z]/ { print $1 }' "$list" | while read -r family; do
	echo "static const struct constant rows_${family}[] = {"
	symbols | awk -v family="$family" '$1 == family' | rows
	echo "};"
done

awk '
/^[A-Z]/ {
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
symbols | sort -u -k2,2 | rows
echo "};"
