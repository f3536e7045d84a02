/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/keys.h>

#include <string.h>

#include <base/cursor.h>
#include <crypto/hash.h>
#include <crypto/symmetric.h>

static qy_status cmac_key(qy_secret *out, const qy_secret *key, const qy_view *parts, size_t count, qy_error *why)
{
  uint8_t mac[QY_CMAC_SIZE];
  qy_secret_clear(out);
  QY_TRY(qy_cmac(mac, qy_secret_view(key), parts, count, why));
  qy_secret_set(out, mac, sizeof(mac));
  qy_wipe(mac, sizeof(mac));
  return QY_OK;
}

qy_status qy_provisioning_ek1(qy_secret *out, const qy_secret *sk, const uint8_t xid[QY_XID_SIZE], qy_error *why)
{
  const qy_view parts[] = {{xid, QY_XID_SIZE}};
  return cmac_key(out, sk, parts, 1, why);
}

qy_status qy_provisioning_ek2(qy_secret *out, const qy_secret *sk, const uint8_t xid[QY_XID_SIZE],
                              const uint8_t nonce[QY_SESSION_NONCE_SIZE], qy_error *why)
{
  const qy_view parts[] = {{xid, QY_XID_SIZE}, {nonce, QY_SESSION_NONCE_SIZE}};
  return cmac_key(out, sk, parts, 2, why);
}

/* n || e, big-endian. */
static void key_parts(qy_view parts[2], uint8_t exponent[4], const qy_rsa_public *key)
{
  qy_writer writer = qy_writer_over(exponent, 4);
  qy_write_u32be(&writer, key->exponent);
  parts[0] = qy_view_over(key->modulus, key->size);
  parts[1] = qy_view_over(exponent, 4);
}

qy_status qy_provisioning_ps_id(uint8_t out[QY_PS_ID_SIZE], const qy_rsa_public *pek, qy_error *why)
{
  uint8_t exponent[4];
  qy_view parts[2];
  key_parts(parts, exponent, pek);
  return qy_hash_parts(out, QY_SHA256, parts, 2, why);
}

qy_status qy_provisioning_pwk2(qy_secret *out, const qy_secret *provision_key, const uint8_t n2[QY_NONCE2_SIZE],
                               qy_error *why)
{
  static const uint8_t label[] = {1, 'P', 'R', 'O', 'V', '_', 'W', 'R', 'A', 'P', '_', '2', 0, 0};
  static const uint8_t bits[] = {0x00, 0x80};
  const qy_view parts[] = {QY_VIEW_OF(label), {n2, QY_NONCE2_SIZE}, QY_VIEW_OF(bits)};
  return cmac_key(out, provision_key, parts, 3, why);
}

qy_status qy_provisioning_ppid(uint8_t out[QY_PPID_SIZE], const qy_secret *provision_key, qy_error *why)
{
  static const uint8_t zeros[16];
  const qy_view parts[] = {QY_VIEW_OF(zeros)};
  return qy_cmac(out, qy_secret_view(provision_key), parts, 1, why);
}

qy_status qy_pce_signing_key(qy_secret *out, const qy_secret *provision_key, qy_error *why)
{
  /* Order of P-256 (FIPS 186-4, D.1.2.3). */
  static const uint8_t order[QY_P256_SCALAR_SIZE] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                                     0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                     0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
  static const uint8_t label[] = {'P', 'A', 'K', '_', 'K', 'E', 'Y', '_', 'D', 'E', 'R', 0x00, 0x00, 0x01, 0x40};
  QY_SCOPED_SECRET(wide); /* 48 bytes, of which 40 (0x140 bits) count */
  uint8_t scalar[QY_P256_SCALAR_SIZE];
  qy_secret_clear(out);
  wide.size = 3 * QY_CMAC_SIZE;
  for (uint8_t i = 0; i < 3; i++) {
    const uint8_t counter[1] = {(uint8_t)(i + 1)};
    const qy_view parts[] = {QY_VIEW_OF(counter), QY_VIEW_OF(label)};
    QY_TRY(qy_cmac(wide.bytes + (size_t)i * QY_CMAC_SIZE, qy_secret_view(provision_key), parts, 2, why));
  }
  QY_TRY(qy_number_reduce(scalar, qy_view_over(wide.bytes, 40), QY_VIEW_OF(order), 1, 1, why));
  qy_secret_set(out, scalar, sizeof(scalar));
  qy_wipe(scalar, sizeof(scalar));
  return QY_OK;
}

