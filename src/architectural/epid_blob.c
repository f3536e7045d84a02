/* SPDX-License-Identifier: Apache-2.0 */
#include <architectural/epid_blob.h>

#include <string.h>

#include <base/cursor.h>
#include <pairing/pairing.h>

#define BLOB_TYPE_EPID 0
#define KEY_VERSION 3
#define WRAP_KEY_SIZE 256
#define PRECOMPUTATION_SIZE 1536

qy_status qy_epid_blob_facts_decode(qy_epid_blob_facts *out, qy_view clear, qy_error *why)
{
  qy_reader in = qy_reader_over(clear);
  qy_epid_blob_facts read = {0};
  uint8_t modulus[WRAP_KEY_SIZE];
  *out = read;
  if (qy_read_u8(&in, "blob type") != BLOB_TYPE_EPID) {
    qy_read_reject(&in, QY_ERR_UNSUPPORTED, "blob type", 0);
  }
  const uint8_t version = qy_read_u8(&in, "key version");
  if (in.status == QY_OK && version != KEY_VERSION) {
    qy_read_reject(&in, QY_ERR_UNSUPPORTED, "key version", 1);
  }
  qy_read_bytes(&in, read.cpu_svn, sizeof(read.cpu_svn), "CPUSVN");
  read.pve_svn = qy_read_u16le(&in, "PvE ISVSVN");
  const qy_view group = qy_read_view(&in, QY_GROUP_PUBLIC_KEY_SIZE, "group public key");
  read.quote_wrap_key.size = WRAP_KEY_SIZE;
  read.quote_wrap_key.exponent = qy_read_u32le(&in, "quote key exponent");
  qy_read_bytes(&in, modulus, sizeof(modulus), "quote key modulus");
  qy_reverse(read.quote_wrap_key.modulus, modulus, sizeof(modulus));
  qy_read_bytes(&in, read.epid_signing_key.bytes, sizeof(read.epid_signing_key.bytes), "EPID signing key");
  qy_p256_flip(read.epid_signing_key.bytes, read.epid_signing_key.bytes);
  read.xeid = qy_read_u32le(&in, "xeid");
  QY_TRY(qy_read_finish(&in, "EPID blob, clear part", why));
  QY_TRY(qy_sgx_group_key_decode(&read.group, group, why));
  read.gid = qy_sgx_gid_of(&read.group.gid);
  *out = read;
  return QY_OK;
}

qy_status qy_epid_blob_facts_encode(uint8_t out[QY_EPID_BLOB_CLEAR_SIZE], const qy_epid_blob_facts *facts,
                                    qy_error *why)
{
  uint8_t group[QY_GROUP_PUBLIC_KEY_SIZE], modulus[WRAP_KEY_SIZE], signing_key[QY_P256_PUBLIC_SIZE];
  memset(out, 0, QY_EPID_BLOB_CLEAR_SIZE);
  if (facts->quote_wrap_key.size != WRAP_KEY_SIZE) {
    return qy_fail(why, QY_ERR_ARGUMENT, "EPID blob: a quote key of %zu bytes", facts->quote_wrap_key.size);
  }
  QY_TRY(qy_sgx_group_key_encode(group, &facts->group, why));
  qy_reverse(modulus, facts->quote_wrap_key.modulus, sizeof(modulus));
  qy_p256_flip(signing_key, facts->epid_signing_key.bytes);
  qy_writer writer = qy_writer_over(out, QY_EPID_BLOB_CLEAR_SIZE);
  qy_write_u8(&writer, BLOB_TYPE_EPID);
  qy_write_u8(&writer, KEY_VERSION);
  qy_write_bytes(&writer, facts->cpu_svn, sizeof(facts->cpu_svn));
  qy_write_u16le(&writer, facts->pve_svn);
  qy_write_bytes(&writer, group, sizeof(group));
  qy_write_u32le(&writer, facts->quote_wrap_key.exponent);
  qy_write_bytes(&writer, modulus, sizeof(modulus));
  qy_write_bytes(&writer, signing_key, sizeof(signing_key));
  qy_write_u32le(&writer, facts->xeid);
  return qy_write_finish(&writer, NULL, "EPID blob, clear part", why);
}

qy_status qy_epid_blob_inspect(qy_epid_blob_facts *out, qy_view blob, qy_error *why)
{
  qy_sealed_blob sealed;
  *out = (qy_epid_blob_facts){0};
  QY_TRY(qy_sealed_blob_decode(&sealed, blob, why));
  if (sealed.ciphertext.size != QY_EPID_BLOB_SECRET_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "EPID blob: %zu sealed bytes, not %d", sealed.ciphertext.size,
                   QY_EPID_BLOB_SECRET_SIZE);
  }
  return qy_epid_blob_facts_decode(out, sealed.clear_text, why);
}

