# Has firmware signed by a Bootseal server while BitBake builds it, with a key in
# the HSM. A recipe inherits it, says which of its tasks sign, and calls a
# function below; OpenSTLinux's recipes do through bootseal-sign-stm32mp.
#
#   BOOTSEAL_TASKS              tasks that call a function below
#   BOOTSEAL_VERSION            MAJOR[.MINOR[.REVISION[+BUILD]]]; required
#   BOOTSEAL_SECURITY_COUNTER   default: as the policy says
#   BOOTSEAL_TARGET_FIP         entry of the server's policy for packages;
#   BOOTSEAL_TARGET_FSBL        for first stages behind an STM32 header;
#   BOOTSEAL_TARGET_ZEPHYR      for what Zephyr built. A name, or words
#                               PATTERN=NAME: the first whose pattern fits the
#                               device tree (of Zephyr: ${MACHINE}) counts
#   BOOTSEAL_PROFILE_FIP, _FSBL, _ZEPHYR
#                               files of `bootseal targets export`, by the same
#                               rules: no other target or key may sign. Another
#                               key in the file builds the task anew
#   BOOTSEAL_WAIT               for people to approve: "30m"; default: fail
#   BOOTSEAL_TIMEOUT            seconds for all attempts; default: bootseal's
#   BOOTSEAL_PROGRAM            default: bootseal, a tool of the build machine
#
# Where the server is and who we are, by BB_ENV_PASSTHROUGH_ADDITIONS or in
# local.conf. All but the first two are names of files, so that nothing secret
# comes into the datastore, a log or a signature:
#
#   BOOTSEAL_SERVER BOOTSEAL_LOG_KEY
#   BOOTSEAL_CA BOOTSEAL_CERT BOOTSEAL_KEY BOOTSEAL_TOKEN_FILE
#   BOOTSEAL_SETTINGS           a settings file with all of them
#
# Each function leaves a whole, verified file and its receipt, or neither and a
# task that failed with bootseal's words.
BOOTSEAL_TASKS ??= "do_deploy"
BOOTSEAL_PROGRAM ??= "bootseal"
BOOTSEAL_VERSION ??= ""
BOOTSEAL_SECURITY_COUNTER ??= ""
BOOTSEAL_TARGET_FIP ??= ""
BOOTSEAL_TARGET_FSBL ??= ""
BOOTSEAL_TARGET_ZEPHYR ??= ""
BOOTSEAL_PROFILE_FIP ??= ""
BOOTSEAL_PROFILE_FSBL ??= ""
BOOTSEAL_PROFILE_ZEPHYR ??= ""
BOOTSEAL_WAIT ??= ""
BOOTSEAL_TIMEOUT ??= ""
BOOTSEAL_SERVER ??= ""
BOOTSEAL_LOG_KEY ??= ""
BOOTSEAL_CA ??= ""
BOOTSEAL_CERT ??= ""
BOOTSEAL_KEY ??= ""
BOOTSEAL_TOKEN_FILE ??= ""
BOOTSEAL_SETTINGS ??= ""

# Another server, identity or patience gives the same image.
BOOTSEAL_PLACES = "BOOTSEAL_PROGRAM BOOTSEAL_SERVER BOOTSEAL_LOG_KEY \
    BOOTSEAL_CA BOOTSEAL_CERT BOOTSEAL_KEY BOOTSEAL_TOKEN_FILE \
    BOOTSEAL_SETTINGS BOOTSEAL_WAIT BOOTSEAL_TIMEOUT"
bootseal_run[vardepsexclude] = "${BOOTSEAL_PLACES}"
bootseal_sign[vardepsexclude] = "${BOOTSEAL_PLACES}"
# Their content counts, wherever they lie.
bootseal_create_fip[vardepsexclude] = "BOOTSEAL_PROFILE_FIP"
bootseal_sign_fsbl[vardepsexclude] = "BOOTSEAL_PROFILE_FSBL"
bootseal_sign_zephyr[vardepsexclude] = "BOOTSEAL_PROFILE_ZEPHYR"

