/* SPDX-License-Identifier: Apache-2.0 */
/* EPID files that do not say what they are: told by their length, and by points and numbers being where they belong.
 * Of what is secret nothing is shown but the group. */
#include <describe/parts.h>

#include <string.h>

#include <base/cursor.h>
#include <pairing/fp.h>
#include <pairing/fq12.h>
#include <pairing/g1.h>
#include <pairing/g2.h>

static bool is_point(const uint8_t *bytes)
{
  qy_g1_affine point;
  return qy_g1_decode(&point, bytes) && !qy_g1_affine_is_infinity(&point);
}

static bool is_scalar(const uint8_t *bytes)
{
  qy_fp scalar;
  return qy_fp_decode(&scalar, bytes);
}

static bool is_gid(const qy_epid_gid *gid)
{
  qy_epid_hash hash = QY_EPID_HASH_BY_GID;
  return qy_epid_hash_of_gid(&hash, gid, NULL) == QY_OK;
}

/* Of order q^6 + 1, as values of pairings are: its conjugate is its inverse. */
static bool is_pairing(const uint8_t *bytes)
{
  qy_fq12 value;
  qy_fq12 inverse;
  qy_fq12 one;
  bool in_range = true;
  qy_fq12_set_one(&value);
  for (int i = 0; i < 6; i++) {
    qy_fq2 *at = &value.c[i / 3].c[i % 3];
    in_range = in_range && qy_fq_decode(&at->c0, bytes + 64 * i) && qy_fq_decode(&at->c1, bytes + 64 * i + 32);
  }
  if (!in_range) {
    return false;
  }
  qy_fq12_conjugate(&inverse, &value);
  qy_fq12_mul(&value, &value, &inverse);
  qy_fq12_set_one(&one);
  return qy_fq12_equal(&value, &one) != 0;
}

static bool are_pairings(const uint8_t *bytes, int count)
{
  bool all = true;
  for (int i = 0; i < count && all; i++) {
    all = is_pairing(bytes + (size_t)QY_FQ12_SIZE * i);
  }
  return all;
}

static void name(json_t *to, const char *content)
{
  json_object_set_new(to, "content", json_string(content));
}

static void keep_secret(json_t *to, const char *what)
{
  json_object_set_new(to, "secret", json_sprintf("%s, not shown", what));
}

/* ---- Keys ---- */

static bool group_key(json_t *to, qy_view bytes)
{
  qy_epid_group_key key;
  qy_g2_affine w;
  if (qy_epid_group_key_decode(&key, bytes, NULL) != QY_OK || !is_gid(&key.gid) || !is_point(key.h1) ||
      !is_point(key.h2) || !qy_g2_decode(&w, key.w)) {
    return false;
  }
  name(to, "group key");
  json_object_set_new(to, "signed", json_false());
  qy_describe_epid_group(to, &key.gid);
  qy_describe_hex(to, "h1", key.h1, sizeof(key.h1));
  qy_describe_hex(to, "h2", key.h2, sizeof(key.h2));
  qy_describe_hex(to, "w", key.w, sizeof(key.w));
  return true;
}

static bool issuing_key(json_t *to, qy_view bytes)
{
  __attribute__((cleanup(qy_epid_issuing_key_clear))) qy_epid_issuing_key key = {0};
  if (qy_epid_issuing_key_decode(&key, bytes, NULL) != QY_OK || !is_gid(&key.gid) || !is_scalar(key.gamma)) {
    return false;
  }
  name(to, "issuing key");
  qy_describe_epid_group(to, &key.gid);
  keep_secret(to, "gamma");
  return true;
}

static bool member_key(json_t *to, qy_view bytes)
{
  __attribute__((cleanup(qy_epid_member_key_clear))) qy_epid_member_key key = {0};
  if (qy_epid_member_key_decode(&key, bytes, NULL) != QY_OK || !is_gid(&key.gid) || !is_point(key.a) ||
      !is_scalar(key.x) || !is_scalar(key.f)) {
    return false;
  }
  name(to, "member key");
  qy_describe_epid_group(to, &key.gid);
  keep_secret(to, "A, x and f");
  return true;
}

/* Every second number is the x of a point; with the group id that is all there is to go by. */
static bool is_x_of_point(const uint8_t *bytes)
{
  qy_fq x;
  qy_fq right;
  qy_fq y;
  if (!qy_fq_decode(&x, bytes)) {
    return false;
  }
  qy_fq_sqr(&right, &x);
  qy_fq_mul(&right, &right, &x);
  for (int i = 0; i < 3; i++) { /* x^3 + 3 */
    qy_fq_add(&right, &right, &qy_fq_one);
  }
  return qy_fq_sqrt(&y, &right) != 0;
}

static bool compressed_key(json_t *to, qy_view bytes)
{
  __attribute__((cleanup(qy_epid_compressed_key_clear))) qy_epid_compressed_key key = {0};
  if (qy_epid_compressed_key_decode(&key, bytes, NULL) != QY_OK || !is_gid(&key.gid) || !is_x_of_point(key.a_x)) {
    return false;
  }
  name(to, "compressed member key");
  qy_describe_epid_group(to, &key.gid);
  keep_secret(to, "A and the seed of x and f");
  return true;
}

