#!/usr/bin/env bash
# Gửi, nhận, báo trạng thái qua HTTP/JSON của một nút Liên Thông, chỉ với curl, jq và openssl.
# Submit, receive, report and track over a node's HTTP/JSON, with curl, jq and openssl alone.
#
# Biến môi trường (environment):
#   NODE, CA                                địa chỉ nút, CA của nút (the node, its CA)
#   SENDER_CODE, SENDER_CERT, SENDER_KEY    bên gửi: mã, chứng thư kết nối, khóa (the sending side)
#   SENDER_SIGNING_CERT, SENDER_SIGNING_KEY chứng thư và khóa ký văn bản (for signing documents)
#   RECEIVER_CODE, RECEIVER_CERT, RECEIVER_KEY  bên nhận (the receiving side)
#   PACKET  tùy chọn: gói tin .edxml, ký bằng lệnh lienthong (optional: a packet, signed with lienthong)
set -euo pipefail
: "${NODE:?https://HOST:PORT}" "${CA:?}" "${SENDER_CODE:?}" "${SENDER_CERT:?}" "${SENDER_KEY:?}"
: "${SENDER_SIGNING_CERT:?}" "${SENDER_SIGNING_KEY:?}" "${RECEIVER_CODE:?}" "${RECEIVER_CERT:?}" "${RECEIVER_KEY:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n== %s\n' "$*"; }
sender() { curl -sS --cacert "$CA" --cert "$SENDER_CERT" --key "$SENDER_KEY" "$@"; }
receiver() { curl -sS --cacert "$CA" --cert "$RECEIVER_CERT" --key "$RECEIVER_KEY" "$@"; }
post() { # post WHO PATH JSON
    "$1" -H 'Content-Type: application/json' --data "$3" "$NODE$2"
}

say "1. Ai đang gọi (who calls)"
sender "$NODE/v1/node" | jq -c '{node, system, agencies}'

say "2. Văn bản: mô tả JSON và tệp, có chữ ký (a document: JSON and files, signed)"
number=$(date +%H%M%S)
today=$(date +%Y/%m/%d)
document_id="$SENDER_CODE,$today,$number/CV"
file="$work/cong-van.txt"
printf 'Nội dung công văn số %s\n' "$number" >"$file"
length=$(wc -c <"$file")
sha256=$(sha256sum "$file" | cut -d' ' -f1)
# jq -S sắp khóa, -c bỏ khoảng trắng, -j bỏ xuống dòng: với chuỗi và số nguyên đó chính là RFC 8785.
# jq -S sorts, -c packs, -j leaves the newline out: with strings and integers this is RFC 8785.
jq -cSjn --arg from "$SENDER_CODE" --arg to "$RECEIVER_CODE" --arg id "$document_id" --arg sha "$sha256" \
    --arg message "$(cat /proc/sys/kernel/random/uuid)" --arg nonce "$(openssl rand -hex 16)" \
    --arg created "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --argjson length "$length" '
    {domain: "vn.lienthong.manifest.v1", message: $message, from: $from, to: [$to], created: $created,
     documentId: $id, kind: "document", businessType: 0, subject: "Về việc thử nghiệm liên thông", nonce: $nonce,
     parts: [{name: "cong-van.txt", mediaType: "text/plain", length: $length, sha256: $sha}]}' >"$work/manifest"
# Chứng thư sau chứng thư ký trong tệp là CA trung gian: đi cùng chữ ký để nơi nhận dựng được chuỗi.
# What follows the signer's certificate in its file are intermediates: they travel with the signature.
awk '/BEGIN CERT/ {n++} n > 1' "$SENDER_SIGNING_CERT" >"$work/chain.pem"
chain=()
[ ! -s "$work/chain.pem" ] || chain=(-certfile "$work/chain.pem")
openssl cms -sign -binary -cades -md sha256 -outform DER -in "$work/manifest" -out "$work/manifest.p7s" \
    -signer "$SENDER_SIGNING_CERT" -inkey "$SENDER_SIGNING_KEY" "${chain[@]}"
jq -n --arg from "$SENDER_CODE" --arg to "$RECEIVER_CODE" --arg id "$document_id" --arg number "$number" \
    --arg date "$today" --arg manifest "$(base64 -w0 "$work/manifest")" --arg cms "$(base64 -w0 "$work/manifest.p7s")" '
    {from: {code: $from}, to: [{code: $to}], documentId: $id, codeNumber: $number, codeNotation: "CV",
     promulgationDate: $date, subject: "Về việc thử nghiệm liên thông", typeName: "Công văn", type: 1,
     priority: "PRIORITY_URGENT", envelope: {manifest: $manifest, cms: $cms}}' >"$work/metadata.json"