python () {
    profiles = []
    for kind in ('FIP', 'FSBL', 'ZEPHYR'):
        for word in (d.getVar('BOOTSEAL_PROFILE_' + kind) or '').split():
            profiles.append(word.split('=', 1)[-1] + ':True')
    for task in (d.getVar('BOOTSEAL_TASKS') or '').split():
        d.setVarFlag(task, 'network', '1')
        if profiles:
            d.appendVarFlag(task, 'file-checksums', ' ' + ' '.join(profiles))
}

# An empty one is one that is not set.
bootseal_setting() {
    if [ -n "$2" ]; then
        export "$1=$2"
    else
        unset "$1"
    fi
}

# In a shell of its own: the rest of the task keeps its environment.
bootseal_run() {
    (
        unset BOOTSEAL_TOKEN BOOTSEAL_TOKEN_AUDIENCE BOOTSEAL_WAIT
        bootseal_setting BOOTSEAL_SERVER "${BOOTSEAL_SERVER}"
        bootseal_setting BOOTSEAL_LOG_KEY "${BOOTSEAL_LOG_KEY}"
        bootseal_setting BOOTSEAL_CA "${BOOTSEAL_CA}"
        bootseal_setting BOOTSEAL_CERT "${BOOTSEAL_CERT}"
        bootseal_setting BOOTSEAL_KEY "${BOOTSEAL_KEY}"
        bootseal_setting BOOTSEAL_TOKEN_FILE "${BOOTSEAL_TOKEN_FILE}"
        if [ -n "${BOOTSEAL_SETTINGS}" ]; then
            set -- --config "${BOOTSEAL_SETTINGS}" "$@"
        fi
        exec "${BOOTSEAL_PROGRAM}" "$@"
    )
}

# bootseal_choose VARIABLE WORDS NAME: what WORDS say for NAME, in
# bootseal_chosen; nothing when no pattern fits.
bootseal_choose() {
    bootseal_chosen=""
    set -f
    for word in $2; do
        case "$word" in
        *=*)
            case "$3" in
            ${word%%=*}) bootseal_chosen="${word#*=}" ;;
            esac
            ;;
        *) bootseal_chosen="$word" ;;
        esac
        [ -z "$bootseal_chosen" ] || break
    done
    set +f
    if [ -n "$2" ] && [ -z "$bootseal_chosen" ]; then
        bbfatal "$1 has no entry for $3: $2"
    fi
}

bootseal_serial() {
    ls -Ldi -- "$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/;q'
}

# bootseal_same FILE FILE: by whatever names, in any POSIX shell. Of two file
# systems numbers may be equal; the contents are not, or nothing is lost.
bootseal_same() {
    number=$(bootseal_serial "$1")
    [ -n "$number" ] && [ "$number" = "$(bootseal_serial "$2")" ] || return 1
    [ -f "$1" ] && [ -f "$2" ] || return 0
    cmp -s -- "$1" "$2" || [ $? -ne 1 ]
}

# bootseal_keep OUTPUT INPUT...: what the build made is not overwritten.
bootseal_keep() {
    kept="$1"
    shift
    for word in "$@"; do
        if bootseal_same "${word#*=}" "$kept" || bootseal_same "$word" "$kept"; then
            bbfatal "OUTPUT_IS_INPUT: output $kept would replace its input, give another name"
        fi
    done
}

# bootseal_discard OUTPUT INPUT...: a file of an earlier run must not pass for
# this one's.
bootseal_discard() {
    bootseal_keep "$@"
    discarded="$1"
    shift
    bootseal_keep "$discarded.receipt" "$@"
    rm -f "$discarded" "$discarded.receipt"
}