void qy_provision_key_request(qy_key_request *out, const qy_psvn *psvn)
{
  *out = (qy_key_request){.key_name = QY_KEY_PROVISION, .isv_svn = psvn->isv_svn, .misc_mask = 0xffffffffu};
  out->attribute_mask.flags = ~QY_ATTRIBUTE_MODE64BIT;
  memcpy(out->cpu_svn, psvn->cpu_svn, sizeof(out->cpu_svn));
}

void qy_escrow_key_request(qy_key_request *out, const qy_psvn *psvn)
{
  *out = (qy_key_request){.key_name = QY_KEY_PROVISION_SEAL, .isv_svn = psvn->isv_svn};
  out->attribute_mask.flags = ~QY_ATTRIBUTE_MODE64BIT;
  memcpy(out->cpu_svn, psvn->cpu_svn, sizeof(out->cpu_svn));
}

/* PROVISION is the one key into which nothing enters that only the processor knows, so that EGETKEY can be done by
 * whoever knows the root (SDM, key dependencies). */
qy_status qy_provision_key_of_root(qy_secret *out, const qy_secret *root, const qy_architectural_identity *identity,
                                   const qy_psvn *psvn, qy_error *why)
{
  QY_SCOPED_FUSES(fuses);
  qy_key_request request;
  qy_secs secs = {.attributes.flags = QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_PROVISION_KEY | QY_ATTRIBUTE_MODE64BIT,
                  .isv_prod_id = identity->isv_prod_id,
                  .isv_svn = psvn->isv_svn};
  memcpy(secs.mr_signer, identity->mr_signer, sizeof(secs.mr_signer));
  fuses.base_keys[QY_KEY_PROVISION] = *root;
  fuses.cpu_svn_count = 1;
  memcpy(fuses.cpu_svns[0], psvn->cpu_svn, sizeof(fuses.cpu_svns[0]));
  qy_provision_key_request(&request, psvn);
  return qy_sgx_key_derive(out, &fuses, psvn->cpu_svn, &secs, &request, why);
}

qy_status qy_ppid_of_root(uint8_t out[QY_PPID_SIZE], const qy_secret *root, const qy_architectural_identity *identity,
                          qy_error *why)
{
  QY_SCOPED_SECRET(key);
  const qy_psvn zero = {0};
  memset(out, 0, QY_PPID_SIZE);
  QY_TRY(qy_provision_key_of_root(&key, root, identity, &zero, why));
  return qy_provisioning_ppid(out, &key, why);
}

qy_status qy_pce_public_key_of_root(qy_p256_public *out, const qy_secret *root,
                                    const qy_architectural_identity *identity, const qy_platform_level *level,
                                    qy_error *why)
{
  QY_SCOPED_SECRET(provision_key);
  QY_SCOPED_SECRET(signing_key);
  const qy_psvn psvn = qy_platform_level_pce(level);
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_provision_key_of_root(&provision_key, root, identity, &psvn, why));
  QY_TRY(qy_pce_signing_key(&signing_key, &provision_key, why));
  return qy_p256_public_of(out, &signing_key, why);
}

qy_status qy_pce_info_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const qy_rsa_public *key, qy_error *why)
{
  static const uint8_t suite[] = {1}; /* RSA-3072 with OAEP and SHA-256 */
  uint8_t exponent[4];
  qy_view parts[3] = {QY_VIEW_OF(suite)};
  memset(out, 0, QY_REPORT_DATA_SIZE);
  key_parts(parts + 1, exponent, key);
  return qy_hash_parts(out, QY_SHA256, parts, 3, why);
}
