#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# EPID from the command line: the life of a group, and Intel's own files in both directions.
load common

setup_file() {
  export life=$BATS_FILE_TMPDIR/life
  mkdir "$life"
  cd "$life"
  epid group create --gid auto --hash sha384 --out g >"$life/created"
  printf 'a letter' >letter
  printf 'another letter' >other
  printf shop >shop
  printf bank >bank
  for member in 0 1 2; do
    epid member issue "${issuer[@]}" --out "m$member" >/dev/null
  done
  for member in 0 1; do
    epid sign "${group[@]}" --key "m$member" --message letter --out "letter-$member" >/dev/null
    epid sign "${group[@]}" --key "m$member" --message letter --basename shop --out "shop-$member" >/dev/null
  done
  epid sign "${group[@]}" --key m0 --message other --basename shop --out shop-0-other >/dev/null
  epid sign "${group[@]}" --key m0 --message letter --basename bank --out bank-0 >/dev/null
}

setup() {
  cd "$life"
  here=$BATS_TEST_TMPDIR
}

group=(--group g/pubkey.bin --ca g/cacert.bin)
plain=(--group g/pubkey.dat)
issuer=("${group[@]}" --issuing-key g/iprivkey.dat)
keeper=(--ca g/cacert.bin --ca-key g/issuingca-priv.dat)
intel=$vectors/epid

epid() { "$quotary" epid "$@"; }

# secret_copy FILE: of Intel's private files there are only copies that all may read; this is one that is private.
secret_copy() { install -m 600 "$1" "$here/$(basename "$1").$RANDOM" && ls -t "$here"/"$(basename "$1")".* | head -n 1; }

# expect EXIT WORD...: how the last run ended, and words of its output.
expect() {
  [ "$status" -eq "$1" ] || { echo "exit $status, not $1: $output"; return 1; }
  shift
  local word
  for word; do
    [[ $output == *"$word"* ]] || { echo "no \"$word\" in: $output"; return 1; }
  done
}

json() { jq -e "$1" <<<"$output" >/dev/null || { echo "$1: $output"; return 1; }; }

# ---- The life of a group ----

@test "a group: secrets are 0600, its id names its hash, and nothing is overwritten" {
  [ "$(stat -c %a g/iprivkey.dat g/issuingca-priv.dat | sort -u)" = 600 ]
  [ "$(stat -c %s g/iprivkey.dat g/pubkey.dat g/pubkey.bin g/cacert.bin | xargs)" = "48 272 340 324" ]
  grep -q "SHA-384" created
  lacks "$(xxd -p -s 16 -c 64 g/iprivkey.dat)" created
  run epid group create --out g
  expect 3 "g has a CA already"
  run epid group create --ca g/cacert.bin --ca-key g/issuingca-priv.dat --out g
  expect 3 "g/iprivkey.dat is there already"
}

@test "a group under a CA that is there, with an id of one's own; a foreign CA key is refused" {
  epid group ca --out "$here/ca"
  run epid group create --gid 00020000000000000000000000000b3f --ca "$here/ca/cacert.bin" \
    --ca-key "$here/ca/issuingca-priv.dat" --out "$here/g"
  expect 0 00020000000000000000000000000b3f SHA-512
  [ ! -e "$here/g/cacert.bin" ]
  run epid group create --ca "$here/ca/cacert.bin" --ca-key g/issuingca-priv.dat --out "$here/h"
  expect 2 "not the key of the CA"
  run epid group create --gid 0002 --out "$here/h"
  expect 2 "no group id"
  run epid group create --gid 1000000000000000000000000000000f --out "$here/h"
  expect 2 schema
  run epid group create --gid 00010000000000000000000000000b3f --hash sha256 --out "$here/h"
  expect 2 "SHA-384"
  run epid group create --hash md5 --out "$here/h"
  expect 2 md5
}

@test "joining: nonce, request, certify, accept, and the key signs" {
  epid join nonce --out "$here/nonce"
  run epid join request "${group[@]}" --nonce "$here/nonce" --secret "$here/f" --out "$here/request"
  expect 0 "join certify"
  [ "$(stat -c '%a %s' "$here/f")" = "600 32" ]
  run epid join certify "${issuer[@]}" --nonce "$here/nonce" --out "$here/credential" "$here/request"
  expect 0 remove
  run epid join accept "${group[@]}" --secret "$here/f" --out "$here/key" "$here/credential"
  expect 0 joined
  [ "$(stat -c '%a %s' "$here/key")" = "600 144" ]
  [ "$(tail -c 32 "$here/key" | xxd -p)" = "$(xxd -p "$here/f")" ]
  epid sign "${group[@]}" --key "$here/key" --message letter --out "$here/sig"
  run epid verify "${group[@]}" --message letter "$here/sig"
  expect 0 valid
}