qy_status qy_epid_blob_file_decode(qy_view *blob, qy_platform_level *level, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  *blob = (qy_view){0};
  *level = (qy_platform_level){0};
  const qy_view first = qy_read_view(&in, QY_EPID_BLOB_SIZE, "blob");
  const qy_view second = qy_read_view(&in, QY_PLATFORM_LEVEL_SIZE, "platform level");
  QY_TRY(qy_read_finish(&in, "EPID blob file", why));
  QY_TRY(qy_platform_level_decode(level, second, why));
  *blob = first;
  return QY_OK;
}

/* pairing(point, lines), encoded. Constant time in the point. */
static void append_pairing(qy_writer *out, const qy_g1_affine *point, const qy_pairing_lines *lines)
{
  QY_SCOPED_G1(projective);
  qy_fq12 value;
  uint8_t encoded[QY_FQ12_SIZE];
  qy_g1_from_affine(&projective, point);
  qy_pairing_product(&value, &projective, &lines, 1);
  qy_fq12_encode(encoded, &value);
  qy_write_bytes(out, encoded, sizeof(encoded));
  qy_wipe(&value, sizeof(value));
  qy_wipe(encoded, sizeof(encoded));
}

/* e(h1,g2), e(h2,g2), e(h2,w), e(A,g2): what Intel's member keeps to sign faster. */
static qy_status append_precomputation(qy_writer *out, const qy_epid_member_key *key, const qy_epid_group_key *group,
                                       qy_error *why)
{
  qy_g1_affine h1, h2, a;
  qy_g2_affine w;
  qy_pairing_lines lines;
  const bool points = qy_g1_decode(&h1, group->h1) && qy_g1_decode(&h2, group->h2) && qy_g2_decode(&w, group->w) &&
                      qy_g1_decode(&a, key->a);
  if (!points) {
    return qy_fail(why, QY_ERR_ARGUMENT, "EPID blob: group or key hold no points");
  }
  qy_pairing_lines_init(&lines, &qy_g2_generator);
  append_pairing(out, &h1, &lines);
  append_pairing(out, &h2, &lines);
  qy_pairing_lines_init(&lines, &w);
  append_pairing(out, &h2, &lines);
  qy_pairing_lines_init(&lines, &qy_g2_generator);
  append_pairing(out, &a, &lines);
  qy_wipe(&a, sizeof(a));
  return QY_OK;
}

qy_status qy_epid_blob_secret_encode(uint8_t out[QY_EPID_BLOB_SECRET_SIZE], const qy_epid_member_key *key,
                                     const qy_epid_group_key *group, qy_error *why)
{
  memset(out, 0, QY_EPID_BLOB_SECRET_SIZE);
  if (!qy_view_equal(QY_VIEW_OF(key->gid.bytes), QY_VIEW_OF(group->gid.bytes))) {
    return qy_fail(why, QY_ERR_ARGUMENT, "EPID blob: key and group have different ids");
  }
  qy_writer writer = qy_writer_over(out, QY_EPID_BLOB_SECRET_SIZE);
  qy_write_u32be(&writer, qy_sgx_gid_of(&key->gid));
  qy_write_bytes(&writer, key->a, sizeof(key->a));
  qy_write_bytes(&writer, key->x, sizeof(key->x));
  qy_write_bytes(&writer, key->f, sizeof(key->f));
  QY_TRY(append_precomputation(&writer, key, group, why));
  return qy_write_finish(&writer, NULL, "EPID blob, secret part", why);
}

qy_status qy_epid_blob_secret_decode(qy_epid_member_key *out, qy_view secret, qy_error *why)
{
  qy_reader in = qy_reader_over(secret);
  memset(out, 0, sizeof(*out));
  const uint32_t gid = qy_read_u32be(&in, "group id");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  qy_read_bytes(&in, out->f, sizeof(out->f), "f");
  qy_read_skip(&in, PRECOMPUTATION_SIZE, "precomputation");
  const qy_status status = qy_read_finish(&in, "EPID blob, secret part", why);
  if (status != QY_OK) {
    qy_epid_member_key_clear(out);
    return status;
  }
  out->gid = qy_epid_gid_of_sgx(gid);
  return QY_OK;
}
