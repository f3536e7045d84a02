/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral carried to where there is no network: exports, folders, other tools' files. docs/collateral.md has the
 * form of an export. */
#ifndef QY_STORE_BUNDLE_H
#define QY_STORE_BUNDLE_H

#include <base/secret.h>
#include <crypto/p256.h>
#include <store/store.h>

#define QY_EXPORT_FINGERPRINT_SIZE 32

/* SHA-256 of the key as a SubjectPublicKeyInfo: what `openssl pkey -pubin -outform DER | sha256sum` says. */
qy_status qy_export_fingerprint(uint8_t out[QY_EXPORT_FINGERPRINT_SIZE], const qy_p256_public *key,
                                qy_error *why) QY_MUST_CHECK;

/* Appends one signed JSON object: what lasts beyond `now_s`, or with `all` every version, and the remembered PCK chains.
 * `*count` is the number of documents. */
qy_status qy_collateral_export(qy_buffer *out, size_t *count, qy_collateral_store *store, const qy_secret *private_key,
                               const qy_p256_public *public_key, bool all, int64_t now_s, qy_error *why) QY_MUST_CHECK;

typedef struct qy_collateral_imported {
  qy_collateral_kept kept;
  size_t of_other_roots; /* documents that were left out for that */
  size_t platforms_left; /* PCK chains that were left out, as nobody vouches for them */
  int64_t made_s;
  uint8_t fingerprint[QY_EXPORT_FINGERPRINT_SIZE]; /* of the key that signed */
} qy_collateral_imported;

/* Takes in an export: its signature must be right, and by the key of `fingerprint` unless that is NULL; every document is
 * verified as if it had been fetched. All of it or nothing. `root` as in qy_collateral_ask. */
qy_status qy_collateral_import(qy_collateral_imported *out, qy_collateral_store *store, qy_view text,
                               const uint8_t *fingerprint, qy_view root, const char *source, int64_t now_s,
                               qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The text begins as an export does. */
bool qy_collateral_is_export(qy_view text);

/* Appends to an empty set what JSON of the members of Intel's sgx_ql_qve_collateral_t says, as quote verification
 * libraries read and write it: issuer chains in PEM, lists in hex or PEM, documents as texts, with their signatures
 * inside them or beside. */
qy_status qy_collateral_set_from_json(qy_collateral_set *out, qy_view text, qy_error *why) QY_MUST_CHECK;

#endif