@test "joining: another nonce, a damaged request, another secret, a leaked secret are refused" {
  epid join nonce --out "$here/nonce"
  epid join nonce --out "$here/nonce2"
  epid join request "${group[@]}" --nonce "$here/nonce" --secret "$here/f" --out "$here/request"
  run epid join certify "${issuer[@]}" --nonce "$here/nonce2" --out "$here/credential" "$here/request"
  expect 1 join-proof
  [ ! -e "$here/credential" ]
  head -c 127 "$here/request" >"$here/short"
  run epid join certify "${issuer[@]}" --nonce "$here/nonce" --out "$here/credential" "$here/short"
  expect 3 "$here/short" 127
  epid join certify "${issuer[@]}" --nonce "$here/nonce" --out "$here/credential" "$here/request"
  epid join request "${group[@]}" --nonce "$here/nonce" --secret "$here/f2" --out "$here/request2"
  run epid join accept "${group[@]}" --secret "$here/f2" --out "$here/key" "$here/credential"
  expect 1 credential-equation
  [ ! -e "$here/key" ]
  epid join accept "${group[@]}" --secret "$here/f" --out "$here/key" "$here/credential"
  epid revoke key "${group[@]}" --ca-key g/issuingca-priv.dat --out "$here/privrl" "$here/key"
  run epid join certify "${issuer[@]}" --nonce "$here/nonce" --privrl "$here/privrl" --out "$here/again" "$here/request"
  expect 1 join-f-revoked
}

@test "signatures: valid for their message, group and basename, and for no other" {
  run epid verify "${group[@]}" --message letter letter-0
  expect 0 "verdict     valid" "PrivRL      not named, not looked at"
  run epid verify "${plain[@]}" --message letter letter-0
  expect 0 "plain files"
  run epid verify "${group[@]}" --message letter --basename shop shop-0
  expect 0 pseudonym
  run epid verify "${group[@]}" --message other letter-0
  expect 1 invalid epid-signature mend
  run epid verify "${group[@]}" --message letter --basename bank shop-0
  expect 1 epid-basename
  run epid verify "${group[@]}" --message letter --basename shop letter-0
  expect 1 epid-basename
  epid group create --out "$here/h"
  run epid verify --group "$here/h/pubkey.bin" --ca "$here/h/cacert.bin" --message letter letter-0
  expect 1 invalid
  run epid verify "${group[@]}" --hash sha256 --message letter letter-0
  expect 1 invalid
  run epid verify "${group[@]}" --message - letter-0 <letter
  expect 0 valid
}

@test "verify --json: verdict, result, pseudonym, lists, checks" {
  run epid verify "${group[@]}" --message letter --basename shop --json shop-0
  expect 0
  json '.verdict == "trusted" and .result == "valid" and .list == null and .hash == "SHA-384" and .signed_files'
  json '(.pseudonym | length == 128) and .lists.privrl == null and (.checks | all(.outcome == "held" or .outcome == "unconstrained"))'
  run epid verify "${group[@]}" --message other --json shop-0
  expect 1
  json '.verdict == "refused" and .result == "invalid" and .pseudonym == null'
  json '[.checks[] | select(.outcome == "failed")][0] | .id == "epid-signature" and (.remedy | length > 10)'
}

@test "link: under one basename one member's signatures link, others do not" {
  run epid link shop-0 shop-0-other
  expect 0 "linked: the same"
  run epid link shop-0 shop-1
  expect 1 "two members"
  run epid link shop-0 bank-0
  expect 1 "tells nothing"
  run epid link letter-0 letter-1 --json
  expect 1
  json '.linked == false and .same_base == false'
  run epid link shop-0 letter
  expect 3 letter "no EPID signature"
}