static bool key_output(json_t *to, qy_view bytes)
{
  qy_epid_key_output output;
  if (qy_epid_key_output_decode(&output, bytes, NULL) != QY_OK) {
    return false;
  }
  if (!member_key(to, output.key) && !compressed_key(to, output.key)) {
    return false;
  }
  json_object_set(to, "key", json_object_get(to, "content"));
  name(to, "key of a key facility");
  json_object_set_new(to, "product_id", json_integer(output.product_id));
  qy_describe_hex(to, "key_id", output.key_id, sizeof(output.key_id));
  json_object_set_new(to, "svn", json_integer(output.svn));
  return true;
}

/* ---- Joining ---- */

static bool is_request(const qy_epid_join_request *request)
{
  return is_point(request->f_commitment) && is_scalar(request->c) && is_scalar(request->s);
}

static bool join_request(json_t *to, qy_view bytes)
{
  qy_epid_join_request request;
  if (qy_epid_join_request_decode(&request, bytes, NULL) != QY_OK || !is_request(&request)) {
    return false;
  }
  name(to, "join request");
  qy_describe_hex(to, "F", request.f_commitment, sizeof(request.f_commitment));
  return true;
}

static bool split_join_request(json_t *to, qy_view bytes)
{
  qy_epid_split_join_request request;
  if (qy_epid_split_join_request_decode(&request, bytes, NULL) != QY_OK || !is_request(&request.join)) {
    return false;
  }
  name(to, "join request of a split member");
  qy_describe_hex(to, "F", request.join.f_commitment, sizeof(request.join.f_commitment));
  json_object_set_new(to, "counter", json_integer(request.counter));
  return true;
}

static bool credential(json_t *to, qy_view bytes)
{
  __attribute__((cleanup(qy_epid_credential_clear))) qy_epid_credential decoded = {0};
  if (qy_epid_credential_decode(&decoded, bytes, NULL) != QY_OK || !is_gid(&decoded.gid) || !is_point(decoded.a) ||
      !is_scalar(decoded.x)) {
    return false;
  }
  name(to, "membership credential");
  qy_describe_epid_group(to, &decoded.gid);
  keep_secret(to, "A and x");
  return true;
}

/* ---- Lists ---- */

static void list(json_t *to, const char *content, const qy_epid_gid *gid, uint32_t version, uint32_t count)
{
  name(to, content);
  json_object_set_new(to, "signed", json_false());
  if (gid != NULL) {
    qy_describe_epid_group(to, gid);
  }
  json_object_set_new(to, "version", json_integer(version));
  json_object_set_new(to, "entries", json_integer(count));
}

static bool privrl(json_t *to, qy_view bytes)
{
  qy_epid_privrl read;
  if (qy_epid_privrl_read(&read, bytes, NULL, NULL, NULL) != QY_OK || !is_gid(&read.gid)) {
    return false;
  }
  list(to, read.count == 0 ? "PrivRL or SigRL" : "PrivRL", &read.gid, read.version, read.count);
  return true;
}

static bool sigrl(json_t *to, qy_view bytes)
{
  qy_epid_sigrl read;
  if (qy_epid_sigrl_read(&read, bytes, NULL, NULL, NULL) != QY_OK || !is_gid(&read.gid) || read.count == 0) {
    return false;
  }
  list(to, "SigRL", &read.gid, read.version, read.count);
  return true;
}

static bool grouprl(json_t *to, qy_view bytes)
{
  qy_epid_grouprl read;
  if (qy_epid_grouprl_read(&read, bytes, NULL, NULL, NULL) != QY_OK) {
    return false;
  }
  list(to, "GroupRL", NULL, read.version, read.count);
  return true;
}

static bool verifierrl(json_t *to, qy_view bytes)
{
  qy_epid_verifierrl read;
  if (qy_epid_verifierrl_decode(&read, bytes, NULL) != QY_OK || !is_gid(&read.gid) || !is_point(read.b)) {
    return false;
  }
  list(to, "VerifierRL", &read.gid, read.version, read.count);
  qy_describe_hex(to, "B", read.b, sizeof(read.b));
  return true;
}

/* ---- Precomputed pairings ---- */

static bool verifier_precomputed(json_t *to, qy_view bytes)
{
  qy_epid_gid gid;
  if (bytes.size != QY_EPID_VERIFIER_PRECOMPUTED_SIZE || !are_pairings(bytes.bytes + sizeof(gid), 4)) {
    return false;
  }
  memcpy(gid.bytes, bytes.bytes, sizeof(gid.bytes));
  name(to, "precomputed pairings of a verifier");
  qy_describe_epid_group(to, &gid);
  return true;
}

static bool member_precomputed(json_t *to, qy_view bytes)
{
  if (bytes.size != QY_EPID_MEMBER_PRECOMPUTED_SIZE || !are_pairings(bytes.bytes, 4)) {
    return false;
  }
  name(to, "precomputed pairings of a member");
  keep_secret(to, "what tells who signs");
  return true;
}

qy_status qy_describe_epid_blob(json_t *to, qy_view bytes, qy_error *why)
{
  /* the most telling first; none adds to the tree unless it is one */
  static bool (*const readers[])(json_t * to, qy_view bytes) = {key_output,
                                                                group_key,
                                                                member_key,
                                                                verifier_precomputed,
                                                                member_precomputed,
                                                                split_join_request,
                                                                join_request,
                                                                credential,
                                                                verifierrl,
                                                                sigrl,
                                                                privrl,
                                                                grouprl,
                                                                issuing_key,
                                                                compressed_key};
  for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
    if (readers[i](to, bytes)) {
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "EPID file: %zu bytes are no key, list or request of EPID", bytes.size);
}