# bootseal_sign KIND TARGETS PROFILES NAME OUTPUT ARGUMENT...: OUTPUT and
# OUTPUT.receipt, made of the ARGUMENTs of `bootseal sign`.
bootseal_sign() {
    kind="$1"; targets="$2"; profiles="$3"; name="$4"; output="$5"
    shift 5
    bootseal_discard "$output" "$@" $profiles
    if ! command -v "${BOOTSEAL_PROGRAM}" >/dev/null; then
        bbfatal "there is no program ${BOOTSEAL_PROGRAM}: have bootseal in PATH \
when BitBake starts, or name it in BOOTSEAL_PROGRAM"
    fi
    if [ -z "${BOOTSEAL_VERSION}" ]; then
        bbfatal "BOOTSEAL_VERSION is not set, expected MAJOR[.MINOR[.REVISION[+BUILD]]]"
    fi
    if [ -z "$targets" ]; then
        bbfatal "BOOTSEAL_TARGET_$kind is not set, expected the server's name for $name"
    fi
    bootseal_choose "BOOTSEAL_PROFILE_$kind" "$profiles" "$name"
    [ -z "$bootseal_chosen" ] || set -- --profile "$bootseal_chosen" "$@"
    bootseal_choose "BOOTSEAL_TARGET_$kind" "$targets" "$name"
    target="$bootseal_chosen"
    [ -z "${BOOTSEAL_SECURITY_COUNTER}" ] ||
        set -- --security-counter "${BOOTSEAL_SECURITY_COUNTER}" "$@"
    [ -z "${BOOTSEAL_WAIT}" ] || set -- --wait "${BOOTSEAL_WAIT}" "$@"
    [ -z "${BOOTSEAL_TIMEOUT}" ] || set -- --timeout "${BOOTSEAL_TIMEOUT}" "$@"
    mkdir -p "$(dirname "$output")"
    status=0
    bootseal_run sign --target "$target" --version "${BOOTSEAL_VERSION}" \
        --receipt "$output.receipt" -o "$output" "$@" || status=$?
    case "$status" in
    0) return 0 ;;
    1) meaning="refused" ;;
    2) meaning="wrong usage" ;;
    3) meaning="waiting for approvals" ;;
    4) meaning="server not reached" ;;
    5) meaning="local file" ;;
    *) meaning="unexpected" ;;
    esac
    bbfatal "bootseal sign --target $target: exit status $status ($meaning), $output is not made"
}

bootseal_entry_point() {
    od -A n -t x4 -j 80 -N 4 --endian=little "$1" | tr -d ' '
}

# bootseal_first_stage INPUT PAYLOAD: what lies behind INPUT's header. A payload
# that is not all the rest is none: which of its bytes start would be a guess.
bootseal_first_stage() {
    skipped=0
    if [ "$(head -c 4 "$1")" = "STM2" ]; then
        version=$(od -A n -t x4 -j 72 -N 4 --endian=little "$1" | tr -d ' ')
        case "$version" in
        00010000) skipped=256 ;;
        00020000|00020200) skipped=512 ;;
        *) bbfatal "first stage: header of $1 has version 0x$version, expected \
0x00010000 (1.0), 0x00020000 (2.0) or 0x00020200 (2.2)" ;;
        esac
        length=$(od -A n -t u4 -j 76 -N 4 --endian=little "$1" | tr -d ' ')
        size=$(wc -c <"$1")
        if [ -z "$length" ] || [ "$length" -eq 0 ] ||
                [ "$size" -ne "$(expr "$skipped" + "$length")" ]; then
            bbfatal "first stage: header of $1 takes $skipped bytes and says \
$length bytes of payload, the file has $size in all: expected their sum"
        fi
    fi
    tail -c "+$(expr "$skipped" + 1)" "$1" >"$2" ||
        bbfatal "first stage: cannot write the payload of $1 to $2"
}

# In the place of STM32MP_SigningTool_CLI, with its words. The first stage lies
# behind the unsigned header of TF-A's build; the server makes another.
#
#   bootseal_sign_fsbl -bin FILE -o FILE [others, which the target decides]
bootseal_sign_fsbl() {
    input=""; output=""
    while [ $# -gt 0 ]; do
        case "$1" in
        -bin|--binary) input="$2"; shift ;;
        -o|--output) output="$2"; shift ;;
        --enc-key|--enc-dc) bbfatal "first stage $input: $1 asks for encryption, which is not offered" ;;
        esac
        shift
    done
    [ -n "$input" ] && [ -n "$output" ] || bbfatal "first stage: expected -bin FILE and -o FILE"
    bootseal_discard "$output" "$input" ${BOOTSEAL_PROFILE_FSBL}
    [ -f "$input" ] || bbfatal "first stage: there is no file $input"
    payload="$output.payload"
    bootseal_keep "$payload" "$input"
    # A shell of its own: BitBake has a trap on the end of the task's.
    (
        trap 'rm -f "$payload"' EXIT
        trap 'exit 1' HUP INT TERM
        bootseal_first_stage "$input" "$payload"
        bootseal_sign FSBL "${BOOTSEAL_TARGET_FSBL}" "${BOOTSEAL_PROFILE_FSBL}" \
            "$(basename "$input")" "$output" "$payload"
    ) || exit 1
    [ "$(head -c 4 "$input")" = "STM2" ] || return 0
    entry=$(bootseal_entry_point "$input")
    made=$(bootseal_entry_point "$output")
    if [ "$entry" != "$made" ]; then
        bootseal_discard "$output"
        bbfatal "first stage $input: its build says entry point 0x$entry, the target 0x$made: \
name another target in BOOTSEAL_TARGET_FSBL for it"
    fi
}

