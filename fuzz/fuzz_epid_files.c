/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as each of the issuer's files, plain and signed; what is read as a plain list is written as it was. */
#include <stdlib.h>
#include <string.h>

#include <quotary/epid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(qy_status status, const uint8_t *out, size_t out_size, qy_view in)
{
  if (status != QY_OK || out_size != in.size || (in.size > 0 && memcmp(out, in.bytes, in.size) != 0)) {
    abort();
  }
}

static void plain_lists(qy_view in, uint8_t *out, size_t out_size)
{
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  qy_epid_verifierrl verifierrl;
  size_t size = 0;
  if (qy_epid_privrl_read(&privrl, in, NULL, NULL, NULL) == QY_OK) {
    same(qy_epid_privrl_encode(out, out_size, &size, &privrl, NULL), out, size, in);
  }
  if (qy_epid_sigrl_read(&sigrl, in, NULL, NULL, NULL) == QY_OK) {
    same(qy_epid_sigrl_encode(out, out_size, &size, &sigrl, NULL), out, size, in);
  }
  if (qy_epid_grouprl_read(&grouprl, in, NULL, NULL, NULL) == QY_OK) {
    same(qy_epid_grouprl_encode(out, out_size, &size, &grouprl, NULL), out, size, in);
  }
  if (qy_epid_verifierrl_decode(&verifierrl, in, NULL) == QY_OK) {
    same(qy_epid_verifierrl_encode(out, out_size, &size, &verifierrl, NULL), out, size, in);
  }
}

/* Nobody signs for a key that is no point, nor does random data for one that is. */
static void signed_forms(qy_view in)
{
  qy_epid_ca ca;
  qy_epid_group_key key;
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_epid_grouprl grouprl;
  qy_epid_file file;
  qy_epid_file_inspect(&file, in);
  if (file.kind != QY_EPID_FILE_UNKNOWN && (file.signature.size != 64 || file.body.size >= in.size)) {
    abort();
  }
  (void)!qy_epid_ca_decode(&ca, in, NULL, NULL, NULL);
  ca = (qy_epid_ca){{0}};
  if (qy_epid_group_key_read(&key, in, &ca, NULL, NULL) == QY_OK ||
      qy_epid_privrl_read(&privrl, in, &ca, NULL, NULL) == QY_OK ||
      qy_epid_sigrl_read(&sigrl, in, &ca, NULL, NULL) == QY_OK ||
      qy_epid_grouprl_read(&grouprl, in, &ca, NULL, NULL) == QY_OK) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t *out = malloc(size + 1);
  if (out == NULL) {
    return 0;
  }
  plain_lists(qy_view_over(data, size), out, size);
  signed_forms(qy_view_over(data, size));
  free(out);
  return 0;
}
