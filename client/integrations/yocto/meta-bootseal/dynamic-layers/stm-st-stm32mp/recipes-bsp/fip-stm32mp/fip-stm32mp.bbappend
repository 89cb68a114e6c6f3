inherit ${@'bootseal-sign-stm32mp' if d.getVar('SIGN_ENABLE') == '1' else ''}

BOOTSEAL_TASKS = "do_deploy"
