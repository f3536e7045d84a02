/* SPDX-License-Identifier: Apache-2.0 */
/* A world of our own for DCAP evidence: root, CA, PCK certificate, TCB signing certificate, lists, documents, a quote.
 * A test changes one thing, has all of it made, and appraises. */
#ifndef QY_TEST_DCAP_WORLD_H
#define QY_TEST_DCAP_WORLD_H

#include "vectors.h"

#include <base/secret.h>
#include <crypto/p256.h>
#include <quotary/dcap.h>

#define WORLD_NOW_S 1750000000 /* 2025-06-15 */
#define WORLD_DAY_S 86400
#define WORLD_ISVSVN 8

typedef enum world_who { ROOT = 0, CA, PCK, SIGNER, ATTESTATION, STRANGER, WHOS } world_who;
#define WORLD_CERTIFICATES 4

/* How a certificate is made. */
typedef struct world_certificate {
  const char *name;
  world_who issuer;    /* whose name it bears as issuer's */
  world_who signed_by; /* whose key signs it */
  int64_t from_s;
  int64_t until_s;
  bool is_ca;
  bool without_extensions; /* the PCK's SGX extension is left out */
  const char *from_hex;    /* bytes of that extension that are replaced by as many others; NULL: none */
  const char *to_hex;
} world_certificate;

typedef struct world_list {
  world_who signed_by;
  int64_t from_s;
  int64_t until_s;
  world_who revoked;    /* WHOS: nobody */
  const char *from_hex; /* bytes of what is signed that are replaced by as many others; NULL: none */
  const char *to_hex;
} world_list;

/* A document before it is signed, changed in up to two places. */
typedef struct world_document {
  const char *from[2];
  const char *to[2];
  world_who signed_by;
  bool spaced; /* white space is put in after it is signed */
  int64_t issued_s;
  int64_t next_update_s;
  unsigned evaluation_number;
} world_document;

typedef struct dcap_world {
  qy_secret keys[WHOS];
  qy_p256_public publics[WHOS];
  /* what a test may change */
  world_certificate certificates[WORLD_CERTIFICATES];
  world_list root_list;
  world_list pck_list;
  world_document tcb_info;
  world_document identity;
  uint8_t components[QY_TCB_COMPONENT_COUNT];
  uint8_t pce_svn;
  qy_report_body qe_report; /* its report data is worked out unless `keep_qe_data` */
  bool keep_qe_data;
  world_who qe_signed_by;
  world_who quote_signed_by;
  uint16_t version;
  qy_dcap_body_type body_type;
  qy_report_body report;
  qy_td_body td;
  bool without_chain; /* the quote carries no PCK chain */
  bool key_off_curve;
  qy_policy policy;
  qy_view report_data;
  int64_t now_s;
  bool keep_authorities; /* who was certified stays so: only the PCK certificate is made anew. Not reset */
  /* what is made of it */
  qy_buffer pem[WORLD_CERTIFICATES];
  qy_buffer pck_chain;
  qy_buffer signing_chain;
  qy_buffer root_crl;
  qy_buffer pck_crl;
  qy_buffer tcb_info_text;
  qy_buffer identity_text;
  qy_buffer quote;
  qy_dcap_files files; /* a test may leave some out, between make and appraise */
  qy_dcap_evidence evidence;
  qy_dcap_verdict verdict;
} dcap_world;

/* cmocka's setup and teardown; `*state` is the world. */
int open_world(void **state);
int close_world(void **state);
/* As it is when nothing is wrong: an SGX enclave, or a trust domain. The policy means it. */
void world_reset(dcap_world *world, qy_dcap_body_type body_type);
void world_make(dcap_world *world);
/* The attestation key signs the quote anew after its bytes were changed: the first `size` of them. */
void world_sign_again(dcap_world *world, size_t size);
void world_make_quote(dcap_world *world);                                                          /* the quote alone */
void world_make_list(dcap_world *world, qy_buffer *out, const world_list *from, world_who issuer); /* a list alone */
const qy_dcap_verdict *world_appraise_made(dcap_world *world);
/* Both. */
const qy_dcap_verdict *world_appraise(dcap_world *world);
/* The only check that failed is this one. */
void expect_only(const dcap_world *world, qy_check_id id);
/* It failed, of one thing or another. */
bool has_failed(const dcap_world *world, qy_check_id id);
/* It failed first. */
void expect_first(const dcap_world *world, qy_check_id id);
void expect_trusted(const dcap_world *world);

#endif
