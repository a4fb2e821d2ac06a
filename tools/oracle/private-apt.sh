#!/bin/sh
# Makes an apt of its own in a folder, so that packages of any Debian and architecture can be fetched and the host's own apt
# stays as it is: lists, sources and an empty list of what is installed. Prints the name of its configuration.
#
#   export APT_CONFIG=$(sh tools/oracle/private-apt.sh FOLDER SUITE…)
#   sh tools/oracle/prepare-debian.sh …
#
# SUITE is a Debian such as trixie, trixie-backports, sid. Name those that the kernel and its compiler come from, not more: the
# newest version of all wins. ARCHITECTURES (amd64), MIRROR and KEYRING of the environment are taken.
set -eu
folder=$1
shift
[ $# -gt 0 ] || { echo "private-apt.sh FOLDER SUITE…: name a suite" >&2; exit 2; }
architectures=${ARCHITECTURES:-amd64}
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
folder=$(cd "$folder" && pwd)
: >"$folder/status"
: >"$folder/sources.list"
keyring=${KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
for suite in "$@"; do
	echo "deb [arch=$(echo "$architectures" | tr ' ' ,) signed-by=$keyring]" \
		"${MIRROR:-http://deb.debian.org/debian} $suite main" >>"$folder/sources.list"
done
{
	echo "Dir::State::Lists \"$folder/lists\";"
	echo "Dir::State::Status \"$folder/status\";"
	echo "Dir::Etc::SourceList \"$folder/sources.list\";"
	echo 'Dir::Etc::SourceParts "/dev/null";'
	echo 'Dir::Etc::Preferences "/dev/null";'
	echo 'Dir::Etc::PreferencesParts "/dev/null";'
	echo "Dir::Cache \"$folder/cache\";"
	echo 'Acquire::Languages "none";'
	echo "APT::Architectures { $(for name in amd64 $architectures; do echo "\"$name\";"; done) };"
} >"$folder/apt.conf"
APT_CONFIG=$folder/apt.conf apt-get -qq update >&2
echo "$folder/apt.conf"
