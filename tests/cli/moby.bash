# A profile of containers for those who read and write such.

# profile NAME <<JSON, and its path in $PROFILE.
profile() {
	policy "$1"
	PROFILE=$POLICY
}

# moby: what its newest default.json has, once each.
moby() {
	profile moby.json <<-'JSON'
	{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
	 "archMap": [
	  {"architecture": "SCMP_ARCH_X86_64",
	   "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
	  {"architecture": "SCMP_ARCH_AARCH64",
	   "subArchitectures": ["SCMP_ARCH_ARM"]}],
	 "syscalls": [
	  {"names": ["read", "write", "close", "exit_group", "execve", "openat2",
	             "no_such_call"], "action": "SCMP_ACT_ALLOW"},
	  {"names": ["process_vm_readv", "ptrace"], "action": "SCMP_ACT_ALLOW",
	   "includes": {"minKernel": "4.8"}},
	  {"names": ["kcmp"], "action": "SCMP_ACT_ALLOW",
	   "excludes": {"minKernel": "5.10"}},
	  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]},
	  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},
	   {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
	  {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 0, "value": 2114060288, "valueTwo": 0,
	    "op": "SCMP_CMP_MASKED_EQ"}],
	   "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
	  {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [
	   {"index": 1, "value": 2114060288, "valueTwo": 0,
	    "op": "SCMP_CMP_MASKED_EQ"}],
	   "comment": "s390 parameter ordering for clone is different",
	   "includes": {"arches": ["s390", "s390x"]},
	   "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
	  {"names": ["clone", "clone3", "mount"], "action": "SCMP_ACT_ALLOW",
	   "includes": {"caps": ["CAP_SYS_ADMIN"]}},
	  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
	   "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
	  {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW",
	   "includes": {"arches": ["amd64", "x32"]}},
	  {"names": ["reboot", "kexec_load"], "action": "SCMP_ACT_ALLOW",
	   "includes": {"caps": ["CAP_SYS_BOOT"]}}]}
	JSON
}
