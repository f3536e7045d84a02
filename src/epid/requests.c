/* SPDX-License-Identifier: Apache-2.0 */
/* Files that ask an issuer to revoke, and what its key facility delivers: none is signed. Source: Intel EPID SDK 8.0.0,
 * epid/types.h and its tools. */
#include <epid/group.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <crypto/hash.h>

#define HEADER_SIZE 4

static const uint8_t privrl_header[HEADER_SIZE] = {2, 0, 0, 0x03};
static const uint8_t sigrl_header[HEADER_SIZE] = {2, 0, 0, 0x0b};
static const uint8_t grouprl_header[HEADER_SIZE] = {2, 0, 0, 0x13};

static void read_header(qy_reader *in, const uint8_t expected[HEADER_SIZE])
{
  const size_t at = in->offset;
  const qy_view header = qy_read_view(in, HEADER_SIZE, "header");
  if (header.size == HEADER_SIZE && memcmp(header.bytes, expected, HEADER_SIZE) != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, "header", at);
  }
}

static qy_status check_room(const uint8_t *out, size_t out_size, size_t needed, const char *what, qy_error *why)
{
  return out != NULL && out_size >= needed ? QY_OK : qy_fail(why, QY_ERR_SPACE, "%s: it needs %zu bytes", what, needed);
}

/* ---- Keys that leaked ---- */

qy_status qy_epid_privrl_request_decode(qy_epid_privrl_request *out, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  const size_t count = file.size / QY_EPID_PRIVRL_REQUEST_SIZE;
  *out = (qy_epid_privrl_request){.count = 0};
  if (count > QY_EPID_MAX_LIST) {
    return qy_fail(why, QY_ERR_LIMIT, "PrivRL request: %zu keys are beyond the limit", count);
  }
  do { /* an empty file is cut off in its first header */
    read_header(&in, privrl_header);
    qy_read_skip(&in, QY_EPID_MEMBER_KEY_SIZE, "member key");
  } while (in.status == QY_OK && qy_read_left(&in) > 0);
  QY_TRY(qy_read_finish(&in, "PrivRL request", why));
  *out = (qy_epid_privrl_request){.count = (uint32_t)count, .entries = file};
  return QY_OK;
}

qy_status qy_epid_privrl_request_key(qy_epid_member_key *out, const qy_epid_privrl_request *request, uint32_t index,
                                     qy_error *why)
{
  *out = (qy_epid_member_key){0};
  if (index >= request->count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "PrivRL request: key %u of %u", index, request->count);
  }
  const size_t at = (size_t)QY_EPID_PRIVRL_REQUEST_SIZE * index + HEADER_SIZE;
  return qy_epid_member_key_decode(out, qy_view_slice(request->entries, at, QY_EPID_MEMBER_KEY_SIZE), why);
}

void qy_epid_privrl_request_encode(uint8_t out[QY_EPID_PRIVRL_REQUEST_SIZE], const qy_epid_member_key *key)
{
  memcpy(out, privrl_header, HEADER_SIZE);
  qy_epid_member_key_encode(out + HEADER_SIZE, key);
}

/* ---- A bad signature ---- */

/* A signature stands between the group id and the message without a length of its own: it ends where a message of the
 * length behind it fills the file. Both forms are tried, the split one first as for signatures. */
static bool try_form(qy_epid_sigrl_request *out, qy_view rest, size_t head, size_t proof)
{
  qy_reader in = qy_reader_over(rest);
  qy_read_skip(&in, head - 4, "signature");
  const uint32_t count = qy_read_u32be(&in, "proof count");
  if (in.status != QY_OK || count > QY_MAX_SIGRL_ENTRIES) {
    return false;
  }
  qy_read_skip(&in, proof * count, "proofs");
  out->signature = qy_view_slice(rest, 0, in.offset);
  out->message = qy_read_view(&in, qy_read_u32be(&in, "message length"), "message");
  return in.status == QY_OK && qy_read_left(&in) == 0;
}

qy_status qy_epid_sigrl_request_decode(qy_epid_sigrl_request *out, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  qy_epid_sigrl_request request;
  *out = (qy_epid_sigrl_request){.gid = {{0}}};
  read_header(&in, sigrl_header);
  qy_read_bytes(&in, request.gid.bytes, sizeof(request.gid.bytes), "gid");
  QY_TRY(qy_read_so_far(&in, "SigRL request", why));
  QY_TRY(qy_epid_gid_check(&request.gid, why));
  const size_t at = in.offset;
  const qy_view rest = qy_read_rest(&in);
  if (!try_form(&request, rest, QY_EPID_SPLIT_SIGNATURE_SIZE, QY_EPID_SPLIT_PROOF_SIZE) &&
      !try_form(&request, rest, QY_EPID_SIGNATURE_SIZE, QY_EPID_PROOF_SIZE)) {
    return qy_fail(why, rest.size < QY_EPID_SIGNATURE_SIZE + 4 ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED,
                   "SigRL request: the %zu bytes from byte %zu on are no signature, message length and message",
                   rest.size, at);
  }
  *out = request;
  return QY_OK;
}

