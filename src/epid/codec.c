/* SPDX-License-Identifier: Apache-2.0 */
/* The plain blobs of EPID 2.0. Source: Intel EPID SDK 8.0.0, epid/types.h. */
#include <epid/group.h>

#include <base/secret.h>

void qy_epid_issuing_key_clear(qy_epid_issuing_key *key)
{
  qy_wipe(key, sizeof(*key));
}

void qy_epid_member_key_clear(qy_epid_member_key *key)
{
  qy_wipe(key, sizeof(*key));
}

void qy_epid_compressed_key_clear(qy_epid_compressed_key *key)
{
  qy_wipe(key, sizeof(*key));
}

void qy_epid_credential_clear(qy_epid_credential *credential)
{
  qy_wipe(credential, sizeof(*credential));
}

static qy_status finish(const qy_reader *in, const qy_epid_gid *gid, const char *what, qy_error *why)
{
  QY_TRY(qy_read_finish(in, what, why));
  return gid == NULL ? QY_OK : qy_epid_gid_check(gid, why);
}

qy_status qy_epid_group_key_decode(qy_epid_group_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->h1, sizeof(out->h1), "h1");
  qy_read_bytes(&in, out->h2, sizeof(out->h2), "h2");
  qy_read_bytes(&in, out->w, sizeof(out->w), "w");
  const qy_status status = finish(&in, &out->gid, "group key", why);
  if (status != QY_OK) {
    *out = (qy_epid_group_key){0};
  }
  return status;
}

void qy_epid_group_key_encode(uint8_t out[QY_EPID_GROUP_KEY_SIZE], const qy_epid_group_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_GROUP_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->h1, sizeof(key->h1));
  qy_write_bytes(&to, key->h2, sizeof(key->h2));
  qy_write_bytes(&to, key->w, sizeof(key->w));
}

qy_status qy_epid_issuing_key_decode(qy_epid_issuing_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->gamma, sizeof(out->gamma), "gamma");
  const qy_status status = finish(&in, &out->gid, "issuing key", why);
  if (status != QY_OK) {
    qy_epid_issuing_key_clear(out);
  }
  return status;
}

void qy_epid_issuing_key_encode(uint8_t out[QY_EPID_ISSUING_KEY_SIZE], const qy_epid_issuing_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_ISSUING_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->gamma, sizeof(key->gamma));
}

qy_status qy_epid_member_key_decode(qy_epid_member_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  qy_read_bytes(&in, out->f, sizeof(out->f), "f");
  const qy_status status = finish(&in, &out->gid, "member key", why);
  if (status != QY_OK) {
    qy_epid_member_key_clear(out);
  }
  return status;
}

void qy_epid_member_key_encode(uint8_t out[QY_EPID_MEMBER_KEY_SIZE], const qy_epid_member_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_MEMBER_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->a, sizeof(key->a));
  qy_write_bytes(&to, key->x, sizeof(key->x));
  qy_write_bytes(&to, key->f, sizeof(key->f));
}

qy_status qy_epid_compressed_key_decode(qy_epid_compressed_key *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->a_x, sizeof(out->a_x), "x of A");
  qy_read_bytes(&in, out->seed, sizeof(out->seed), "seed");
  const qy_status status = finish(&in, &out->gid, "compressed key", why);
  if (status != QY_OK) {
    qy_epid_compressed_key_clear(out);
  }
  return status;
}

void qy_epid_compressed_key_encode(uint8_t out[QY_EPID_COMPRESSED_KEY_SIZE], const qy_epid_compressed_key *key)
{
  qy_writer to = qy_writer_over(out, QY_EPID_COMPRESSED_KEY_SIZE);
  qy_write_bytes(&to, key->gid.bytes, sizeof(key->gid.bytes));
  qy_write_bytes(&to, key->a_x, sizeof(key->a_x));
  qy_write_bytes(&to, key->seed, sizeof(key->seed));
}

qy_status qy_epid_credential_decode(qy_epid_credential *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  qy_read_bytes(&in, out->gid.bytes, sizeof(out->gid.bytes), "gid");
  qy_read_bytes(&in, out->a, sizeof(out->a), "A");
  qy_read_bytes(&in, out->x, sizeof(out->x), "x");
  const qy_status status = finish(&in, &out->gid, "credential", why);
  if (status != QY_OK) {
    qy_epid_credential_clear(out);
  }
  return status;
}

void qy_epid_credential_encode(uint8_t out[QY_EPID_CREDENTIAL_SIZE], const qy_epid_credential *credential)
{
  qy_writer to = qy_writer_over(out, QY_EPID_CREDENTIAL_SIZE);
  qy_write_bytes(&to, credential->gid.bytes, sizeof(credential->gid.bytes));
  qy_write_bytes(&to, credential->a, sizeof(credential->a));
  qy_write_bytes(&to, credential->x, sizeof(credential->x));
}

static void read_join_request(qy_reader *in, qy_epid_join_request *out)
{
  qy_read_bytes(in, out->f_commitment, sizeof(out->f_commitment), "F");
  qy_read_bytes(in, out->c, sizeof(out->c), "c");
  qy_read_bytes(in, out->s, sizeof(out->s), "s");
}

static void write_join_request(qy_writer *to, const qy_epid_join_request *request)
{
  qy_write_bytes(to, request->f_commitment, sizeof(request->f_commitment));
  qy_write_bytes(to, request->c, sizeof(request->c));
  qy_write_bytes(to, request->s, sizeof(request->s));
}

qy_status qy_epid_join_request_decode(qy_epid_join_request *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  read_join_request(&in, out);
  const qy_status status = finish(&in, NULL, "join request", why);
  if (status != QY_OK) {
    *out = (qy_epid_join_request){{0}};
  }
  return status;
}

void qy_epid_join_request_encode(uint8_t out[QY_EPID_JOIN_REQUEST_SIZE], const qy_epid_join_request *request)
{
  qy_writer to = qy_writer_over(out, QY_EPID_JOIN_REQUEST_SIZE);
  write_join_request(&to, request);
}

qy_status qy_epid_split_join_request_decode(qy_epid_split_join_request *out, qy_view blob, qy_error *why)
{
  qy_reader in = qy_reader_over(blob);
  read_join_request(&in, &out->join);
  qy_read_bytes(&in, out->nonce, sizeof(out->nonce), "nonce");
  out->counter = qy_read_u32be(&in, "counter");
  qy_read_bytes(&in, out->y, sizeof(out->y), "y");
  const qy_status status = finish(&in, NULL, "split join request", why);
  if (status != QY_OK) {
    *out = (qy_epid_split_join_request){.counter = 0};
  }
  return status;
}

void qy_epid_split_join_request_encode(uint8_t out[QY_EPID_SPLIT_JOIN_REQUEST_SIZE],
                                       const qy_epid_split_join_request *request)
{
  qy_writer to = qy_writer_over(out, QY_EPID_SPLIT_JOIN_REQUEST_SIZE);
  write_join_request(&to, &request->join);
  qy_write_bytes(&to, request->nonce, sizeof(request->nonce));
  qy_write_u32be(&to, request->counter);
  qy_write_bytes(&to, request->y, sizeof(request->y));
}
