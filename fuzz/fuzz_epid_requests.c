/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a request to revoke and as what a key facility delivers; what is read is written as it was. */
#include <stdlib.h>
#include <string.h>

#include <quotary/epid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(qy_status status, const uint8_t *out, size_t out_size, qy_view in)
{
  if (status != QY_OK || out_size != in.size || memcmp(out, in.bytes, in.size) != 0) {
    abort();
  }
}

/* Every key but those of another schema; all of them written again are the file. */
static void keys(qy_view in)
{
  qy_epid_privrl_request request;
  qy_epid_member_key key;
  uint8_t out[QY_EPID_PRIVRL_REQUEST_SIZE];
  if (qy_epid_privrl_request_decode(&request, in, NULL) != QY_OK) {
    return;
  }
  if (qy_epid_privrl_request_key(&key, &request, request.count, NULL) != QY_ERR_ARGUMENT) {
    abort();
  }
  for (uint32_t i = 0; i < request.count; i++) {
    if (qy_epid_privrl_request_key(&key, &request, i, NULL) == QY_OK) {
      qy_epid_privrl_request_encode(out, &key);
      same(QY_OK, out, sizeof(out), qy_view_slice(in, sizeof(out) * i, sizeof(out)));
    }
  }
}

static void signature(qy_view in, uint8_t *out)
{
  qy_epid_sigrl_request request;
  size_t size = 0;
  if (qy_epid_sigrl_request_decode(&request, in, NULL) == QY_OK) {
    same(qy_epid_sigrl_request_encode(out, in.size, &size, &request, NULL), out, size, in);
  }
}

static void groups(qy_view in, uint8_t *out)
{
  qy_epid_grouprl_request request;
  qy_epid_gid gid;
  uint8_t reason;
  size_t size = 0;
  if (qy_epid_grouprl_request_decode(&request, in, NULL) != QY_OK) {
    return;
  }
  same(qy_epid_grouprl_request_encode(out, in.size, &size, &request, NULL), out, size, in);
  for (uint32_t i = 0; i < request.count; i++) {
    (void)!qy_epid_grouprl_request_group(&gid, &reason, &request, i, NULL);
  }
}

/* As it is, and with the check sum made anew, past which only a seed would get. */
static void key_output(qy_view in)
{
  uint8_t again[QY_EPID_MEMBER_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD];
  qy_epid_key_output made = {.product_id = 1};
  qy_epid_key_output read;
  size_t size = 0;
  (void)!qy_epid_key_output_decode(&read, in, NULL);
  made.key = qy_view_slice(in, 0, in.size % 2 == 0 ? QY_EPID_MEMBER_KEY_SIZE : QY_EPID_COMPRESSED_KEY_SIZE);
  if (made.key.size == 0) {
    return;
  }
  memcpy(made.key_id, in.bytes, sizeof(made.key_id));
  if (qy_epid_key_output_encode(again, sizeof(again), &size, &made, NULL) != QY_OK ||
      qy_epid_key_output_decode(&read, qy_view_over(again, size), NULL) != QY_OK ||
      !qy_view_equal(read.key, made.key) || memcmp(read.key_id, made.key_id, sizeof(read.key_id)) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t *out = malloc(size + 1);
  if (out == NULL) {
    return 0;
  }
  const qy_view in = {data, size};
  keys(in);
  signature(in, out);
  groups(in, out);
  key_output(in);
  free(out);
  return 0;
}
