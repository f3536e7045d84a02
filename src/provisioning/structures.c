/* SPDX-License-Identifier: Apache-2.0 */
#include <provisioning/structures.h>

#include <string.h>

#include <base/cursor.h>
#include <crypto/random.h>
#include <crypto/symmetric.h>

void qy_platform_level_encode(uint8_t out[QY_PLATFORM_LEVEL_SIZE], const qy_platform_level *level)
{
  qy_writer writer = qy_writer_over(out, QY_PLATFORM_LEVEL_SIZE);
  qy_write_bytes(&writer, level->cpu_svn, sizeof(level->cpu_svn));
  qy_write_u16le(&writer, level->pve_svn);
  qy_write_u16le(&writer, level->pce_svn);
  qy_write_u16le(&writer, level->pce_id);
  qy_write_bytes(&writer, level->fmsp, sizeof(level->fmsp));
}

qy_status qy_platform_level_decode(qy_platform_level *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_platform_level read = {0};
  *out = read;
  qy_read_bytes(&in, read.cpu_svn, sizeof(read.cpu_svn), "CPUSVN");
  read.pve_svn = qy_read_u16le(&in, "PvE ISVSVN");
  read.pce_svn = qy_read_u16le(&in, "PCE ISVSVN");
  read.pce_id = qy_read_u16le(&in, "PCE id");
  qy_read_bytes(&in, read.fmsp, sizeof(read.fmsp), "FMSP");
  QY_TRY(qy_read_finish(&in, "platform information", why));
  *out = read;
  return QY_OK;
}

bool qy_platform_level_equal(const qy_platform_level *a, const qy_platform_level *b)
{
  uint8_t left[QY_PLATFORM_LEVEL_SIZE], right[QY_PLATFORM_LEVEL_SIZE];
  qy_platform_level_encode(left, a);
  qy_platform_level_encode(right, b);
  return memcmp(left, right, sizeof(left)) == 0;
}

static qy_psvn psvn_of(const qy_platform_level *level, uint16_t isv_svn)
{
  qy_psvn psvn = {.isv_svn = isv_svn};
  memcpy(psvn.cpu_svn, level->cpu_svn, sizeof(psvn.cpu_svn));
  return psvn;
}

qy_psvn qy_platform_level_pve(const qy_platform_level *level)
{
  return psvn_of(level, level->pve_svn);
}

qy_psvn qy_platform_level_pce(const qy_platform_level *level)
{
  return psvn_of(level, level->pce_svn);
}

void qy_psvn_encode(uint8_t out[QY_PSVN_SIZE], const qy_psvn *psvn)
{
  qy_writer writer = qy_writer_over(out, QY_PSVN_SIZE);
  qy_write_bytes(&writer, psvn->cpu_svn, sizeof(psvn->cpu_svn));
  qy_write_u16le(&writer, psvn->isv_svn);
}

qy_status qy_psvn_decode(qy_psvn *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_psvn read = {0};
  *out = read;
  qy_read_bytes(&in, read.cpu_svn, sizeof(read.cpu_svn), "CPUSVN");
  read.isv_svn = qy_read_u16le(&in, "ISVSVN");
  QY_TRY(qy_read_finish(&in, "PSVN", why));
  *out = read;
  return QY_OK;
}

void qy_device_id_encode(uint8_t out[QY_DEVICE_ID_SIZE], const uint8_t *ppid, const qy_platform_level *level)
{
  const qy_psvn psvn = qy_platform_level_pve(level);
  memset(out, 0, QY_DEVICE_ID_SIZE);
  if (ppid != NULL) {
    memcpy(out, ppid, QY_PPID_SIZE);
  }
  qy_psvn_encode(out + QY_PPID_SIZE, &psvn);
  memcpy(out + QY_PPID_SIZE + QY_PSVN_SIZE, level->fmsp, QY_FMSP_SIZE);
}

/* ---- Group keys ---- */

#define GID_PREFIX_SIZE (QY_EPID_GID_SIZE - 4) /* zeros before the 4 bytes of SGX */

qy_status qy_sgx_group_key_decode(qy_epid_group_key *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_epid_group_key read = {0};
  *out = read;
  read.gid = qy_epid_gid_of_sgx(qy_read_u32be(&in, "group id"));
  qy_read_bytes(&in, read.h1, sizeof(read.h1), "h1");
  qy_read_bytes(&in, read.h2, sizeof(read.h2), "h2");
  qy_read_bytes(&in, read.w, sizeof(read.w), "w");
  QY_TRY(qy_read_finish(&in, "group public key", why));
  *out = read;
  return QY_OK;
}

qy_status qy_sgx_group_key_encode(uint8_t out[QY_GROUP_PUBLIC_KEY_SIZE], const qy_epid_group_key *key, qy_error *why)
{
  memset(out, 0, QY_GROUP_PUBLIC_KEY_SIZE);
  if (!qy_view_is_zero((qy_view){key->gid.bytes, GID_PREFIX_SIZE})) {
    return qy_fail(why, QY_ERR_ARGUMENT, "group public key: its id is no SGX group id");
  }
  qy_writer writer = qy_writer_over(out, QY_GROUP_PUBLIC_KEY_SIZE);
  qy_write_u32be(&writer, qy_sgx_gid_of(&key->gid));
  qy_write_bytes(&writer, key->h1, sizeof(key->h1));
  qy_write_bytes(&writer, key->h2, sizeof(key->h2));
  qy_write_bytes(&writer, key->w, sizeof(key->w));
  return qy_write_finish(&writer, NULL, "group public key", why);
}