@test "a leaked key: its signatures are revoked by the PrivRL, others stay valid; entries of the SigRL leave" {
  epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --message letter --out "$here/sigrl" letter-0
  epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --sigrl "$here/sigrl" --message letter --out "$here/sigrl" shop-1
  run epid revoke key "${group[@]}" "${keeper[@]:2}" --out "$here/privrl" --sigrl "$here/sigrl" --sigrl-out "$here/sigrl" m0
  expect 0 "version 1, 1 key, signed; before: none" "version 3, 1 signature, signed; before: version 2, 2 signatures"
  run epid verify "${group[@]}" --message letter --privrl "$here/privrl" letter-0
  expect 1 revoked-key "it is entry 0" mend
  run epid verify "${group[@]}" --message letter --privrl "$here/privrl" --json letter-0
  json '.list == "PrivRL" and .result == "revoked-key" and .lists.privrl.version == 1'
  run epid verify "${group[@]}" --message letter --privrl "$here/privrl" letter-1
  expect 0 "version 1, 1 key"
  run epid revoke key "${group[@]}" "${keeper[@]:2}" --privrl "$here/privrl" --out "$here/privrl" m0
  expect 3 already
  run epid revoke key "${group[@]}" "${keeper[@]:2}" --out "$here/privrl" m2
  expect 3 "name it as the list that stands too (--privrl)"
  run epid revoke key "${group[@]}" "${keeper[@]:2}" --privrl "$here/privrl" --out "$here/privrl" m0 m2
  expect 0 "version 2, 2 keys"
  run epid revoke signature "${group[@]}" "${keeper[@]:2}" --privrl "$here/privrl" --message letter --out "$here/sigrl2" letter-0
  expect 3 "in the PrivRL already"
}

@test "whoever made a signature: members prove that they did not, the one who did cannot" {
  run epid revoke signature "${group[@]}" "${keeper[@]:2}" --message letter --out "$here/sigrl" letter-0
  expect 2 --no-privrl
  run epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --message other --out "$here/sigrl" letter-0
  expect 1 "nothing is revoked"
  run epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --out "$here/sigrl" letter-0
  expect 3 "needs --message"
  epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --message letter --out "$here/sigrl" letter-0
  run epid verify "${group[@]}" --message letter --sigrl "$here/sigrl" letter-1
  expect 1 sigrl-mismatch "have it sign again"
  run epid sign "${group[@]}" --key m1 --message other --sigrl "$here/sigrl" --out "$here/one"
  expect 0 "proofs     1"
  run epid verify "${group[@]}" --message other --sigrl "$here/sigrl" "$here/one"
  expect 0 "version 1, 1 signature"
  run epid sign "${group[@]}" --key m0 --message other --sigrl "$here/sigrl" --out "$here/zero"
  expect 1 "this member is revoked"
  run epid verify "${group[@]}" --message other --sigrl "$here/sigrl" "$here/zero"
  expect 1 revoked-signature
  cp "$here/sigrl" "$here/older"
  epid revoke signature "${group[@]}" "${keeper[@]:2}" --no-privrl --sigrl "$here/sigrl" --message letter --out "$here/sigrl" shop-1
  epid sign "${group[@]}" --key m2 --message other --sigrl "$here/sigrl" --out "$here/two"
  run epid verify "${group[@]}" --message other --sigrl "$here/older" "$here/two"
  expect 1 sigrl-mismatch
  run epid verify "${group[@]}" --message other --sigrl "$here/sigrl" "$here/two"
  expect 0 "version 2, 2 signatures"
  run epid verify "${group[@]}" --message other "$here/zero"
  expect 0 "SigRL       not named"
}

@test "a whole group" {
  run epid revoke group "${keeper[@]}" --out "$here/grouprl" g/pubkey.bin
  expect 0 "version 1, 1 group, signed"
  run epid verify "${group[@]}" --message letter --grouprl "$here/grouprl" letter-0
  expect 1 revoked-group
  run epid revoke group "${keeper[@]}" --out "$here/others" 00000b3f 00000000000000000000000000000b40
  expect 0 "2 groups"
  run epid verify "${group[@]}" --message letter --grouprl "$here/others" letter-0
  expect 0 valid
}

@test "a pseudonym: refused by this verifier, under its basename alone" {
  run epid revoke pseudonym "${group[@]}" --message letter --basename shop --out "$here/verifierrl" shop-0
  expect 0 "version 1, 1 pseudonym, plain"
  run epid verify "${group[@]}" --message letter --basename shop --verifierrl "$here/verifierrl" shop-0
  expect 1 revoked-verifier
  run epid verify "${group[@]}" --message letter --basename shop --verifierrl "$here/verifierrl" shop-1
  expect 0 valid
  run epid verify "${group[@]}" --message letter --basename bank --verifierrl "$here/verifierrl" bank-0
  expect 1 epid-list-basename
  run epid verify "${group[@]}" --message letter --verifierrl "$here/verifierrl" shop-0
  expect 2 --basename
  run epid revoke pseudonym "${group[@]}" --message letter --basename shop --verifierrl "$here/verifierrl" \
    --out "$here/verifierrl" shop-1
  expect 0 "version 2, 2 pseudonyms"
  run epid verify "${group[@]}" --message letter --basename shop --verifierrl "$here/verifierrl" shop-1
  expect 1 revoked-verifier "entry 1"
}

