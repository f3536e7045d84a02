/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as each of the plain blobs and as a signature; what is decoded is encoded as it was. A group key is
 * also checked, points and all. */
#include <stdlib.h>
#include <string.h>

#include <quotary/epid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUND_TRIP(name, type, blob_size)                                  \
  do {                                                                     \
    type value;                                                            \
    uint8_t out[blob_size];                                                \
    if (qy_epid_##name##_decode(&value, in, NULL) == QY_OK) {              \
      qy_epid_##name##_encode(out, &value);                                \
      if (in.size != sizeof(out) || memcmp(out, in.bytes, in.size) != 0) { \
        abort();                                                           \
      }                                                                    \
    }                                                                      \
  } while (0)

static void signature(qy_view in)
{
  qy_epid_signature value;
  if (qy_epid_signature_decode(&value, in, NULL) != QY_OK) {
    return;
  }
  uint8_t *out = malloc(in.size);
  if (out == NULL) {
    return;
  }
  if (qy_epid_signature_encode(out, in.size, &value, NULL) != QY_OK || memcmp(out, in.bytes, in.size) != 0 ||
      !qy_epid_signatures_linked(in, qy_view_over(out, in.size))) {
    abort();
  }
  free(out);
}

static void group_key(qy_view in)
{
  qy_epid_group_key key;
  if (qy_epid_group_key_decode(&key, in, NULL) == QY_OK) {
    (void)!qy_epid_group_key_check(&key, NULL, NULL);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const qy_view in = {data, size};
  ROUND_TRIP(group_key, qy_epid_group_key, QY_EPID_GROUP_KEY_SIZE);
  ROUND_TRIP(issuing_key, qy_epid_issuing_key, QY_EPID_ISSUING_KEY_SIZE);
  ROUND_TRIP(member_key, qy_epid_member_key, QY_EPID_MEMBER_KEY_SIZE);
  ROUND_TRIP(compressed_key, qy_epid_compressed_key, QY_EPID_COMPRESSED_KEY_SIZE);
  ROUND_TRIP(credential, qy_epid_credential, QY_EPID_CREDENTIAL_SIZE);
  ROUND_TRIP(join_request, qy_epid_join_request, QY_EPID_JOIN_REQUEST_SIZE);
  ROUND_TRIP(split_join_request, qy_epid_split_join_request, QY_EPID_SPLIT_JOIN_REQUEST_SIZE);
  signature(in);
  group_key(in);
  return 0;
}
