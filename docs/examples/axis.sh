#!/usr/bin/env bash
# Gửi, nhận, xác nhận qua giao thức trục của một nút Liên Thông, chỉ với curl và openssl.
# Send, receive and confirm over a node's axis protocol, with curl and openssl alone.
#
# Biến môi trường (environment):
#   NODE    https://HOST:PORT/axis            CA      CA của nút (the node's CA)
#   SYSTEM  mã hệ thống (systemid)            SECRET  mã bí mật (its secret)
#   FROM    cơ quan gửi (the sending agency)  PACKET  gói tin .edxml (the packet to send)
set -euo pipefail
: "${NODE:?}" "${CA:?}" "${SYSTEM:?}" "${SECRET:?}" "${FROM:?}" "${PACKET:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timestamp="$(date +%d%m%YT%H%M%S)+0000"

# call OPERATION NAME=VALUE… -- CURL-OPTIONS: các tham số là tiêu đề, ký HMAC-SHA256 (parameters are signed headers)
call() {
    local operation=$1 keys="systemid;timestamp" json
    shift
    local -a headers=(-H "XroadVnpt-systemid: $SYSTEM" -H "XroadVnpt-timestamp: $timestamp")
    json="\"XroadVnpt-systemid\":\"$SYSTEM\",\"XroadVnpt-timestamp\":\"$timestamp\""
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        keys+=";${1%%=*}"
        json+=",\"XroadVnpt-${1%%=*}\":\"${1#*=}\""
        headers+=(-H "XroadVnpt-${1%%=*}: ${1#*=}")
        shift
    done
    [ $# -eq 0 ] || shift
    local hash
    hash=$(printf '{%s}' "$json" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.*= *//')
    curl -sS --cacert "$CA" "${headers[@]}" -H "XroadVnpt-sign-header-key: $keys" -H "XroadVnpt-sign-header: {$json}" \
        -H "XroadVnpt-hash-header: $hash" "$@" "$NODE/$operation"
}
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

echo "== sendEdoc"
hash=$(openssl dgst -sha256 "$PACKET" | sed 's/.*= *//')
call sendEdoc servicetype=eDoc messagetype=edoc "from=$FROM" "hash-file=$hash" -- \
    -H 'Content-Type: application/octet-stream' --data-binary "@$PACKET" | tee "$work/sent"
echo
[ "$(member ErrorCode <"$work/sent")" = 0 ]

echo "== getSentEdocList"
call getSentEdocList servicetype=eDoc messagetype=edoc "docId=$(member DocId <"$work/sent")" -- -X POST
echo

echo "== getReceivedEdocList"
call getReceivedEdocList servicetype=eDoc messagetype=edoc -- -X POST | tee "$work/list"
echo
for id in $(grep -o '"docId":"[^"]*"' "$work/list" | cut -d'"' -f4); do
    echo "== downloadEdoc, updateStatus done: $id"
    call downloadEdoc "docId=$id" -- -f -o "$work/packet.edxml"
    wc -c <"$work/packet.edxml"
    call updateStatus "docid=$id" status=done -- -H 'Content-Type: application/json' -d '{}'
    echo
done