submit() {
    sender -F "metadata=<$work/metadata.json;type=application/json" -F "file=@$file;type=text/plain" \
        -w '%{stderr}HTTP %{http_code}\n' "$NODE/v1/documents"
}
submit >"$work/acceptance.json"
jq -c '.acceptance | {exchangeId, documentId, duplicate, signature: .signatureReport.signatures[0].indication,
    receipt: (.receipt.payload | @base64d | fromjson | .event)}' "$work/acceptance.json"
exchange=$(jq -r .acceptance.exchangeId "$work/acceptance.json")

say "3. Gửi lại y hệt: biên nhận lần đầu (the same again: the first receipt)"
submit | jq -c '.acceptance | {exchangeId, duplicate}'

if [ -n "${PACKET:-}" ]; then
    say "4. Gói tin edXML có sẵn (a ready-made packet)"
    cp "$PACKET" "$work/packet.edxml"
    lienthong packet sign "$work/packet.edxml" --signing-cert "$SENDER_SIGNING_CERT" --signing-key "$SENDER_SIGNING_KEY"
    sender -X POST -H 'Content-Type: application/xml' \
        -H "Lienthong-Manifest: $(base64 -w0 "$work/packet.edxml.manifest")" \
        -H "Lienthong-Signature: $(base64 -w0 "$work/packet.edxml.p7s")" \
        -T "$work/packet.edxml" -w '%{stderr}HTTP %{http_code}\n' "$NODE/v1/packets" |
        jq -c '.acceptance // . | {exchangeId, duplicate, code, detail}'
fi

say "5. Hộp đến: liệt kê, chờ dài (the inbox: a list, a long poll)"
inbox="/v1/agencies/$RECEIVER_CODE/inbox"
receiver "$NODE$inbox?pageSize=500" | jq -c '.items[] | {item, subject: .document.subject}'
item=$(receiver "$NODE$inbox?pageSize=500" |
    jq -r --arg id "$exchange" '.items[] | select(.document.exchangeId == $id) | .item')
receiver "$NODE$inbox?after=9999999&waitSeconds=2" -w '%{stderr}%{time_total} s\n' | jq -c .

say "6. Sự kiện đẩy (server-sent events), ngắt sau 2 giây (cut after 2 s)"
receiver -N --max-time 2 -H "Last-Event-ID: $((item - 1))" "$NODE$inbox/watch" 2>/dev/null | cut -c1-120 || true

say "7. Giữ mục, tải tệp từng phần (lease, then fetch with Range)"
lease=$(post receiver "$inbox/$item/lease" '{"seconds": 120}' | jq -r .lease)
url="$NODE/v1/documents/$exchange/attachments/0"
receiver -r 0-9 -o "$work/got" -w 'HTTP %{http_code}\n' "$url"
receiver -C - -o "$work/got" -w 'HTTP %{http_code}\n' "$url"
[ "$(sha256sum "$work/got" | cut -d' ' -f1)" = "$sha256" ] && echo "SHA-256 khớp (matches)"
receiver -sI "$url" | grep -iE '^(etag|repr-digest|content-type|content-disposition)'
receiver -o "$work/received.edxml" -w 'gói tin (packet): HTTP %{http_code}, %{size_download} byte\n' \
    "$NODE/v1/documents/$exchange/packet"

say "8. Xác nhận đã lấy (confirm)"
post receiver "$inbox/$item/confirm" "{\"lease\": \"$lease\"}" | jq -c '.receipt.payload | @base64d | fromjson | {event}'

say "9. Báo trạng thái 3, tiếp nhận (report status 3)"
post receiver "/v1/agencies/$RECEIVER_CODE/statuses" \
    "{\"exchangeId\": \"$exchange\", \"statusCode\": 3, \"staff\": \"Nguyễn Văn A\"}" | jq -c '.acceptance | {exchangeId}'

say "10. Theo dõi (track)"
sender "$NODE/v1/documents/$exchange/tracking" |
    jq -c '.recipients[] | {code, state, events: [.events[] | .event + " " + (.statusCode // "" | tostring)]}'

say "11. Lỗi: problem+json (a refusal)"
post receiver "/v1/agencies/$SENDER_CODE/statuses" "{\"exchangeId\": \"$exchange\", \"statusCode\": 3}" |
    jq '{status, code, title, detail, action, retryable, requestId}'