# bootseal_names: what comes behind a component's own name in its file's, most
# exact ones first, in bootseal_named. $secondary may be a list, by colons.
bootseal_names() {
    items=$(echo "$secondary" | tr ':' ' ')
    bootseal_named=""
    for tree in "$dt$dt_suffix" "$dt"; do
        bootseal_named="$bootseal_named $tree-$storage $tree-$config"
        for item in $items; do
            bootseal_named="$bootseal_named $tree-$item-$storage $tree-$item"
        done
        bootseal_named="$bootseal_named $tree"
    done
    bootseal_named="$bootseal_named $storage $config $items $soc-$storage $soc-$config"
    for item in $items; do
        bootseal_named="$bootseal_named $soc-$item-$storage $soc-$item"
    done
    bootseal_named="$bootseal_named $soc"
}

# bootseal_look FOLDER PREFIX EXTENSION: the file of a component, by the names
# that OpenSTLinux deploys under, in bootseal_found.
bootseal_look() {
    bootseal_names
    for name in $bootseal_named; do
        bootseal_found="$1/$2-$name.$3"
        case "-$name-" in *--*) continue ;; esac
        [ ! -f "$bootseal_found" ] || return 0
    done
    return 1
}

# bootseal_find NAME FOLDER PREFIX EXTENSION
bootseal_find() {
    bootseal_look "$2" "$3" "$4" && return 0
    bbfatal "package of $dt: no $1: expected $3-$dt.$4, or a name by configuration \
($config), SoC ($soc) or storage ($storage), in $2"
}

# bootseal_find_tree NAME FOLDER EXTENSION: of files that begin with the device
# tree's name.
bootseal_find_tree() {
    bootseal_look "$2" "$dt$dt_suffix-$1" "$3" || bootseal_find "$1" "$2" "$dt-$1" "$3"
}

