# Puts bootseal in the place of the two programs that OpenSTLinux signs with,
# STM32MP_SigningTool_CLI and cert_create: the recipes that call them stay as
# they are. SIGN_ENABLE = "1" turns it on, as it does theirs.
inherit bootseal-sign

# sign-stm32mp.bbclass demands a key file and a program; none is ever read, not
# even one that is at hand. `false` stands there until its checks are over, so
# that whatever calls it too early fails.
EXTERNAL_KEY_CONF = "0"
SIGN_TOOL = "false"
SIGN_KEY = "/dev/null"
SIGN_KEY_PASS = ""
SIGN_KEY_stm32mp13 = "/dev/null"
SIGN_KEY_stm32mp15 = "/dev/null"
SIGN_KEY_stm32mp21 = "/dev/null"
SIGN_KEY_stm32mp23 = "/dev/null"
SIGN_KEY_stm32mp25 = "/dev/null"

FIP_WRAPPER = "bootseal_create_fip"
CERTTOOL = "bootseal_cert_create"

do_deploy:append() {
    bootseal_deploy_receipts
}

# A first stage that waits for a debugger is nothing to sign for closed chips;
# who wants one gives "debug-*" a target of its own. The recipe itself has a
# default, so that another one would come too late.
BOOTSEAL_DEBUG_WRAPPER ?= "0"
TF_A_ENABLE_DEBUG_WRAPPER = "${BOOTSEAL_DEBUG_WRAPPER}"

python () {
    if d.getVar('ENCRYPT_ENABLE') == '1':
        bb.fatal('bootseal-sign-stm32mp: ENCRYPT_ENABLE is "1", expected "0": '
                 'bootseal does not encrypt packages and first stages')
    d.setVar('SIGN_TOOL', 'bootseal_sign_fsbl')
}