@test "plain lists for a plain group key; signed and plain do not mix" {
  run epid revoke key "${plain[@]}" --out "$here/privrl" m0
  expect 0 "1 key, plain"
  [ "$(stat -c %s "$here/privrl")" -eq 56 ]
  run epid verify "${plain[@]}" --message letter --privrl "$here/privrl" letter-0
  expect 1 revoked-key
  run epid verify "${group[@]}" --message letter --privrl "$here/privrl" letter-1
  expect 1 epid-file-signature "a plain file, and --ca asks for signed ones"
  run epid verify --group g/pubkey.bin --message letter letter-1
  expect 1 "a signed file: --ca must name"
  run epid revoke key "${group[@]}" --out "$here/privrl2" m0
  expect 2 "go together"
}

@test "requests carry to the issuer what is to be revoked" {
  run epid request key "${group[@]}" --out "$here/keys" m0 m1
  expect 0 secret
  [ "$(stat -c '%a %s' "$here/keys")" = "600 296" ]
  run epid revoke key "${plain[@]}" --out "$here/privrl" "$here/keys"
  expect 0 "version 1, 2 keys"
  epid request signature "${group[@]}" --message letter --out "$here/sig" letter-0
  run epid revoke signature "${plain[@]}" --no-privrl --out "$here/sigrl" "$here/sig"
  expect 0 "1 signature"
  run epid request signature "${group[@]}" --message other --out "$here/none" letter-0
  expect 1 "no issuer revokes for it"
  epid request group --reason 3 --out "$here/groups" 00000b3f 00000b40
  run epid revoke group --out "$here/grouprl" "$here/groups"
  expect 0 "version 1, 2 groups, plain"
  run epid show --json "$here/groups"
  json '.content == "GroupRL request" and .groups[1].reason == 3'
}

@test "member keys in bulk, compressed and as a key facility delivers: all of them sign" {
  run epid member issue "${issuer[@]}" --count 3 --compressed --facility --product 7 --key-id 00000000000000ff --svn 2 \
    --out "$here/bulk"
  expect 0 mprivkey-000003.dat
  [ "$(stat -c '%a %s' "$here"/bulk/* | sort -u)" = "600 114" ]
  run epid show --json "$here/bulk/mprivkey-000002.dat"
  json '.content == "key of a key facility" and .key == "compressed member key" and .key_id == "0000000000000100" and .product_id == 7 and .svn == 2'
  epid member issue "${issuer[@]}" --compressed --out "$here/small"
  [ "$(stat -c '%a %s' "$here/small")" = "600 80" ]
  for key in "$here/small" "$here/bulk/mprivkey-000001.dat"; do
    epid member expand "${group[@]}" --out "$here/plain" "$key"
    [ "$(stat -c '%a %s' "$here/plain")" = "600 144" ]
    for form in "$key" "$here/plain"; do
      epid sign "${group[@]}" --key "$form" --message letter --basename shop --out "$form.sig"
      run epid verify "${group[@]}" --message letter --basename shop "$form.sig"
      expect 0 valid
    done
    run epid link "$key.sig" "$here/plain.sig"
    expect 0
    rm "$here/plain" "$here/plain.sig"
  done
}

@test "the examples of the manual do what they say" {
  cd "$here"
  echo "a letter" >letter
  awk '/^\.Bd -literal/ { on = 1; next } /^\.Ed/ { on = 0 } on' "$project/docs/quotary-epid.1" | sed 's/\\e$/\\/' >examples
  [ "$(grep -c '^quotary epid' examples)" -ge 8 ]
  quotary() { # the issuer's public files get to the others
    "$quotary" "$@"
    [ "$2 $3" != "group create" ] || cp issuer/pubkey.bin issuer/cacert.bin .
  }
  source ./examples >out
  grep -q '^verdict  *valid' out
  run epid verify --group pubkey.bin --ca cacert.bin --message letter --sigrl sigrl.bin letter.sig
  expect 1 sigrl-mismatch
}

# ---- Intel's files ----