qy_status qy_epid_sigrl_request_encode(uint8_t *out, size_t out_size, size_t *size,
                                       const qy_epid_sigrl_request *request, qy_error *why)
{
  qy_epid_signature parts;
  qy_writer to = qy_writer_over(out, out_size);
  *size = HEADER_SIZE + QY_EPID_GID_SIZE + request->signature.size + 4 + request->message.size;
  if (qy_epid_signature_decode(&parts, request->signature, why) != QY_OK || request->message.size > UINT32_MAX) {
    *size = 0;
    return qy_fail_in(why, QY_ERR_ARGUMENT, "SigRL request");
  }
  QY_TRY(check_room(out, out_size, *size, "SigRL request", why));
  qy_write_bytes(&to, sigrl_header, HEADER_SIZE);
  qy_write_bytes(&to, request->gid.bytes, sizeof(request->gid.bytes));
  qy_write_view(&to, request->signature);
  qy_write_u32be(&to, (uint32_t)request->message.size);
  qy_write_view(&to, request->message);
  return qy_write_finish(&to, NULL, "SigRL request", why);
}

/* ---- Groups ---- */

qy_status qy_epid_grouprl_request_decode(qy_epid_grouprl_request *out, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  *out = (qy_epid_grouprl_request){.count = 0};
  read_header(&in, grouprl_header);
  const size_t at = in.offset;
  const uint32_t count = qy_read_u32be(&in, "count");
  if (count > QY_EPID_MAX_LIST) {
    qy_read_reject(&in, QY_ERR_LIMIT, "count", at);
    return qy_read_so_far(&in, "GroupRL request", why);
  }
  const qy_view entries = qy_read_view(&in, (size_t)QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE * count, "groups");
  QY_TRY(qy_read_finish(&in, "GroupRL request", why));
  *out = (qy_epid_grouprl_request){.count = count, .entries = entries};
  return QY_OK;
}

qy_status qy_epid_grouprl_request_group(qy_epid_gid *gid, uint8_t *reason, const qy_epid_grouprl_request *request,
                                        uint32_t index, qy_error *why)
{
  *gid = (qy_epid_gid){{0}};
  *reason = 0;
  if (index >= request->count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "GroupRL request: group %u of %u", index, request->count);
  }
  const uint8_t *entry = request->entries.bytes + (size_t)QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE * index;
  memcpy(gid->bytes, entry, sizeof(gid->bytes));
  *reason = entry[QY_EPID_GID_SIZE];
  return qy_epid_gid_check(gid, why);
}

qy_status qy_epid_grouprl_request_encode(uint8_t *out, size_t out_size, size_t *size,
                                         const qy_epid_grouprl_request *request, qy_error *why)
{
  qy_writer to = qy_writer_over(out, out_size);
  *size = 0;
  if (request->entries.size != (size_t)QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE * request->count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "GroupRL request: %zu bytes do not fit a count of %u", request->entries.size,
                   request->count);
  }
  *size = HEADER_SIZE + 4 + request->entries.size;
  QY_TRY(check_room(out, out_size, *size, "GroupRL request", why));
  qy_write_bytes(&to, grouprl_header, HEADER_SIZE);
  qy_write_u32be(&to, request->count);
  qy_write_view(&to, request->entries);
  return qy_write_finish(&to, NULL, "GroupRL request", why);
}

/* ---- What the key facility delivers ---- */

static bool is_key_size(size_t size)
{
  return size == QY_EPID_MEMBER_KEY_SIZE || size == QY_EPID_COMPRESSED_KEY_SIZE;
}

qy_status qy_epid_key_output_decode(qy_epid_key_output *out, qy_view file, qy_error *why)
{
  qy_reader in = qy_reader_over(file);
  qy_epid_key_output read = {.product_id = 0};
  uint8_t computed[20];
  const bool whole = file.size > QY_EPID_COMPRESSED_KEY_SIZE + QY_EPID_KEY_OUTPUT_OVERHEAD;
  *out = read;
  read.product_id = qy_read_u16be(&in, "product id");
  qy_read_bytes(&in, read.key_id, sizeof(read.key_id), "key id");
  read.svn = qy_read_u32be(&in, "svn");
  read.key = qy_read_view(&in, whole ? QY_EPID_MEMBER_KEY_SIZE : QY_EPID_COMPRESSED_KEY_SIZE, "key");
  const size_t at = in.offset;
  const qy_view theirs = qy_read_view(&in, sizeof(computed), "SHA-1");
  QY_TRY(qy_read_finish(&in, "key output", why));
  QY_TRY(qy_sha1_checksum(computed, qy_view_slice(file, 0, at), why));
  if (memcmp(theirs.bytes, computed, sizeof(computed)) != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "key output: the SHA-1 at byte %zu is not that of what is before it", at);
  }
  *out = read;
  return QY_OK;
}

qy_status qy_epid_key_output_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_key_output *output,
                                    qy_error *why)
{
  qy_writer to = qy_writer_over(out, out_size);
  uint8_t checksum[20];
  *size = 0;
  if (!is_key_size(output->key.size)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "key output: %zu bytes are no member key", output->key.size);
  }
  *size = output->key.size + QY_EPID_KEY_OUTPUT_OVERHEAD;
  QY_TRY(check_room(out, out_size, *size, "key output", why));
  qy_write_u16be(&to, output->product_id);
  qy_write_bytes(&to, output->key_id, sizeof(output->key_id));
  qy_write_u32be(&to, output->svn);
  qy_write_view(&to, output->key);
  QY_TRY(qy_sha1_checksum(checksum, qy_view_over(out, to.offset), why));
  qy_write_bytes(&to, checksum, sizeof(checksum));
  return qy_write_finish(&to, NULL, "key output", why);
}
