# Whatever inherits OpenSTLinux's sign-stm32mp.bbclass, as U-Boot and OP-TEE do
# too, is not parsed with SIGN_ENABLE = "1" unless a program and a key file are
# named. These satisfy it and sign nothing: `false` fails, and so does what reads
# a key from /dev/null. A file that does not exist would be no refusal:
# `cert_create -n` makes up a key for it.
SIGN_TOOL ?= "false"
SIGN_KEY ?= "/dev/null"
SIGN_KEY_stm32mp13 ?= "/dev/null"
SIGN_KEY_stm32mp15 ?= "/dev/null"
SIGN_KEY_stm32mp21 ?= "/dev/null"
SIGN_KEY_stm32mp23 ?= "/dev/null"
SIGN_KEY_stm32mp25 ?= "/dev/null"
