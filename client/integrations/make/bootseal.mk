# Signs with a key in the HSM: NAME.signed.bin of NAME.bin, NAME.signed.hex of
# NAME.hex, each with NAME.signed.*.receipt, the proof that it is in the log.
#
#   include bootseal.mk
#   app.signed.bin: SIGN_TARGET := an521-app
#   app.signed.bin: SIGN_VERSION := 1.2.3
#
#   SIGN_TARGET             entry of the server's policy
#   SIGN_VERSION            MAJOR[.MINOR[.REVISION[+BUILD]]]
#   SIGN_SECURITY_COUNTER   default: as the policy says
#   SIGN_PROFILE            file of `bootseal targets export`: no other target or
#                           key may sign
#   SIGN_WAIT               for people to approve: 30m; default: fail, and the
#                           next make asks again
#   SIGN_TIMEOUT            seconds for all attempts to reach the server
#   BOOTSEAL                the program
#
# Server and identity come from BOOTSEAL_* in the environment, or from bootseal's
# configuration file. Signed again when the payload, one of these or the
# profile's content changed. What fails leaves no image, and the next make tries
# again. GNU make 3.82; names have no spaces, as make has it, folders above may.
BOOTSEAL ?= bootseal

# A word of the shell, whatever is in it.
bootseal-quoted = '$(subst ','\'',$(1))'

bootseal-options = \
  --target $(call bootseal-quoted,$(SIGN_TARGET)) \
  --version $(call bootseal-quoted,$(SIGN_VERSION)) \
  $(if $(SIGN_SECURITY_COUNTER),--security-counter \
    $(call bootseal-quoted,$(SIGN_SECURITY_COUNTER))) \
  $(if $(SIGN_PROFILE),--profile $(call bootseal-quoted,$(SIGN_PROFILE)))
bootseal-patience = \
  $(if $(SIGN_WAIT),--wait $(call bootseal-quoted,$(SIGN_WAIT))) \
  $(if $(SIGN_TIMEOUT),--timeout $(call bootseal-quoted,$(SIGN_TIMEOUT)))

# same FILE FILE: under whatever names, for any POSIX shell. Of two file systems
# the numbers may be equal; the contents are not, or nothing is lost.
define bootseal-same
serial() { ls -Ldi -- "$$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/;q'; }; \
same() { \
  number=$$(serial "$$1"); \
  [ -n "$$number" ] && [ "$$number" = "$$(serial "$$2")" ] || return 1; \
  [ -f "$$1" ] && [ -f "$$2" ] || return 0; \
  cmp -s -- "$$1" "$$2" || [ $$? -ne 1 ]; \
}
endef

# An image of an earlier build must not pass for this one's.
define bootseal-sign
@$(bootseal-same); \
for input in $(call bootseal-quoted,$<) $(call bootseal-quoted,$(SIGN_PROFILE)); do \
  for output in $(call bootseal-quoted,$@) $(call bootseal-quoted,$@.receipt); do \
    ! same "$$input" "$$output" || { \
      echo "$$output: OUTPUT_IS_INPUT: it would replace its input $$input" >&2; exit 2; }; \
  done; \
done
@rm -f $(call bootseal-quoted,$@) $(call bootseal-quoted,$@.receipt)
$(if $(SIGN_TARGET),,@echo $(call bootseal-quoted,$@: SIGN_TARGET is not set) >&2; exit 2)
$(if $(SIGN_VERSION),,@echo $(call bootseal-quoted,$@: SIGN_VERSION is not set) >&2; exit 2)
$(BOOTSEAL) sign $(strip $(bootseal-options) $(bootseal-patience)) \
  --receipt $(call bootseal-quoted,$@.receipt) -o $(call bootseal-quoted,$@) \
  $(call bootseal-quoted,$<)
endef

# What an image was made with; new only when that changed, or when the image's
# receipt is gone: an image without one is signed again.
define bootseal-made-with
@options=$(call bootseal-quoted,$@); receipt=$(call bootseal-quoted,$(@:.options=.receipt)); \
{ printf '%s\n' $(call bootseal-quoted,$(strip $(bootseal-options))); \
  $(if $(SIGN_PROFILE),cat $(call bootseal-quoted,$(SIGN_PROFILE));) } >"$$options.new"; \
if [ -f "$$receipt" ] && cmp -s "$$options.new" "$$options"; \
then rm -f "$$options.new"; else mv "$$options.new" "$$options"; fi
endef

.PHONY: bootseal-always
.PRECIOUS: %.signed.bin.options %.signed.hex.options
%.signed.bin.options: bootseal-always
	$(bootseal-made-with)
%.signed.hex.options: bootseal-always
	$(bootseal-made-with)

%.signed.bin: %.bin %.signed.bin.options
	$(bootseal-sign)
%.signed.hex: %.hex %.signed.hex.options
	$(bootseal-sign)
