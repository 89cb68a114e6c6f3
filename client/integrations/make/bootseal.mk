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

bootseal-options = \
  --target '$(SIGN_TARGET)' --version '$(SIGN_VERSION)' \
  $(if $(SIGN_SECURITY_COUNTER),--security-counter '$(SIGN_SECURITY_COUNTER)') \
  $(if $(SIGN_PROFILE),--profile '$(SIGN_PROFILE)')
bootseal-patience = \
  $(if $(SIGN_WAIT),--wait '$(SIGN_WAIT)') \
  $(if $(SIGN_TIMEOUT),--timeout '$(SIGN_TIMEOUT)')

# An image of an earlier build must not pass for this one's.
define bootseal-sign
@rm -f '$@' '$@.receipt'
$(if $(SIGN_TARGET),,@echo '$@: SIGN_TARGET is not set' >&2; exit 2)
$(if $(SIGN_VERSION),,@echo '$@: SIGN_VERSION is not set' >&2; exit 2)
$(BOOTSEAL) sign $(strip $(bootseal-options) $(bootseal-patience)) \
  --receipt '$@.receipt' -o '$@' '$<'
endef

# What an image was made with; new only when that changed.
define bootseal-made-with
@{ printf '%s\n' "$(strip $(bootseal-options))"; \
   $(if $(SIGN_PROFILE),cat '$(SIGN_PROFILE)';) } >'$@.new'; \
if cmp -s '$@.new' '$@'; then rm -f '$@.new'; else mv '$@.new' '$@'; fi
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
