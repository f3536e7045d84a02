/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the keys that an endorser begins with. */
#ifndef QY_ENDORSER_KEYGEN_H
#define QY_ENDORSER_KEYGEN_H

#include <crypto/p256.h>
#include <crypto/rsa.h>

typedef struct qy_key_pair {
  qy_secret private_key;
  qy_p256_public public_key;
} qy_key_pair;

typedef struct qy_founding_keys {
  qy_rsa_private *pek;        /* 3072 */
  qy_rsa_private *ae_signer;  /* 3072, e = 3, as SIGSTRUCT demands */
  qy_rsa_private *quote_key;  /* 2048: the length is fixed by the quote's layout */
  qy_rsa_private *report_ca;  /* 2048 */
  qy_rsa_private *report_key; /* 2048 */
  qy_key_pair epid_ca;
  qy_key_pair isk;
  qy_key_pair peksk;
  qy_key_pair platform_info;
  qy_key_pair tls_ca;
  qy_key_pair tls;
} qy_founding_keys;

void qy_founding_keys_clear(qy_founding_keys *keys);
#define QY_SCOPED_FOUNDING_KEYS(name) __attribute__((cleanup(qy_founding_keys_clear))) qy_founding_keys name = {0}

/* Draws them all, the RSA keys in two threads: they are what takes the time. */
qy_status qy_founding_keys_generate(qy_founding_keys *out, qy_error *why) QY_MUST_CHECK;

#endif