# verify_row: quotary epid verify on a row of cases.jsonl, whose columns are in variables. Intel's tool always loads a
# GroupRL: the empty one.
verify_row() {
  local args=() message=/dev/null basename=
  if [ "$section" = A ]; then
    folder=$intel
    args+=(--ca "$folder/$ca")
    grprl=${grprl:-$(dirname "$ca")/grprl_empty.bin}
    [ -z "$msg" ] || message=$folder/$msg
    [ -z "$bsn" ] || basename=$folder/$bsn
  else
    folder=$intel/sdk-testdata
    [ -z "$msg" ] || message=$folder/messages/${msg/#msg0255/msg_0_255}.bin
    [ -z "$bsn" ] || basename=$folder/messages/$bsn.bin
    [ "$hash" = "from gid" ] || args+=(--hash "$hash")
  fi
  [ -z "$basename" ] || args+=(--basename "$basename")
  [ -z "$privrl" ] || args+=(--privrl "$folder/$privrl")
  [ -z "$sigrl" ] || args+=(--sigrl "$folder/$sigrl")
  [ -z "$grprl" ] || args+=(--grouprl "$folder/$grprl")
  [ -z "$verrl" ] || args+=(--verifierrl "$folder/$verrl")
  run epid verify --json --group "$folder/$group_key" "${args[@]}" --message "$message" "$folder/$sig"
}

# expect_row RESULT: what Intel's SDK said of it, in our words: exit code, result, and the list or the check that decided.
expect_row() {
  local checks='[.checks[] | select(.outcome == "failed")][0].id'
  case $1 in
    *"(exit 0)" | *"(0)") expect 0; json '.result == "valid" and .verdict == "trusted"' ;;
    *GroupRl*) expect 1; json '.result == "revoked-group" and .list == "GroupRL"' ;;
    *PrivRl*) # with an f that is none the list itself is refused, where Intel's SDK takes everyone for revoked
      expect 1; json '(.result == "revoked-key" and .list == "PrivRL") or '"$checks"' == "epid-scalar-range"' ;;
    *SigRl*) expect 1; json '(.result == "revoked-signature" and .list == "SigRL") or '"$checks"' == "epid-point"' ;;
    *"in VerifierRl"*) expect 1; json '.result == "revoked-verifier" and .list == "VerifierRL"' ;;
    *"(exit 43)" | *"(-981)") expect 1; json '.result == "sigrl-mismatch"' ;;
    *"(exit 50)" | *"(-974)") expect 1; json '.result == "bad-signature"' ;;
    *"(exit 56)" | *"(-968)") expect 1; json "$checks"' == "epid-list-basename"' ;;
    *"(-989)") expect 2 "--basename" ;;
    *"(exit 1)" | *"(1)") expect 1; json '.result == "invalid" or '"$checks"' == "epid-file-signature"' ;;
    *) echo "what is \"$1\"?"; return 1 ;;
  esac
}

