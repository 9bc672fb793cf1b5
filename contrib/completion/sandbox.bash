# bash completion for sandbox; source it, or install it as
# PREFIX/share/bash-completion/completions/sandbox
#
# Options first, then the command and its arguments as if typed alone.

# Policies by name, as sandbox looks them up (sandbox(1), -p).
_sandbox_policy_names() {
	local IFS=: dir file
	for dir in ${SANDBOX_POLICY_PATH-} /etc/sandbox \
		/usr/local/share/sandbox/policies /usr/share/sandbox/policies; do
		for file in "$dir"/*.ini; do
			[[ -f $file ]] || continue
			file=${file##*/}
			printf '%s\n' "${file%.ini}"
		done
	done
}

# Is the word an option whose value is the next word?
_sandbox_takes_value() {
	case $1 in
	--policy | --report | --format | --deny | --allow | --learn | \
		--caps | --kernel) return 0 ;;
	--*) return 1 ;;
	-*[pr]) return 0 ;;
	esac
	return 1
}

_sandbox_verbs='check show explain diff amend convert groups features systemd-dropin'

# After a command of sandbox's own: its options, then policies or groups.
_sandbox_verb() {
	local verb=$1 cur=$2 options='--help'
	[[ $verb == systemd-dropin || $verb == amend || $verb == convert ]] || options+=' --format'
	[[ $verb == groups || $verb == features ]] || options+=' -p --policy'
	[[ $verb == show || $verb == explain || $verb == systemd-dropin ]] &&
		options+=' -t --trace'
	[[ $verb == systemd-dropin ]] && options+=' --permissive'
	[[ $verb =~ ^(check|show|explain|diff|convert)$ ]] && options+=' --abi --caps --kernel'
	[[ $verb == show ]] && options+=' --pfc --bpf --ini'
	[[ $verb == groups ]] && options+=' --powers'
	[[ $verb == amend ]] && options+=' --apply --open'
	[[ $verb == convert ]] && options+=' --from --to --lossy --output'
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	elif [[ $prev == --abi ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'x86_64 aarch64' -- "$cur")
	elif [[ $verb == groups ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(sandbox groups 2>/dev/null | sed -n 's/^\(@[^ ]*\) .*/\1/p')" \
			-- "$cur")
	elif [[ $verb == systemd-dropin && $prev != -p && $prev != --policy ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(systemctl \
			list-unit-files -t service 2>/dev/null |
			sed -n 's/^\([^ ]*\.service\) .*/\1/p')" -- "$cur")
	elif [[ $verb == amend && $prev == --open ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(sandbox groups --powers \
			2>/dev/null | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p')" \
			-- "$cur")
	elif [[ $verb == amend && $prev != amend ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ $verb != features ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_sandbox_policy_names)" \
			-- "$cur"
			compgen -f -X '!*.ini' -- "$cur"
			compgen -f -X '!*.json' -- "$cur"
			compgen -f -X '!*.service' -- "$cur"
			compgen -d -S / -- "$cur")
	fi
}

# Is a policy given before the word of this index? Then that word is CMD.
_sandbox_has_policy() {
	local word
	for word in "${COMP_WORDS[@]:1:$1-1}"; do
		case $word in
		-[!-]*[pc]* | -[pc]* | --policy* | --deny* | --allow* | --learn* | \
			--count | --)
			return 0
			;;
		esac
	done
	return 1
}

# The index of the command's word, or 0 while options are being typed.
_sandbox_command_index() {
	local i word
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == -- ]]; then
			echo $((i + 1))
			return
		elif [[ ${COMP_WORDS[i + 1]-} == = ]]; then
			((i += 2)) # --format = json: bash splits at "="
		elif _sandbox_takes_value "$word"; then
			((i++))
		elif [[ $word != -* ]]; then
			echo "$i"
			return
		fi
	done
	echo 0
}

_sandbox() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local at words
	COMPREPLY=()

	at=$(_sandbox_command_index)
	if ((at > 0 && COMP_CWORD > at)) && ! _sandbox_has_policy "$at" &&
		[[ " $_sandbox_verbs " == *" ${COMP_WORDS[at]} "* ]]; then
		[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
		if [[ $prev == --format ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'text json' \
				-- "${cur#=}")
		elif [[ $prev == --trace && ( $cur == = ||
			${COMP_WORDS[COMP_CWORD - 1]} == = ) ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'notify ptrace' \
				-- "${cur#=}")
		else
			_sandbox_verb "${COMP_WORDS[at]}" "$cur"
		fi
		return
	fi
	if ((at > 0)); then
		if declare -F _command_offset >/dev/null; then
			_command_offset "$at"
		elif ((COMP_CWORD == at)); then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		return
	fi

	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-p | --policy)
		mapfile -t COMPREPLY < <(compgen -W "$(_sandbox_policy_names)" \
			-- "$cur"
			compgen -f -X '!*.ini' -- "$cur"
			compgen -f -X '!*.json' -- "$cur"
			compgen -f -X '!*.service' -- "$cur"
			compgen -d -S / -- "$cur")
		return
		;;
	--learn)
		mapfile -t COMPREPLY < <(compgen -f -X '!*.ini' -- "$cur"
			compgen -d -S / -- "$cur")
		return
		;;
	-r | --report)
		mapfile -t COMPREPLY < <(compgen -W journal -- "$cur"
			compgen -f -- "$cur")
		return
		;;
	--format) words='text json jsonl' ;;
	--trace)
		if [[ ${COMP_WORDS[COMP_CWORD]} == = ||
			${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
			words='notify ptrace'
		fi
		;;
	--deny | --allow)
		words='@system-service @basic-io @file-system @network-io
			@process @open @read @write @exec @spawn @io-uring'
		;;
	esac
	if [[ -n ${words-} ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi

	# Without a policy only a command of sandbox's own can follow, and before
	# CMD come options: all programs of the PATH are too many to be shown.
	if [[ -n $cur && $cur != -* ]]; then
		if _sandbox_has_policy "$COMP_CWORD"; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$_sandbox_verbs" \
				-- "$cur")
		fi
	else
		_sandbox_has_policy "$COMP_CWORD" || words=$_sandbox_verbs
		mapfile -t COMPREPLY < <(compgen -W "$words"' -p --policy -t --trace
			--trace=notify --trace=ptrace -c --count --deny --allow
			--learn --merge --force --exact --caps --kernel
			-r --report --format -v -vv --verbose -q --quiet
			--permissive --fail-denied --in-place --wait --close-fds --no-cache
			-h --help -V --version --' -- "$cur")
	fi
}

complete -o filenames -F _sandbox sandbox
