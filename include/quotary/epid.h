/* SPDX-License-Identifier: Apache-2.0 */
/* EPID 2.0 (Intel Enhanced Privacy ID; TCG curve BN_P256): issue, join, sign, prove, verify, revoke.
 *
 * Everything encoded is big-endian and of fixed length. A point of G1 is x(32) y(32), one of G2 x0 x1 y0 y1 (32 each),
 * the point at infinity all zeros. Scalars are 32 bytes below the group order p.
 * Pure: no files, no clock, and of globals only tables of the curve, made once and never changed. An object that is not
 * being changed may be used by several threads. What handles secrets wipes up to 128 KiB of stack below itself: give
 * threads 256 KiB.
 * Source: Intel EPID SDK 8.0.0 (formats and formulas); docs/epid.md says where this is stricter. */
#ifndef QUOTARY_EPID_H
#define QUOTARY_EPID_H

#include <quotary/check.h>
#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_EPID_GID_SIZE 16
#define QY_EPID_SCALAR_SIZE 32
#define QY_EPID_G1_SIZE 64
#define QY_EPID_G2_SIZE 128
#define QY_EPID_NONCE_SIZE 32
#define QY_EPID_GROUP_KEY_SIZE 272
#define QY_EPID_ISSUING_KEY_SIZE 48
#define QY_EPID_MEMBER_KEY_SIZE 144
#define QY_EPID_COMPRESSED_KEY_SIZE 80
#define QY_EPID_CREDENTIAL_SIZE 112
#define QY_EPID_JOIN_REQUEST_SIZE 128
#define QY_EPID_SPLIT_JOIN_REQUEST_SIZE 196
#define QY_EPID_BASIC_SIGNATURE_SIZE 352
#define QY_EPID_SIGNATURE_SIZE 360 /* without proofs */
#define QY_EPID_PROOF_SIZE 160
#define QY_EPID_SPLIT_SIGNATURE_SIZE 392 /* of a member split between a host and a TPM, without proofs */
#define QY_EPID_SPLIT_PROOF_SIZE 192
#define QY_EPID_PRIVRL_ENTRY_SIZE 32
#define QY_EPID_SIGRL_ENTRY_SIZE 128
#define QY_EPID_GROUPRL_ENTRY_SIZE 16
#define QY_EPID_VERIFIERRL_ENTRY_SIZE 64
#define QY_EPID_PSEUDONYM_SIZE 128
#define QY_EPID_PRIVRL_REQUEST_SIZE 148 /* for each key */
#define QY_EPID_GROUPRL_REQUEST_ENTRY_SIZE 17
#define QY_EPID_VERIFIER_PRECOMPUTED_SIZE 1552
#define QY_EPID_MEMBER_PRECOMPUTED_SIZE 1536
#define QY_EPID_CA_SIZE 324
#define QY_EPID_FILE_OVERHEAD 68 /* what signing adds to a body: header 4, ECDSA signature 64 */

/* ---- Groups ---- */

/* High nibble of byte 0: schema, always 0. Low nibble of byte 1: hash algorithm (0 SHA-256, 1 SHA-384, 2 SHA-512,
 * 3 SHA-512/256). The group id enters no hash: it names the group, it does not bind it. */
typedef struct qy_epid_gid {
  uint8_t bytes[QY_EPID_GID_SIZE];
} qy_epid_gid;

/* The group id that stands for a 4-byte one of SGX: zeros, then the number in big-endian. Its hash is SHA-256. */
QY_API qy_epid_gid qy_epid_gid_of_sgx(uint32_t gid);

/* One algorithm serves all hashes of a group. QY_EPID_HASH_BY_GID takes the one the group id names. */
typedef enum qy_epid_hash {
  QY_EPID_HASH_BY_GID = 0,
  QY_EPID_SHA256,
  QY_EPID_SHA384,
  QY_EPID_SHA512,
  QY_EPID_SHA512_256
} qy_epid_hash;

/* QY_ERR_UNSUPPORTED for another schema than 0 or a reserved algorithm. */
QY_API qy_status qy_epid_hash_of_gid(qy_epid_hash *out, const qy_epid_gid *gid, qy_error *why) QY_MUST_CHECK;

/* Group public key, 272 bytes: gid, h1, h2 (G1), w = g2^gamma (G2). Public. */
typedef struct qy_epid_group_key {
  qy_epid_gid gid;
  uint8_t h1[QY_EPID_G1_SIZE];
  uint8_t h2[QY_EPID_G1_SIZE];
  uint8_t w[QY_EPID_G2_SIZE];
} qy_epid_group_key;

/* Issuing private key, 48 bytes: gid, gamma. SECRET: clear it. */
typedef struct qy_epid_issuing_key {
  qy_epid_gid gid;
  uint8_t gamma[QY_EPID_SCALAR_SIZE];
} qy_epid_issuing_key;

