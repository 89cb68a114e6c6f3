inherit ${@'bootseal-sign-stm32mp' if d.getVar('SIGN_ENABLE') == '1' else ''}

# Where the recipe calls the signing tool.
BOOTSEAL_TASKS = "do_compile"