uint32_t qy_sgx_gid_of(const qy_epid_gid *gid)
{
  qy_reader in = qy_reader_over(QY_VIEW_OF(gid->bytes));
  qy_read_zeros(&in, GID_PREFIX_SIZE, "group id");
  return qy_read_u32be(&in, "group id"); /* 0 after a failure */
}

/* ---- Escrow, join proof, credential ---- */

qy_status qy_escrow_seal(qy_escrow *out, const qy_secret *escrow_key, const uint8_t f[QY_EPID_SCALAR_SIZE],
                         const qy_random *random, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  QY_TRY(qy_random_fill(random, out->iv, sizeof(out->iv), why));
  return qy_gcm_seal(out->ciphertext, out->tag, qy_secret_view(escrow_key), QY_VIEW_OF(out->iv), (qy_view){0},
                     qy_view_over(f, QY_EPID_SCALAR_SIZE), why);
}

qy_status qy_escrow_open(uint8_t f[QY_EPID_SCALAR_SIZE], qy_trace *trace, const qy_escrow *escrow,
                         const qy_secret *escrow_key, qy_error *why)
{
  memset(f, 0, QY_EPID_SCALAR_SIZE);
  if (!qy_check(trace, QY_CHECK_ESCROW_VERSION, escrow->version == 0, .expected = qy_textf("0"),
                .actual = qy_textf("%u", escrow->version), .origin = "escrow")) {
    return qy_fail(why, QY_ERR_REFUSED, "escrow: version %u is not spoken here", escrow->version);
  }
  const qy_status opened = qy_gcm_open(f, qy_secret_view(escrow_key), QY_VIEW_OF(escrow->iv), (qy_view){0},
                                       QY_VIEW_OF(escrow->ciphertext), escrow->tag, why);
  if (opened != QY_OK && opened != QY_ERR_CRYPTO) {
    return opened;
  }
  if (!qy_check(trace, QY_CHECK_ESCROW_TAG, opened == QY_OK, .expected = qy_textf("a secret of this very processor"),
                .actual = qy_textf(opened == QY_OK ? "opens" : "does not open"), .origin = "key of the processor")) {
    memset(f, 0, QY_EPID_SCALAR_SIZE);
    return qy_fail(why, QY_ERR_REFUSED, "escrow: it does not open under this processor's key");
  }
  return QY_OK;
}

static void escrow_write(qy_writer *out, const qy_escrow *escrow)
{
  qy_write_u32be(out, escrow->version);
  qy_write_bytes(out, escrow->iv, sizeof(escrow->iv));
  qy_write_bytes(out, escrow->ciphertext, sizeof(escrow->ciphertext));
  qy_write_bytes(out, escrow->tag, sizeof(escrow->tag));
}

static void escrow_read(qy_escrow *escrow, qy_reader *in)
{
  escrow->version = qy_read_u32be(in, "escrow version");
  qy_read_bytes(in, escrow->iv, sizeof(escrow->iv), "escrow IV");
  qy_read_bytes(in, escrow->ciphertext, sizeof(escrow->ciphertext), "escrow ciphertext");
  qy_read_bytes(in, escrow->tag, sizeof(escrow->tag), "escrow tag");
}

qy_status qy_join_proof_decode(qy_join_proof *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  qy_join_proof read = {0};
  *out = read;
  qy_read_bytes(&in, read.request.f_commitment, sizeof(read.request.f_commitment), "F");
  qy_read_bytes(&in, read.request.c, sizeof(read.request.c), "c");
  qy_read_bytes(&in, read.request.s, sizeof(read.request.s), "s");
  escrow_read(&read.escrow, &in);
  QY_TRY(qy_read_finish(&in, "join proof", why));
  *out = read;
  return QY_OK;
}

void qy_join_proof_encode(uint8_t out[QY_JOIN_PROOF_SIZE], const qy_join_proof *proof)
{
  qy_writer writer = qy_writer_over(out, QY_JOIN_PROOF_SIZE);
  qy_write_bytes(&writer, proof->request.f_commitment, sizeof(proof->request.f_commitment));
  qy_write_bytes(&writer, proof->request.c, sizeof(proof->request.c));
  qy_write_bytes(&writer, proof->request.s, sizeof(proof->request.s));
  escrow_write(&writer, &proof->escrow);
}

qy_status qy_issued_decode(qy_issued *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  memset(out, 0, sizeof(*out));
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  escrow_read(&out->escrow, &in);
  const qy_status status = qy_read_finish(&in, "membership credential", why);
  if (status != QY_OK) {
    qy_issued_clear(out);
  }
  return status;
}

void qy_issued_encode(uint8_t out[QY_ISSUED_SIZE], const qy_issued *issued)
{
  qy_writer writer = qy_writer_over(out, QY_ISSUED_SIZE);
  qy_write_bytes(&writer, issued->x, sizeof(issued->x));
  qy_write_bytes(&writer, issued->a, sizeof(issued->a));
  escrow_write(&writer, &issued->escrow);
}

void qy_issued_clear(qy_issued *issued)
{
  qy_wipe(issued, sizeof(*issued));
}
