/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what certificates and revocation lists have in common. */
#ifndef QY_COLLATERAL_PARTS_H
#define QY_COLLATERAL_PARTS_H

#include <collateral/der.h>
#include <quotary/collateral.h>

/* The outer form of both: what is signed, ecdsa-with-SHA256, a signature. */
typedef struct qy_der_signed {
  qy_view signed_part;
  qy_view signature_bits;
  uint8_t signature[64]; /* zeros, which verify nothing, when the bits hold no signature */
} qy_der_signed;

/* Exactly one; `what` begins the message. */
qy_status qy_der_signed_decode(qy_der_signed *out, qy_view der, const char *what, qy_error *why) QY_MUST_CHECK;
/* `*valid`: the key signed it. A key that is no point of the curve signed nothing. */
qy_status qy_der_signed_by(bool *valid, qy_view signed_part, const uint8_t signature[64], const uint8_t public_key[64],
                           qy_error *why) QY_MUST_CHECK;
/* ecdsa-with-SHA256, without parameters. */
void qy_der_expect_ecdsa_sha256(qy_reader *in, const char *field);

qy_sgx_name qy_der_name(qy_reader *in, const char *field);

/* One extension: its id's content, and its value's bytes. */
typedef struct qy_der_extension {
  qy_view id;
  bool is_critical;
  qy_view value;
} qy_der_extension;
qy_der_extension qy_der_read_extension(qy_reader *in);

/* 2.5.29.n: the standard extensions. 0 for another id. */
uint8_t qy_der_standard_extension(qy_view id);
/* Latches a failure if the bit is set in `*seen` already, and sets it. */
void qy_der_once(qy_reader *in, uint32_t *seen, uint32_t bit, const char *field);

#endif
