/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/runtime.h>

#include <crypto/random.h>
#include <sgx/keys.h>
#include <sgx/sealed_blob.h>

#define POLICY_OWNER (QY_KEY_POLICY_MRENCLAVE | QY_KEY_POLICY_MRSIGNER)

qy_status qy_enclave_seal(qy_buffer *out, uint16_t key_policy, qy_view aad, qy_view plain, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_report_body self;
  qy_key_request request;
  if ((key_policy & POLICY_OWNER) == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "sealing: policy %#x binds to no enclave and no signer", key_policy);
  }
  QY_TRY(qy_enclave_self(&self, why));
  QY_TRY(qy_key_request_for_sealing(&request, &self, qy_random_system(), why));
  request.key_policy = (uint16_t)((request.key_policy & ~POLICY_OWNER) | key_policy);
  QY_TRY(qy_enclave_key(&key, &request, why));
  return qy_sealed_blob_seal(out, &request, &key, plain, aad, why);
}

/* The blob says itself which key opens it. One that names neither this enclave nor its signer could have been made by
 * any enclave of the machine. */
static bool names_its_owner(const qy_key_request *request)
{
  return request->key_name == QY_KEY_SEAL && (request->key_policy & POLICY_OWNER) != 0;
}

qy_status qy_enclave_unseal(qy_buffer *plain, qy_buffer *aad, qy_view blob, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_sealed_blob sealed;
  QY_TRY(qy_sealed_blob_decode(&sealed, blob, why));
  if (!qy_check(trace, QY_CHECK_SEALED_BLOB_OWNER, names_its_owner(&sealed.key_request),
                .expected = qy_textf("sealing key of this enclave or its signer"),
                .actual = qy_textf("%s key, policy %#x", qy_key_name_text(sealed.key_request.key_name),
                                   sealed.key_request.key_policy),
                .origin = "enclave")) {
    return qy_fail(why, QY_ERR_REFUSED, "sealed blob: its key belongs to no enclave and no signer");
  }
  QY_TRY(qy_enclave_key(&key, &sealed.key_request, why));
  QY_TRY(qy_sealed_blob_open(plain, trace, &sealed, &key, why));
  qy_buffer_append(aad, sealed.clear_text.bytes, sealed.clear_text.size);
  return qy_buffer_finish(aad, "clear text of a sealed blob", why);
}