verify_section() { # SECTION LEAST
  local count=0 section sig msg bsn group_key ca privrl sigrl grprl verrl hash result
  while IFS='|' read -r section sig msg bsn group_key ca privrl sigrl grprl verrl hash result; do
    verify_row
    expect_row "$result" || { echo "$sig $msg $bsn $group_key $ca $privrl $sigrl $grprl $verrl $hash"; return 1; }
    count=$((count + 1))
  done < <(jq -r "select(.section == \"$1\")"' | [.section, .sig // .signature, .msg, .bsn, .group // ."group key", .ca,
    .privrl, .sigrl, .grprl, .verrl, .hash, .result] | map(. // "") | join("|")' "$intel/cases.jsonl")
  [ "$count" -ge "$2" ] || { echo "only $count rows"; return 1; }
}

@test "every recorded verdict of Intel's verifysig on signed files is ours" {
  need_vectors
  verify_section A 53
}

@test "every recorded verdict of Intel's SDK on plain structures is ours, or a stricter one" {
  need_vectors
  verify_section B 90
}

@test "Intel's member keys sign here, and the signatures are valid under Intel's group key and lists" {
  need_vectors
  local at=$intel/sdk-example/groupa
  args=(--group "$at/pubkey.bin" --ca "$intel/sdk-example/cacert.bin")
  key=$(secret_copy "$at/member0/mprivkey.dat")
  run epid sign "${args[@]}" --key "$at/member0/mprivkey.dat" --message letter --out "$here/none"
  expect 3 "may be read by others" 0600
  epid sign "${args[@]}" --key "$key" --message letter --basename shop --sigrl "$at/sigrl.bin" --out "$here/sig"
  run epid verify "${args[@]}" --message letter --basename shop --privrl "$at/privrl.bin" --sigrl "$at/sigrl.bin" \
    --grouprl "$intel/sdk-example/grprl.bin" "$here/sig"
  expect 0 valid
  for revoked in "privrevokedmember0 --privrl privrl.bin revoked-key" "sigrevokedmember0 --sigrl sigrl.bin revoked-signature"; do
    read -r folder option list result <<<"$revoked"
    key=$(secret_copy "$at/$folder/mprivkey.dat")
    run epid sign "${args[@]}" --key "$key" --message letter --sigrl "$at/sigrl.bin" --out "$here/$folder"
    [ "$folder" = privrevokedmember0 ] || expect 1 "this member is revoked"
    run epid verify "${args[@]}" --message letter "$option" "$at/$list" "$here/$folder"
    expect 1 "$result"
  done
}

@test "a signature under the basename links with the one that Intel's signmsg made" {
  need_vectors
  args=(--group "$intel/sdk-example/groupa/pubkey.bin" --ca "$intel/sdk-example/cacert.bin")
  key=$(secret_copy "$intel/sdk-example/groupa/member0/mprivkey.dat")
  epid sign "${args[@]}" --key "$key" --message letter --basename "$intel/fresh-sdk/bsn_A.bin" --out "$here/sig"
  run epid link "$here/sig" "$intel/fresh-sdk/a_m0_hello_bsnA_1.sig"
  expect 0
  run epid link "$here/sig" "$intel/fresh-sdk/a_m1_hello_bsnA.sig"
  expect 1 "two members"
}

@test "an issuer made outside: join, certify and revoke with its keys" {
  need_vectors
  local at=$intel/own-issuer/g256
  args=(--group "$at/pubkey.dat")
  issuing=$(secret_copy "$at/iprivkey.dat")
  f=$(secret_copy "$at/join/member_f.dat")
  run epid join accept "${args[@]}" --secret "$f" --out "$here/key" "$at/join/credential.dat"
  expect 0 joined
  run epid join certify "${args[@]}" --issuing-key "$issuing" --nonce "$at/join/issuer_nonce.dat" \
    --out "$here/credential" "$at/join/joinreq.dat"
  expect 0 certified
  run epid join accept "${args[@]}" --secret "$f" --out "$here/key2" "$here/credential"
  expect 0
  # The next lists after its own: what they revoke is refused, and Intel's layout is kept.
  ca_key=$(secret_copy "$intel/own-issuer/issuingca-priv.dat")
  signed=(--group "$at/pubkey.bin" --ca "$intel/own-issuer/cacert.bin")
  run epid revoke key "${signed[@]}" --ca-key "$ca_key" --privrl "$at/privrl.bin" --out "$here/privrl" "$(secret_copy "$at/member1/mprivkey.dat")"
  expect 0 signed
  [ "$(stat -c %s "$here/privrl")" -eq $(($(stat -c %s "$at/privrl.bin") + 32)) ]
  run epid verify "${signed[@]}" --message "$at/msg.bin" --privrl "$here/privrl" "$at/m1_bsnA_sigrl.sig"
  expect 1 revoked-key
  run epid verify "${signed[@]}" --message "$at/msg.bin" --privrl "$here/privrl" "$at/m0_bsnA_sigrl.sig"
  expect 0
}

@test "a request of a member that is split between a host and a TPM is certified" {
  need_vectors
  local at=$intel/sdk-testdata/grp_x
  issuing=$(secret_copy "$at/iprivkey.dat")
  certify() { # REQUEST
    rm -f "$here/credential"
    run epid join certify --group "$at/pubkey.dat" --issuing-key "$issuing" --hash sha256 --nonce "$at/member3/nonce.dat" \
      --out "$here/credential" "$1"
  }
  certify "$at/member3/splitjoinreq_grpx_member3_sha256_01.dat"
  expect 0 certified
  [ "$(stat -c %s "$here/credential")" -eq 112 ]
  { head -c 163 "$at/member3/splitjoinreq_grpx_member3_sha256_01.dat"; printf x; tail -c 32 "$at/member3/splitjoinreq_grpx_member3_sha256_01.dat"; } >"$here/request"
  certify "$here/request"
  expect 1 join-split-base
}

@test "precomputed pairings are Intel's, byte for byte" {
  need_vectors
  local at=$intel/own-issuer/g256
  epid precompute verifier --group "$at/pubkey.dat" --out "$here/v"
  cmp "$here/v" "$at/vprecomp.dat"
  key=$(secret_copy "$at/member0/mprivkey.dat")
  epid precompute member --group "$at/pubkey.dat" --key "$key" --out "$here/m"
  cmp "$here/m" "$at/member0/mprecomp.dat"
  [ "$(stat -c %a "$here/m")" = 600 ]
  run epid precompute verifier --group "$at/pubkey.dat" --check "$at/vprecomp.dat"
  expect 0
  run epid precompute verifier "${plain[@]}" --check "$at/vprecomp.dat"
  expect 1 epid-precomputed
}

@test "show says of every file of Intel's what it is, and tells no secret" {
  need_vectors
  shown() { epid show --json "$intel/$1" 2>/dev/null | jq -r '.content // .kind'; }
  while read -r file content; do
    [ "$(shown "$file")" = "${content//_/ }" ] || { echo "$file: $(shown "$file")"; false; }
    [ "$("$quotary" show --json "$intel/$file" | jq -r '.content // .kind')" = "${content//_/ }" ] || { echo "$file"; false; }
  done <<'LIST'
sdk-example/cacert.bin CA_certificate
sdk-example/groupa/pubkey.bin group_key
sdk-example/groupa/privrl.bin PrivRL
sdk-example/groupa/sigrl.bin SigRL
sdk-example/grprl.bin GroupRL
sdk-example/groupa/verifierrl.dat VerifierRL
sdk-example/groupa/member0/mprivkey.dat member_key
own-issuer/g256/pubkey.dat group_key
own-issuer/g256/iprivkey.dat issuing_key
own-issuer/g256/privrl.raw PrivRL
own-issuer/g256/sigrl.raw SigRL
own-issuer/g256/sigrl_empty.raw PrivRL_or_SigRL
own-issuer/g256/grprl_ok.raw GroupRL
own-issuer/g256/join/joinreq.dat join_request
own-issuer/g256/join/credential.dat membership_credential
own-issuer/g256/vprecomp.dat precomputed_pairings_of_a_verifier
own-issuer/g256/member0/mprecomp.dat precomputed_pairings_of_a_member
own-issuer/g256/m0_bsnA_sigrl.sig epid-signature
fresh-sdk/split_a_m0_hello_rnd_sigrl.sig epid-signature
sdk-testdata/grp_y/cmember9/cmpprivkey.dat compressed_member_key
sdk-testdata/grp_x/member3/splitjoinreq_grpx_member3_sha256_01.dat join_request_of_a_split_member
LIST
  run epid show "$intel/sdk-example/groupa/member0/mprivkey.dat"
  expect 0 "not shown" "may be read by others"
  f=$(tail -c 32 "$intel/sdk-example/groupa/member0/mprivkey.dat" | xxd -p -c 64)
  [[ $output != *"$f"* ]]
  run epid show "$intel/own-issuer/g256/join/issuer_nonce.dat"
  expect 3 "a nonce, a secret f or a CA's key"
}

# ---- What goes wrong ----

@test "missing, cut short, in the way, readable by others: the file is named, exit 3" {
  run epid verify "${group[@]}" --message letter /nowhere/at/all
  expect 3 /nowhere/at/all
  run epid verify --group /nowhere/at/all --message letter letter-0
  expect 3 /nowhere/at/all
  epid revoke key "${plain[@]}" --out "$here/privrl" m0
  while read -r size field begins; do
    head -c "$size" "$here/privrl" >"$here/cut"
    run epid verify "${plain[@]}" --message letter --privrl "$here/cut" letter-1
    expect 3 "$here/cut: plain PrivRL: input of $size bytes ends inside $field, which begins at byte $begins"
  done <<<"0 gid 0
15 gid 0
19 version 16
23 count 20
55 entries 24"
  { head -c 20 "$here/privrl"; printf '\xff\xff\xff\xff'; tail -c 32 "$here/privrl"; } >"$here/huge"
  run epid verify "${plain[@]}" --message letter --privrl "$here/huge" letter-1
  expect 3 "$here/huge: plain PrivRL: count at byte 20"
  run epid verify "${group[@]}" --message letter --privrl g/pubkey.bin letter-1
  expect 3 "it is a signed group key"
  cp m0 "$here/open"
  chmod 644 "$here/open"
  run epid sign "${group[@]}" --key "$here/open" --message letter --out "$here/sig"
  expect 3 "$here/open" "make it 0600"
  cp g/iprivkey.dat "$here/open"
  run epid member issue "${group[@]}" --issuing-key "$here/open" --out "$here/key"
  expect 3 "make it 0600"
  [ ! -e "$here/sig" ] && [ ! -e "$here/key" ]
  run epid sign "${group[@]}" --key m0 --message letter --out letter-0
  expect 3 "letter-0 is there already"
}

@test "a signature cut short, lengthened or damaged is not valid, and what is wrong is named" {
  head -c 359 letter-0 >"$here/cut"
  run epid verify "${group[@]}" --message letter "$here/cut"
  expect 1 bad-signature mend
  { cat letter-0; printf x; } >"$here/long"
  run epid verify "${group[@]}" --message letter "$here/long"
  expect 1 bad-signature
  { head -c 70 letter-0; printf '\xff\xff\xff\xff'; tail -c 286 letter-0; } >"$here/k"
  run epid verify "${group[@]}" --message letter "$here/k"
  expect 1 epid-point K
  { head -c 224 letter-0; printf '\xff%.0s' {1..32}; tail -c 104 letter-0; } >"$here/sx"
  run epid verify "${group[@]}" --message letter "$here/sx"
  expect 1 epid-scalar-range sx
}

@test "files of another group, another CA, an issuing key that is not the group's" {
  epid group create --out "$here/h"
  other=(--group "$here/h/pubkey.bin" --ca "$here/h/cacert.bin")
  run epid sign "${other[@]}" --key m0 --message letter --out "$here/sig"
  expect 1 credential-group
  run epid member issue "${other[@]}" --issuing-key g/iprivkey.dat --out "$here/key"
  expect 2 g/iprivkey.dat
  run epid verify --group g/pubkey.bin --ca "$here/h/cacert.bin" --message letter letter-0
  expect 1 epid-file-signature g/pubkey.bin
  epid member issue "${other[@]}" --issuing-key "$here/h/iprivkey.dat" --out "$here/key"
  epid revoke key --group "$here/h/pubkey.dat" --out "$here/privrl" "$here/key"
  run epid verify "${plain[@]}" --message letter --privrl "$here/privrl" letter-0
  expect 1 epid-list-group
  run epid revoke key "${plain[@]}" --out "$here/mixed" "$here/key"
  expect 1 credential-group
  [ ! -e "$here/sig" ] && [ ! -e "$here/mixed" ]
}

@test "standard input is read once; what is missing on the command line is said, exit 2" {
  run epid
  expect 2 "usage: quotary epid VERB"
  run epid frobnicate
  expect 2 '"frobnicate"'
  run epid sign "${group[@]}" --key m0 --message - --basename - --out "$here/sig" <letter
  expect 2 once
  for verb in "sign" "verify x" "join request" "join certify x" "join accept x" "join nonce" "group create" "group ca" \
      "member issue" "member expand x" "revoke key x" "revoke signature x" "revoke group x" "revoke pseudonym x" \
      "request key x" "request signature x" "request group x" "precompute verifier" "precompute member"; do
    run epid $verb
    expect 2 needed "quotary epid ${verb% x}"
    run epid ${verb% x} --help
    expect 0 "usage: quotary epid"
  done
}

# long_list FILE BYTES: 2^16 copies of the entry, the last bytes of a list of one, become a list of version 1.
long_list() {
  tail -c "$2" "$1" >"$here/entries"
  for _ in {1..16}; do
    cat "$here/entries" "$here/entries" >"$here/twice"
    mv "$here/twice" "$here/entries"
  done
  { head -c 16 g/pubkey.dat; printf '\0\0\0\1\0\1\0\0'; cat "$here/entries"; } >"$here/long"
}

@test "a long PrivRL, on one thread and on several" {
  epid revoke key "${plain[@]}" --out "$here/privrl" m0
  long_list "$here/privrl" 32
  for threads in 1 3; do
    run epid verify "${plain[@]}" --message letter --privrl "$here/long" --threads "$threads" --json letter-1
    expect 0
    json '.lists.privrl.entries == 65536 and .lists.privrl.took_ms <= .took_ms'
    run epid verify "${plain[@]}" --message letter --privrl "$here/long" --threads "$threads" letter-0
    expect 1 revoked-key "entry 0" "65536 keys"
  done
  run epid verify "${plain[@]}" --message letter --threads 0 letter-1
  expect 2 --threads
}

@test "an interrupt stops long work at once" {
  epid revoke signature "${plain[@]}" --no-privrl --message letter --out "$here/sigrl" letter-0
  long_list "$here/sigrl" 128
  # a shell starts what it puts in the background deaf to SIGINT
  env --default-signal=INT "$quotary" epid sign "${plain[@]}" --key m1 --message letter --sigrl "$here/long" \
    --out "$here/sig" 3>&- &
  pid=$!
  sleep 0.3
  alive "$pid"
  kill -INT "$pid"
  eventually 2 gone "$pid"
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ]
  [ ! -e "$here/sig" ]
}