# In the place of create_st_fip_binary.sh, with its words and its folders under
# FIP_DEPLOYDIR_ROOT; it makes what cert_create and fiptool made together.
bootseal_create_fip() {
    dt=""; dt_suffix=""; config=""; storage=""; soc=""; secondary=""; signed=""
    output="$FIP_DEPLOYDIR_ROOT/fip"
    bl32="no"
    while [ $# -gt 0 ]; do
        option="$1"; shift
        case "$option" in
        -b|--use-bl31|-d|--use-ddr|-g|--generate-only-ddr)
            bbfatal "package of $dt: $option: packages of an STM32MP2 are not offered" ;;
        -E|--encrypt) bbfatal "package of $dt: $option asks for encryption, which is not offered" ;;
        -c|--use-bl32) bl32="yes"; continue ;;
        -s|--sign) signed="yes"; continue ;;
        # It may begin with a dash.
        -DS|--search-devicetree-suffix)
            dt_suffix="$1"
            [ $# -eq 0 ] || shift
            continue ;;
        -[CDSTUOKP]|--search-configuration|--search-devicetree) ;;
        --search-storage|--search-soc-name|--search-secondary-config) ;;
        --output|--signature-key|--signature-key-pass) ;;
        "") continue ;;
        *) bbfatal "package of $dt: unknown option $option" ;;
        esac
        # A variable that was empty leaves its option without a value.
        case "$1" in
        ""|-*) continue ;;
        esac
        case "$option" in
        -C|--search-configuration) config="$1" ;;
        -D|--search-devicetree) dt="$1" ;;
        -S|--search-storage) storage="$1" ;;
        -T|--search-soc-name) soc="$1" ;;
        -U|--search-secondary-config) secondary="$1" ;;
        -O|--output) output="$1" ;;
        esac
        shift
    done
    [ -n "$dt" ] && [ -n "$config" ] ||
        bbfatal "package: expected --search-devicetree and --search-configuration"
    [ -n "$signed" ] || bbfatal "package of $dt: called without --sign: set SIGN_ENABLE to 1"
    # By itself: BitBake's text would become a part of the name $config.
    suffix="${FIP_SIGN_SUFFIX}"
    package="$output/fip-$dt-$config$suffix.bin"
    bootseal_discard "$package" ${BOOTSEAL_PROFILE_FIP}
    tfa="$FIP_DEPLOYDIR_ROOT/arm-trusted-firmware"
    bootseal_find_tree fw-config "$tfa/fwconfig" dtb
    set -- --component "fw-config=$bootseal_found"
    bootseal_find hw-config "$FIP_DEPLOYDIR_ROOT/u-boot" u-boot dtb
    set -- "$@" --component "hw-config=$bootseal_found"
    bootseal_find nt-fw "$FIP_DEPLOYDIR_ROOT/u-boot" u-boot-nodtb bin
    set -- "$@" --component "nt-fw=$bootseal_found"
    if [ "$bl32" = "yes" ]; then
        bootseal_find tos-fw "$tfa/bl32" tf-a-bl32 bin
        set -- "$@" --component "tos-fw=$bootseal_found"
        bootseal_find_tree bl32 "$tfa/bl32" dtb
        set -- "$@" --component "tos-fw-config=$bootseal_found"
    else
        bootseal_find tos-fw "$FIP_DEPLOYDIR_ROOT/optee" tee-header_v2 bin
        set -- "$@" --component "tos-fw=$bootseal_found"
        bootseal_find tos-fw-extra1 "$FIP_DEPLOYDIR_ROOT/optee" tee-pager_v2 bin
        set -- "$@" --component "tos-fw-extra1=$bootseal_found"
        bootseal_find tos-fw-extra2 "$FIP_DEPLOYDIR_ROOT/optee" tee-pageable_v2 bin
        # OP-TEE without pager has nothing to page.
        [ ! -s "$bootseal_found" ] || set -- "$@" --component "tos-fw-extra2=$bootseal_found"
    fi
    bootseal_sign FIP "${BOOTSEAL_TARGET_FIP}" "${BOOTSEAL_PROFILE_FIP}" "$dt" \
        "$package" "$@"
}

# What OpenSTLinux's recipes leave behind: they deploy the first stages alone.
bootseal_deploy_receipts() {
    for receipt in "${B}"/*/*.receipt; do
        image=$(basename "$receipt" .receipt)
        for folder in "${DEPLOYDIR}" "${DEPLOYDIR}/debug"; do
            [ ! -f "$folder/$image" ] || install -m 644 "$receipt" "$folder/"
        done
    done
}

# OpenSTLinux before 5.1 has no wrapper around it.
bootseal_cert_create() {
    bbfatal "cert_create would sign with a key file: packages of an OpenSTLinux older than 5.1 are not offered"
}

# bootseal_sign_zephyr [PAYLOAD [OUTPUT]]: by default what the build of
# meta-zephyr leaves, into what it deploys.
bootseal_sign_zephyr() {
    payload="$1"; output="$2"
    [ -n "$payload" ] || payload="${B}/zephyr/zephyr.bin"
    [ -n "$output" ] || output="${DEPLOYDIR}/${PN}.signed.bin"
    bootseal_discard "$output" "$payload" ${BOOTSEAL_PROFILE_ZEPHYR}
    [ -f "$payload" ] || bbfatal "Zephyr: there is no file $payload, set CONFIG_BUILD_OUTPUT_BIN"
    bootseal_sign ZEPHYR "${BOOTSEAL_TARGET_ZEPHYR}" "${BOOTSEAL_PROFILE_ZEPHYR}" \
        "${MACHINE}" "$output" "$payload"
}
