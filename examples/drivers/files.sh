#!/usr/bin/env bash
# A driver for `quorate record driver`: a store whose keys are files of a folder, each replaced in one step.
#
# usage: quorate record driver -- bash files.sh FOLDER
set -euo pipefail
store=$(mktemp -d "${1:-.}/store-XXXXXX")
trap 'rm -rf "$store"' EXIT

while read -r line; do
    [[ $line =~ \"id\":\ *([0-9]+) ]] && id=${BASH_REMATCH[1]}
    [[ $line =~ \"key\":\ *\"([A-Za-z0-9_]+)\" ]] && key=${BASH_REMATCH[1]}
    case $line in
    *'"op":"read"'*)
        value=0
        [ -e "$store/$key" ] && read -r value <"$store/$key"
        echo "{\"id\": $id, \"ok\": true, \"value\": $value}"
        ;;
    *'"op":"write"'*)
        [[ $line =~ \"value\":\ *([0-9]+) ]]
        echo "${BASH_REMATCH[1]}" >"$store/.new" && mv "$store/.new" "$store/$key"
        echo "{\"id\": $id, \"ok\": true}"
        ;;
    *) echo "{\"id\": $id, \"ok\": false}" ;;
    esac
done
