#!/bin/sh
# An example for builds that are a script: signs one payload and ends as
# `bootseal sign` did. With a profile, what was made is held against it once
# more, offline. In the shell and with the tools of POSIX.1-2017.
#
# usage: sign.sh TARGET VERSION PAYLOAD IMAGE [OPTION OF bootseal sign...]
#
# A package has no payload: '' in its place, and --component NAME=FILE for each
# of its files.
#
#   SIGN_PROFILE   file of `bootseal targets export`
#   BOOTSEAL       the program
#
# Server and identity come from BOOTSEAL_* or bootseal's configuration file.
set -e

if [ $# -lt 4 ]; then
  echo "usage: sign.sh TARGET VERSION PAYLOAD IMAGE [OPTION...]" >&2
  exit 2
fi
target=$1 version=$2 payload=$3 image=$4
shift 4
bootseal=${BOOTSEAL:-bootseal}
profile=${SIGN_PROFILE:-}
[ -z "$profile" ] || set -- --profile "$profile" "$@"

# serial FILE: its number, which a file has to itself within its file system.
serial() {
  # shellcheck disable=SC2012  # POSIX has no find -inum
  ls -Ldi -- "$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/;q'
}

# same FILE FILE: under whatever names. Of two file systems the numbers may be
# equal; the contents are not, or nothing is lost.
same() {
  number=$(serial "$1")
  [ -n "$number" ] && [ "$number" = "$(serial "$2")" ] || return 1
  [ -f "$1" ] && [ -f "$2" ] || return 0
  cmp -s -- "$1" "$2" || [ $? -ne 1 ]
}

# keep FILE: what the image or its receipt would replace is not removed.
keep() {
  for output in "$image" "$image.receipt"; do
    same "$1" "$output" || continue
    echo "sign.sh: OUTPUT_IS_INPUT: output $output would replace its input $1; give another name" >&2
    exit 2
  done
}
# FILE, --profile=FILE, NAME=FILE, --component=NAME=FILE and TYPE=@FILE.
for input in "$payload" "$@"; do
  keep "$input"
  keep "${input#*=}"
  keep "${input#--*=*=}"
  keep "${input#*=@}"
done

# An image of an earlier run must not pass for this one's.
rm -f -- "$image" "$image.receipt"

[ -z "$payload" ] || set -- "$@" -- "$payload"
status=0
"$bootseal" sign --target "$target" --version "$version" \
  --receipt "$image.receipt" -o "$image" "$@" || status=$?
case $status in
  0) ;;
  3) echo "sign.sh: $target $version waits for approvals: run this again once it has them" >&2 ;;
  4) echo "sign.sh: no server was reached: run this again" >&2 ;;
  *) echo "sign.sh: $target $version is not signed" >&2 ;;
esac
[ "$status" -eq 0 ] || exit "$status"
[ -z "$profile" ] ||
  "$bootseal" verify --profile "$profile" --receipt "$image.receipt" -- "$image"