/* Member private key, 144 bytes: gid, A, x, f with A^(x + gamma) = g1 * h1^f. SECRET, all of it: clear it. */
typedef struct qy_epid_member_key {
  qy_epid_gid gid;
  uint8_t a[QY_EPID_G1_SIZE];
  uint8_t x[QY_EPID_SCALAR_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
} qy_epid_member_key;

/* A member private key as a key facility ships it, 80 bytes: gid, the x of A, and the seed from which x and f are
 * hashed. SECRET, all of it: clear it. */
typedef struct qy_epid_compressed_key {
  qy_epid_gid gid;
  uint8_t a_x[32];
  uint8_t seed[32];
} qy_epid_compressed_key;

/* What the issuer answers to a join, 112 bytes: gid, A, x. SECRET with its f; clear it too. */
typedef struct qy_epid_credential {
  qy_epid_gid gid;
  uint8_t a[QY_EPID_G1_SIZE];
  uint8_t x[QY_EPID_SCALAR_SIZE];
} qy_epid_credential;

/* What a member sends to join, 128 bytes: F = h1^f and a proof (c, s) that it knows f. Public. */
typedef struct qy_epid_join_request {
  uint8_t f_commitment[QY_EPID_G1_SIZE];
  uint8_t c[QY_EPID_SCALAR_SIZE];
  uint8_t s[QY_EPID_SCALAR_SIZE];
} qy_epid_join_request;

/* What a member sends whose f a TPM keeps, 196 bytes: F, c and s over the base h1s, the hash of h1; the TPM's nonce;
 * and how h1s comes about: counter and y (qy_epid_split_certify() holds both against its own). Public. */
typedef struct qy_epid_split_join_request {
  qy_epid_join_request join;
  uint8_t nonce[32];
  uint32_t counter;
  uint8_t y[32];
} qy_epid_split_join_request;

QY_API void qy_epid_issuing_key_clear(qy_epid_issuing_key *key);
QY_API void qy_epid_member_key_clear(qy_epid_member_key *key);
QY_API void qy_epid_compressed_key_clear(qy_epid_compressed_key *key);
QY_API void qy_epid_credential_clear(qy_epid_credential *credential);

/* Plain blobs. Decoding checks the length (QY_ERR_TRUNCATED, QY_ERR_MALFORMED) and the group id's schema; points and
 * scalars are checked where they are used. On failure *out is zero. Each `out` of an encoder has the blob's size. */
QY_API qy_status qy_epid_group_key_decode(qy_epid_group_key *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_group_key_encode(uint8_t out[QY_EPID_GROUP_KEY_SIZE], const qy_epid_group_key *key);
QY_API qy_status qy_epid_issuing_key_decode(qy_epid_issuing_key *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_issuing_key_encode(uint8_t out[QY_EPID_ISSUING_KEY_SIZE], const qy_epid_issuing_key *key);
QY_API qy_status qy_epid_member_key_decode(qy_epid_member_key *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_member_key_encode(uint8_t out[QY_EPID_MEMBER_KEY_SIZE], const qy_epid_member_key *key);
QY_API qy_status qy_epid_compressed_key_decode(qy_epid_compressed_key *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_compressed_key_encode(uint8_t out[QY_EPID_COMPRESSED_KEY_SIZE], const qy_epid_compressed_key *key);
QY_API qy_status qy_epid_credential_decode(qy_epid_credential *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_credential_encode(uint8_t out[QY_EPID_CREDENTIAL_SIZE], const qy_epid_credential *credential);
QY_API qy_status qy_epid_join_request_decode(qy_epid_join_request *out, qy_view blob, qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_join_request_encode(uint8_t out[QY_EPID_JOIN_REQUEST_SIZE], const qy_epid_join_request *request);
QY_API qy_status qy_epid_split_join_request_decode(qy_epid_split_join_request *out, qy_view blob,
                                                   qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_split_join_request_encode(uint8_t out[QY_EPID_SPLIT_JOIN_REQUEST_SIZE],
                                              const qy_epid_split_join_request *request);

/* h1, h2 and w are points, none at infinity, and w lies in the subgroup of order p (which Intel's SDK does not ask).
 * QY_ERR_REFUSED by epid-point or epid-w-subgroup; QY_ERR_UNSUPPORTED for the group id. trace may be NULL. */
QY_API qy_status qy_epid_group_key_check(const qy_epid_group_key *key, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- Revocation lists: views, borrowed from whatever carried them ---- */

/* Lists of groups that SGX names by 4 bytes take qy_epid_gid_of_sgx() for `gid`. */
typedef struct qy_epid_privrl { /* leaked keys */
  qy_epid_gid gid;
  uint32_t version;
  uint32_t count;
  qy_view entries; /* count * 32: f */
} qy_epid_privrl;

typedef struct qy_epid_sigrl { /* signatures of members to be revoked */
  qy_epid_gid gid;
  uint32_t version;
  uint32_t count;
  qy_view entries; /* count * 128: B K */
} qy_epid_sigrl;

typedef struct qy_epid_grouprl { /* whole groups */
  uint32_t version;
  uint32_t count;
  qy_view entries; /* count * 16: gid */
} qy_epid_grouprl;

typedef struct qy_epid_verifierrl { /* pseudonyms that one verifier refuses under one basename */
  qy_epid_gid gid;
  uint8_t b[QY_EPID_G1_SIZE];
  uint32_t version;
  uint32_t count;
  qy_view entries; /* count * 64: K */
} qy_epid_verifierrl;

/* ---- Files of the issuer: plain, or signed by its CA with ECDSA P-256 over header and body ---- */

/* The CA's public key X(32) Y(32), big-endian. */
typedef struct qy_epid_ca {
  uint8_t public_key[64];
} qy_epid_ca;

typedef enum qy_epid_file_kind {
  QY_EPID_FILE_UNKNOWN = 0,
  QY_EPID_FILE_CA,        /* 324 bytes */
  QY_EPID_FILE_GROUP_KEY, /* body 272 */
  QY_EPID_FILE_PRIVRL,    /* body 24 + 32 n */
  QY_EPID_FILE_SIGRL,     /* body 24 + 128 n */
  QY_EPID_FILE_GROUPRL    /* body 8 + 16 n */
} qy_epid_file_kind;

QY_API const char *qy_epid_file_kind_name(qy_epid_file_kind kind); /* "group key", ...; never NULL */

/* A signed file taken apart, nothing of it verified: for showing what it holds. `kind` is UNKNOWN, and the views are
 * empty, when it is no signed EPID file (a plain blob does not say what it is). */
typedef struct qy_epid_file {
  qy_epid_file_kind kind;
  qy_view body;      /* a plain blob of that kind, for the decoders below; of a CA certificate all between */
  qy_view signature; /* 64 */
} qy_epid_file;
QY_API void qy_epid_file_inspect(qy_epid_file *out, qy_view file);

/* Reads a CA certificate. Its parameters must be those of P-256, and its signature must hold under `issuer`, or
 * under its own key when issuer is NULL (self-signed: pin it by other means). QY_ERR_REFUSED by epid-ca-signature.
 * trace may be NULL. On failure *out is zero. */
QY_API qy_status qy_epid_ca_decode(qy_epid_ca *out, qy_view file, const qy_epid_ca *issuer, qy_trace *trace,
                                   qy_error *why) QY_MUST_CHECK;
/* Writes a self-signed CA certificate. `private_key` is a 32-byte big-endian P-256 scalar. */
QY_API qy_status qy_epid_ca_make(uint8_t out[QY_EPID_CA_SIZE], qy_epid_ca *ca, qy_view private_key,
                                 qy_error *why) QY_MUST_CHECK;

/* Each reads one of the issuer's files. With a `ca` the file must be signed, and the signature must hold under it
 * (QY_ERR_REFUSED by epid-file-signature, also for a plain file); without one it must be plain, and the caller
 * answers for it (a signed file is then QY_ERR_REFUSED by the same check). Which it is shows from the length.
 * Sizes must fit the count exactly, and the count be at most QY_EPID_MAX_LIST (100,000 for a SigRL), else
 * QY_ERR_MALFORMED, or QY_ERR_TRUNCATED before the count. Lists borrow from `file`. Of several signed group keys in a
 * row the first is read. trace may be NULL. On failure *out is zero. */
#define QY_EPID_MAX_LIST 1000000u
QY_API qy_status qy_epid_group_key_read(qy_epid_group_key *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace,
                                        qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_privrl_read(qy_epid_privrl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace,
                                     qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_sigrl_read(qy_epid_sigrl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace,
                                    qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_grouprl_read(qy_epid_grouprl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace,
                                      qy_error *why) QY_MUST_CHECK;
/* Never signed: it is the verifier's own. */
QY_API qy_status qy_epid_verifierrl_decode(qy_epid_verifierrl *out, qy_view file, qy_error *why) QY_MUST_CHECK;

/* Each writes a plain list. `*size` becomes the bytes needed, also with QY_ERR_SPACE; out may be NULL with
 * out_size 0 to ask. QY_ERR_ARGUMENT when entries do not fit the count. `out` must not overlap the entries. */
QY_API qy_status qy_epid_privrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_privrl *list,
                                       qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_sigrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_sigrl *list,
                                      qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_grouprl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_grouprl *list,
                                        qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_verifierrl_encode(uint8_t *out, size_t out_size, size_t *size, const qy_epid_verifierrl *list,
                                           qy_error *why) QY_MUST_CHECK;

/* Wraps a plain body (group key, PrivRL, SigRL or GroupRL, of the right length) as a signed file of
 * body.size + QY_EPID_FILE_OVERHEAD bytes, which `out` holds. */
QY_API qy_status qy_epid_file_sign(uint8_t *out, size_t out_size, qy_epid_file_kind kind, qy_view body,
                                   qy_view private_key, qy_error *why) QY_MUST_CHECK;

/* ---- Requests to revoke, and what a key facility delivers: never signed ---- */

/* Member keys that leaked, 148 bytes each: header and key. SECRET as long as they have not been published. */
typedef struct qy_epid_privrl_request {
  uint32_t count;
  qy_view entries; /* borrowed; count * 148 */
} qy_epid_privrl_request;
QY_API qy_status qy_epid_privrl_request_decode(qy_epid_privrl_request *out, qy_view file, qy_error *why) QY_MUST_CHECK;
/* Key `index`, below the count (else QY_ERR_ARGUMENT); nothing of it is checked but the schema of its group id. */
QY_API qy_status qy_epid_privrl_request_key(qy_epid_member_key *out, const qy_epid_privrl_request *request,
                                            uint32_t index, qy_error *why) QY_MUST_CHECK;
/* A request for one key; several in a row are one for all. */
QY_API void qy_epid_privrl_request_encode(uint8_t out[QY_EPID_PRIVRL_REQUEST_SIZE], const qy_epid_member_key *key);

/* A signature to be revoked, and what it signs: header 4, gid 16, signature, message length 4, message. */
typedef struct qy_epid_sigrl_request {
  qy_epid_gid gid;
  qy_view signature; /* borrowed, plain or split */
  qy_view message;   /* borrowed */
} qy_epid_sigrl_request;
QY_API qy_status qy_epid_sigrl_request_decode(qy_epid_sigrl_request *out, qy_view file, qy_error *why) QY_MUST_CHECK;
/* `*size` as for the lists; QY_ERR_ARGUMENT when the signature is none by its length. */
QY_API qy_status qy_epid_sigrl_request_encode(uint8_t *out, size_t out_size, size_t *size,
                                              const qy_epid_sigrl_request *request, qy_error *why) QY_MUST_CHECK;

/* Groups to be revoked, each with a reason whose meaning is the issuer's: header 4, count 4, then gid 16 reason 1. */
typedef struct qy_epid_grouprl_request {
  uint32_t count;
  qy_view entries; /* borrowed; count * 17 */
} qy_epid_grouprl_request;
QY_API qy_status qy_epid_grouprl_request_decode(qy_epid_grouprl_request *out, qy_view file,
                                                qy_error *why) QY_MUST_CHECK;
/* Group `index`, below the count (else QY_ERR_ARGUMENT). */
QY_API qy_status qy_epid_grouprl_request_group(qy_epid_gid *gid, uint8_t *reason,
                                               const qy_epid_grouprl_request *request, uint32_t index,
                                               qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_grouprl_request_encode(uint8_t *out, size_t out_size, size_t *size,
                                                const qy_epid_grouprl_request *request, qy_error *why) QY_MUST_CHECK;

/* A key as Intel's key facility delivers it: product 2, key id 8, svn 4, the key, and SHA-1 over all before, which
 * tells damage and nothing else. 178 bytes, or 114 with a compressed key. SECRET. */
typedef struct qy_epid_key_output {
  uint16_t product_id;
  uint8_t key_id[8];
  uint32_t svn;
  qy_view key; /* borrowed; QY_EPID_MEMBER_KEY_SIZE or QY_EPID_COMPRESSED_KEY_SIZE bytes */
} qy_epid_key_output;
#define QY_EPID_KEY_OUTPUT_OVERHEAD 34
/* QY_ERR_MALFORMED also when the check sum is another. */
QY_API qy_status qy_epid_key_output_decode(qy_epid_key_output *out, qy_view file, qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_key_output_encode(uint8_t *out, size_t out_size, size_t *size,
                                           const qy_epid_key_output *output, qy_error *why) QY_MUST_CHECK;

/* ---- Issuer ---- */

/* A new group: gamma drawn from [1, p-1], h1 and h2 hashed to the curve from fresh randomness, so that nobody knows
 * how they relate. `hash` in the group id must be spoken here. */
QY_API qy_status qy_epid_group_create(qy_epid_group_key *group, qy_epid_issuing_key *key, const qy_epid_gid *gid,
                                      const qy_random *random, qy_error *why) QY_MUST_CHECK;
/* The issuing key belongs to the group key: same gid, w = g2^gamma; else QY_ERR_ARGUMENT. */
QY_API qy_status qy_epid_issuing_key_check(const qy_epid_issuing_key *key, const qy_epid_group_key *group,
                                           qy_error *why) QY_MUST_CHECK;
/* Answers a join request that was made for `nonce`. The issuer draws the nonce, takes each only once and forgets it.
 * QY_ERR_REFUSED by epid-point, join-f-infinity, epid-scalar-range, join-proof or join-f-revoked (only with a
 * privrl; may be NULL). trace may be NULL. On failure *out is zero. */
QY_API qy_status qy_epid_certify(qy_epid_credential *out, const qy_epid_group_key *group,
                                 const qy_epid_issuing_key *key, qy_epid_hash hash, const qy_epid_join_request *request,
                                 const uint8_t nonce[QY_EPID_NONCE_SIZE], const qy_epid_privrl *privrl,
                                 const qy_random *random, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The same for a member split between a host and a TPM, whose base is h1s instead of h1. Refused also by
 * join-split-base: counter and y of the request are not those of h1s. */
QY_API qy_status qy_epid_split_certify(qy_epid_credential *out, const qy_epid_group_key *group,
                                       const qy_epid_issuing_key *key, qy_epid_hash hash,
                                       const qy_epid_split_join_request *request,
                                       const uint8_t nonce[QY_EPID_NONCE_SIZE], const qy_epid_privrl *privrl,
                                       const qy_random *random, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* A whole member key, f included, as a key facility makes them in bulk. */
QY_API qy_status qy_epid_member_key_issue(qy_epid_member_key *out, const qy_epid_group_key *group,
                                          const qy_epid_issuing_key *key, const qy_random *random,
                                          qy_error *why) QY_MUST_CHECK;
/* The same as a compressed key, of which `whole` (may be NULL) becomes the long form. A whole key that was not made
 * so has no compressed form: its x and f come from no seed. */
QY_API qy_status qy_epid_compressed_key_issue(qy_epid_compressed_key *out, qy_epid_member_key *whole,
                                              const qy_epid_group_key *group, const qy_epid_issuing_key *key,
                                              const qy_random *random, qy_error *why) QY_MUST_CHECK;

/* Revocation: each writes the plain list that follows `old` (version and count one more) into `out`; `*size` as for
 * the encoders. An old list of version 0 and count 0 begins one. QY_ERR_EXISTS when the entry is there already,
 * QY_ERR_LIMIT when the version or the count cannot grow. `out` must not overlap the old entries. */
QY_API qy_status qy_epid_privrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_privrl *old,
                                       const uint8_t f[QY_EPID_SCALAR_SIZE], qy_error *why) QY_MUST_CHECK;
/* Takes B and K of a signature that the caller has verified, and only after the PrivRL was tried: QY_ERR_EXISTS also
 * when its key is there, for a SigRL entry costs every signer and verifier a proof. privrl is NULL when the group has
 * none yet. */
QY_API qy_status qy_epid_sigrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_sigrl *old,
                                      qy_view signature, const qy_epid_privrl *privrl, qy_error *why) QY_MUST_CHECK;
/* What a revoked key signed needs no entry any more: the list without the `*dropped` entries that keys of the PrivRL
 * made, its version one more. QY_ERR_NOT_FOUND when there are none: the list stays as it is. `out` needs room for the
 * old list; *size becomes what was written. One power for each entry and key. */
QY_API qy_status qy_epid_sigrl_prune(uint8_t *out, size_t out_size, size_t *size, uint32_t *dropped,
                                     const qy_epid_sigrl *old, const qy_epid_privrl *privrl,
                                     qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_grouprl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_grouprl *old,
                                        const qy_epid_gid *gid, qy_error *why) QY_MUST_CHECK;
/* The signature's B must be the list's (QY_ERR_ARGUMENT), or old->count 0, and then it becomes the list's. */
QY_API qy_status qy_epid_verifierrl_revoke(uint8_t *out, size_t out_size, size_t *size, const qy_epid_verifierrl *old,
                                           qy_view signature, qy_error *why) QY_MUST_CHECK;

/* ---- Member ---- */

/* A secret f, uniform in [1, p-1]. SECRET: wipe it. */
QY_API qy_status qy_epid_secret_draw(uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random,
                                     qy_error *why) QY_MUST_CHECK;
/* The request for the issuer's nonce. f is the caller's (QY_ERR_ARGUMENT unless in [1, p-1]), so that it may be kept
 * in escrow. Constant time in f. */
QY_API qy_status qy_epid_join_request_make(qy_epid_join_request *out, const qy_epid_group_key *group, qy_epid_hash hash,
                                           const uint8_t nonce[QY_EPID_NONCE_SIZE],
                                           const uint8_t f[QY_EPID_SCALAR_SIZE], const qy_random *random,
                                           qy_error *why) QY_MUST_CHECK;
/* Joins credential and secret to a member key, after checking that the group did issue it: QY_ERR_REFUSED by
 * credential-group (another gid), epid-point, epid-scalar-range or credential-equation. Two pairings.
 * trace may be NULL. On failure *out is zero. */
QY_API qy_status qy_epid_credential_accept(qy_epid_member_key *out, const qy_epid_group_key *group,
                                           const qy_epid_credential *credential, const uint8_t f[QY_EPID_SCALAR_SIZE],
                                           qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* Whether the group issued the key: checks group and key as qy_epid_credential_accept() does. */
QY_API qy_status qy_epid_member_key_check(const qy_epid_member_key *key, const qy_epid_group_key *group,
                                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The long form of a compressed key, with the same checks; of the two points over a_x it takes the one that the group
 * signed. epid-point also when there is none over a_x. Constant time in the key. On failure *out is zero. */
QY_API qy_status qy_epid_member_key_decompress(qy_epid_member_key *out, const qy_epid_group_key *group,
                                               const qy_epid_compressed_key *key, qy_trace *trace,
                                               qy_error *why) QY_MUST_CHECK;

/* How long lists are worked through. All zeros: by the calling thread alone, without reports. */
#define QY_EPID_MAX_THREADS 64
typedef struct qy_epid_work {
  unsigned threads; /* at most this many, the calling one included; 0 counts as 1. None outlives a call. */
  /* Called by the calling thread before a list ("PrivRL", "SigRL") is begun, every few milliseconds while it is worked
   * through, and at its end, with how many of its entries are done; false ends the call with QY_ERR_INTERRUPTED. May be
   * NULL. Not called for lists of a few entries' work, like GroupRL and VerifierRL. */
  bool (*goes_on)(void *context, const char *list, uint32_t done, uint32_t count);
  void *context;
} qy_epid_work;

/* A member made ready to sign: holds the key, and tables of it and of the group (about 150 KiB), in memory that is
 * wiped when freed. */
typedef struct qy_epid_member qy_epid_member;

/* Checks group and key as qy_epid_credential_accept() does. */
QY_API qy_status qy_epid_member_new(qy_epid_member **out, const qy_epid_group_key *group, const qy_epid_member_key *key,
                                    qy_epid_hash hash, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Safe on NULL and on a pointer to NULL. */
QY_API void qy_epid_member_free(qy_epid_member **member);
/* How proofs over a SigRL are made. NULL: as at first, by one thread. */
QY_API void qy_epid_member_set_work(qy_epid_member *member, const qy_epid_work *work);

/* A name that this member may sign under; QY_ERR_EXISTS when it is registered already, QY_ERR_LIMIT beyond
 * QY_EPID_MAX_BASENAMES. What is kept is its SHA-256 and the pseudonym, so that signing under it is faster. */
#define QY_EPID_MAX_BASENAMES 1024u
QY_API qy_status qy_epid_member_register_basename(qy_epid_member *member, qy_view basename,
                                                  qy_error *why) QY_MUST_CHECK;
/* From now on it signs under no name that is not registered (epid-basename-registered). A random base is no name. */
QY_API void qy_epid_member_demand_registration(qy_epid_member *member);

/* The pairings e12 e22 e2w and e(A, g2) that Intel's member keeps in a file, 1536 bytes, equal to Intel's. SECRET.
 * Our member signs without them: to load a file is to check it. QY_ERR_TRUNCATED or QY_ERR_MALFORMED by its length,
 * QY_ERR_REFUSED by epid-precomputed unless each value is what is computed here: Intel's SDK believes the file. */
QY_API void qy_epid_member_precomputed_write(uint8_t out[QY_EPID_MEMBER_PRECOMPUTED_SIZE],
                                             const qy_epid_member *member);
QY_API qy_status qy_epid_member_precomputed_check(const qy_epid_member *member, qy_view blob, qy_trace *trace,
                                                  qy_error *why) QY_MUST_CHECK;

/* 360 + 160 * proof_count. */
QY_API size_t qy_epid_signature_size(uint32_t proof_count);

/* Signs. `signature_size` must be qy_epid_signature_size() of the list's count (0 without one), else QY_ERR_SPACE.
 * basename NULL: a random base, no two signatures link. basename set (also to an empty view): signatures of this
 * member under it link. sigrl NULL: version 0, no proofs; else one proof for each entry, in order.
 * `*own_entries` (not NULL) becomes the number of entries that this member made itself: it is then revoked, and the
 * proofs at those entries are zeros, so that every verifier with the list refuses the signature (Intel's SDK
 * reports its status 4 here).
 * QY_ERR_REFUSED by epid-list-group or epid-point for the list, or by epid-basename-registered. trace may be NULL. On
 * failure the signature is zero, and nothing that was drawn for it is left in memory.
 * Constant time in A, x, f and all that is drawn; what a list entry is found to be shows. */
QY_API qy_status qy_epid_sign(uint8_t *signature, size_t signature_size, uint32_t *own_entries,
                              const qy_epid_member *member, qy_view message, const qy_view *basename,
                              const qy_epid_sigrl *sigrl, const qy_random *random, qy_trace *trace,
                              qy_error *why) QY_MUST_CHECK;

/* Signatures made in advance, all but for the message: under one basename, or with a random base each. Each is used
 * once and wiped then. Kept in locked memory, out of core dumps, and given to no child process: after a fork the child
 * finds it empty, so that two processes can never use the same one, which would give the key away. For one thread at
 * a time. */
typedef struct qy_epid_prepared qy_epid_prepared;

/* Room for `capacity` of them (at most QY_EPID_MAX_PREPARED, else QY_ERR_LIMIT), about 400 bytes each. The member is
 * borrowed until this is freed. basename as for qy_epid_sign(), and refused as there. trace may be NULL. */
#define QY_EPID_MAX_PREPARED 65536u
QY_API qy_status qy_epid_prepared_new(qy_epid_prepared **out, const qy_epid_member *member, const qy_view *basename,
                                      size_t capacity, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* Wipes what was not used. Safe on NULL and on a pointer to NULL. */
QY_API void qy_epid_prepared_free(qy_epid_prepared **prepared);
/* Adds `count`; QY_ERR_SPACE beyond the capacity, and then adds none. Each costs as much as a signature. */
QY_API qy_status qy_epid_prepared_fill(qy_epid_prepared *prepared, size_t count, const qy_random *random,
                                       qy_error *why) QY_MUST_CHECK;
QY_API size_t qy_epid_prepared_count(const qy_epid_prepared *prepared);
/* qy_epid_sign() with one of them; QY_ERR_NOT_FOUND when there is none left. It is used up also when this fails after
 * the list was checked. `random` is for the proofs, and may be NULL without a list. */
QY_API qy_status qy_epid_sign_prepared(uint8_t *signature, size_t signature_size, uint32_t *own_entries,
                                       qy_epid_prepared *prepared, qy_view message, const qy_epid_sigrl *sigrl,
                                       const qy_random *random, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* ---- Signatures ---- */

typedef struct qy_epid_basic_signature {
  uint8_t b[QY_EPID_G1_SIZE]; /* base */
  uint8_t k[QY_EPID_G1_SIZE]; /* pseudonym B^f */
  uint8_t t[QY_EPID_G1_SIZE]; /* blinded A */
  uint8_t c[QY_EPID_SCALAR_SIZE];
  uint8_t sx[QY_EPID_SCALAR_SIZE];
  uint8_t sf[QY_EPID_SCALAR_SIZE];
  uint8_t sa[QY_EPID_SCALAR_SIZE];
  uint8_t sb[QY_EPID_SCALAR_SIZE];
} qy_epid_basic_signature;

typedef struct qy_epid_signature {
  qy_epid_basic_signature basic;
  uint32_t sigrl_version;
  uint32_t proof_count;
  qy_view proofs;    /* borrowed; proof_count * 160: T c smu snu; split: * 192, each with its nonce behind */
  bool split;        /* by a member split between a host and a TPM */
  uint8_t nonce[32]; /* of a split signature, else zeros */
} qy_epid_signature;

/* Checks lengths only; points and scalars are the verifier's affair. Whether it is a split one shows from the length:
 * 392 + 192 * proof_count is tried first, as Intel's SDK does, then 360 + 160 * proof_count. */
QY_API qy_status qy_epid_signature_decode(qy_epid_signature *out, qy_view signature, qy_error *why) QY_MUST_CHECK;
/* `out_size` must be qy_epid_signature_size(signature->proof_count), of a split one 392 + 192 * proof_count. */
QY_API qy_status qy_epid_signature_encode(uint8_t *out, size_t out_size, const qy_epid_signature *signature,
                                          qy_error *why) QY_MUST_CHECK;
/* Borrows B || K, by which a basename's signatures are told apart; an empty view of a signature that is too short.
 * It names a member only in a signature that was verified with the basename set. */
QY_API qy_view qy_epid_signature_pseudonym(qy_view signature);
/* Same B and same K: one member made both. False if either is too short. Verify both first. */
QY_API bool qy_epid_signatures_linked(qy_view a, qy_view b);

/* ---- Verifier ---- */

/* name, spelling, text */
#define QY_EPID_RESULTS(X)                                                                                     \
  X(UNDECIDED, "undecided", "no answer was reached")                                                           \
  X(VALID, "valid", "a member that is not revoked signed the message")                                         \
  X(INVALID, "invalid", "the signature does not hold")                                                         \
  X(BAD_SIGNATURE, "bad-signature", "the bytes are not a signature, or do not fit the revocation list")        \
  X(REVOKED_GROUP, "revoked-group", "the group is revoked")                                                    \
  X(REVOKED_KEY, "revoked-key", "the signer's key is revoked")                                                 \
  X(REVOKED_SIGNATURE, "revoked-signature", "the signer made a revoked signature, or did not prove otherwise") \
  X(REVOKED_VERIFIER, "revoked-verifier", "the verifier itself revoked the pseudonym")                         \
  X(SIGRL_MISMATCH, "sigrl-mismatch", "the proofs were made against another version of the revocation list")

typedef enum qy_epid_result {
#define QY_EPID_RESULT_ENUM(name, spelling, text) QY_EPID_##name,
  QY_EPID_RESULTS(QY_EPID_RESULT_ENUM)
#undef QY_EPID_RESULT_ENUM
      QY_EPID_RESULT_COUNT
} qy_epid_result;

/* "revoked-key" and one sentence; never NULL. */
QY_API const char *qy_epid_result_name(qy_epid_result result);
QY_API const char *qy_epid_result_text(qy_epid_result result);

/* A group made ready to verify: tables of about 100 KiB. Set it up by one thread, then use it from any number. */
typedef struct qy_epid_verifier qy_epid_verifier;

/* Checks the group key (qy_epid_group_key_check). The hash is the one the group id names. */
QY_API qy_status qy_epid_verifier_new(qy_epid_verifier **out, const qy_epid_group_key *group, qy_trace *trace,
                                      qy_error *why) QY_MUST_CHECK;
QY_API void qy_epid_verifier_free(qy_epid_verifier **verifier);
/* How PrivRL and SigRL are worked through. NULL: as at first, by one thread. */
QY_API void qy_epid_verifier_set_work(qy_epid_verifier *verifier, const qy_epid_work *work);
/* Before any basename is set, else QY_ERR_SEQUENCE. */
QY_API qy_status qy_epid_verifier_set_hash(qy_epid_verifier *verifier, qy_epid_hash hash, qy_error *why) QY_MUST_CHECK;
/* The basename that signatures must be made under; may be an empty view. NULL takes any base, named or random.
 * Drops the VerifierRL. The basename is not kept, only its point. */
QY_API qy_status qy_epid_verifier_set_basename(qy_epid_verifier *verifier, const qy_view *basename,
                                               qy_error *why) QY_MUST_CHECK;

/* gid and the pairings e12 e22 e2w e(g1, g2) that Intel's verifier keeps in a file, 1552 bytes, equal to Intel's. Our
 * verifier does without them: to load a file is to check it. QY_ERR_TRUNCATED or QY_ERR_MALFORMED by its length,
 * QY_ERR_REFUSED by epid-precomputed-group (gid) or epid-precomputed (a value is not what is computed here: Intel's
 * SDK believes the file). */
QY_API void qy_epid_verifier_precomputed_write(uint8_t out[QY_EPID_VERIFIER_PRECOMPUTED_SIZE],
                                               const qy_epid_verifier *verifier);
QY_API qy_status qy_epid_verifier_precomputed_check(const qy_epid_verifier *verifier, qy_view blob, qy_trace *trace,
                                                    qy_error *why) QY_MUST_CHECK;

/* Lists are borrowed until the verifier is freed or given another. QY_ERR_REFUSED by epid-list-group (gid) or
 * epid-list-version (older than the list in use), and by epid-scalar-range or epid-point when an entry is no f
 * in [0, p-1] or no points, or B is at infinity: such a list would revoke everybody or nobody.
 * The list in use stays on failure. trace may be NULL. */
QY_API qy_status qy_epid_verifier_set_privrl(qy_epid_verifier *verifier, const qy_epid_privrl *list, qy_trace *trace,
                                             qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_verifier_set_sigrl(qy_epid_verifier *verifier, const qy_epid_sigrl *list, qy_trace *trace,
                                            qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_epid_verifier_set_grouprl(qy_epid_verifier *verifier, const qy_epid_grouprl *list, qy_trace *trace,
                                              qy_error *why) QY_MUST_CHECK;
/* Needs a basename (QY_ERR_SEQUENCE); QY_ERR_REFUSED by epid-list-basename when its B is of another. */
QY_API qy_status qy_epid_verifier_set_verifierrl(qy_epid_verifier *verifier, const qy_epid_verifierrl *list,
                                                 qy_trace *trace, qy_error *why) QY_MUST_CHECK;

/* The answer about one signature. QY_OK: *result is it; otherwise *result is QY_EPID_UNDECIDED. The first check
 * that fails decides, in this order: form; points, scalars, basename, signature; group; key; SigRL version, count
 * and proofs; verifier's list. Without a SigRL the signature's list version and proofs are not looked at, and
 * nothing vouches for them. trace may be NULL. Not constant time: all of this is public.
 * Cost: two pairings' worth, one multi-exponentiation for each list entry. */
QY_API qy_status qy_epid_verify(qy_epid_result *result, const qy_epid_verifier *verifier, qy_view signature,
                                qy_view message, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
