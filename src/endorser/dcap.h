/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the endorser's DCAP side. Its CAs, and what they sign of machines and of TCBs. Whoever changes the folder holds its lock (endorser/issuer.h). */
#ifndef QY_ENDORSER_DCAP_H
#define QY_ENDORSER_DCAP_H

#include <crypto/x509.h>
#include <endorser/issuer.h>
#include <registry/dcap.h>

/* ---- CAs ---- */

typedef struct qy_dcap_authority { /* SECRET: clear */
  qy_secret key;
  qy_p256_public public_key;
  qy_certificate *certificate;
} qy_dcap_authority;

typedef struct qy_dcap_authorities {
  qy_dcap_authority cas[QY_DCAP_CA_COUNT];
  qy_dcap_authority signing; /* of TCB info and identities */
} qy_dcap_authorities;

void qy_dcap_authorities_clear(qy_dcap_authorities *authorities);
#define QY_SCOPED_AUTHORITIES(name) __attribute__((cleanup(qy_dcap_authorities_clear))) qy_dcap_authorities name = {0}
qy_status qy_dcap_authorities_load(qy_dcap_authorities *out, const char *folder, qy_error *why) QY_MUST_CHECK;
/* Keys and certificates of them all, valid from `now_s` on. */
qy_status qy_dcap_authorities_make(const char *folder, int64_t now_s, qy_error *why) QY_MUST_CHECK;
/* Who signs TCB info gets a certificate that has lapsed at `now_s`, or one that has not. */
qy_status qy_dcap_signing_renew(const char *folder, qy_dcap_authorities *authorities, bool lapsed, int64_t now_s,
                                qy_error *why) QY_MUST_CHECK;

/* Serials follow from keys: a certificate that is made again has the same, so that what is revoked stays revoked. */
qy_status qy_dcap_serial(uint8_t out[QY_DCAP_SERIAL_SIZE], const qy_p256_public *key, qy_error *why) QY_MUST_CHECK;
/* Who they all are, but for common name, times and serial; the serial is not copied. `crl_of` names the list that the
 * certificate would be on. */
qy_certificate_request qy_dcap_request(const char *common_name, qy_dcap_ca crl_of,
                                       const uint8_t serial[QY_DCAP_SERIAL_SIZE]);

/* ---- PCK certificates ---- */

/* CPUSVN and PCE ISVSVN for which a machine's PCK is made. */
typedef qy_psvn qy_dcap_tcbm;

typedef struct qy_dcap_pck {
  qy_dcap_tcbm tcbm;
  const qy_dcap_kind *kind;
  qy_buffer pem; /* the certificate alone */
} qy_dcap_pck;
void qy_dcap_pck_init(qy_dcap_pck *pck);
void qy_dcap_pck_clear(qy_dcap_pck *pck);
#define QY_SCOPED_PCK(name)                                     \
  __attribute__((cleanup(qy_dcap_pck_clear))) qy_dcap_pck name; \
  qy_dcap_pck_init(&name)

/* The newest TCB that a machine with these versions has, and that has a name here. QY_ERR_NOT_FOUND when it is older
 * than all. */
qy_status qy_dcap_tcbm_of(qy_dcap_tcbm *out, const char *folder, const uint8_t cpu_svn[QY_CPU_SVN_SIZE],
                          uint16_t pce_svn, qy_error *why) QY_MUST_CHECK;
/* The machine's certificate for a TCB: the one that was made before, unless PCK certificates are to be lapsed. */
qy_status qy_dcap_pck_get(qy_dcap_pck *out, const char *folder, const qy_machine_record *machine,
                          const qy_dcap_tcbm *tcbm, int64_t now_s, qy_error *why) QY_MUST_CHECK;
/* The serial of that certificate, made or not. */
qy_status qy_dcap_pck_serial(uint8_t out[QY_DCAP_SERIAL_SIZE], const char *folder, const qy_machine_record *machine,
                             const qy_dcap_tcbm *tcbm, qy_error *why) QY_MUST_CHECK;
/* The SGX extension's value, DER. */
qy_status qy_dcap_pck_extension_make(qy_buffer *out, const qy_pck_extension *from, qy_error *why) QY_MUST_CHECK;

/* ---- Signed documents ---- */

typedef enum qy_pcs_document {
  QY_PCS_SGX_TCB = 0, /* version 3 */
  QY_PCS_SGX_TCB_V2,
  QY_PCS_TDX_TCB,
  QY_PCS_QE_IDENTITY,
  QY_PCS_TD_QE_IDENTITY,
  QY_PCS_QVE_IDENTITY,
  QY_PCS_SGX_NUMBERS,
  QY_PCS_TDX_NUMBERS,
  QY_PCS_ROOT_CRL,
  QY_PCS_PROCESSOR_CRL,
  QY_PCS_PLATFORM_CRL
} qy_pcs_document;

/* What a document says is taken from. */
typedef struct qy_dcap_source {
  const qy_dcap_world *world;
  const qy_tcb_levels *levels;
  const qy_signed_enclaves *enclaves;
} qy_dcap_source;

/* As Intel serves it, without white space: {"tcbInfo":{...},"signature":"..."}. `kind` counts for TCB info alone,
 * `evaluation` for all but the numbers and the lists, which this does not make. */
qy_status qy_pcs_document_make(qy_buffer *out, qy_pcs_document document, const qy_dcap_source *source,
                               const qy_dcap_kind *kind, size_t evaluation, const qy_secret *signing_key,
                               qy_error *why) QY_MUST_CHECK;

/* The document, or revocation list in DER, as it was signed when it was first asked for since the world changed. `kind`
 * and `number` (of the evaluation) where they count. Takes the lock when it has to be signed. */
qy_status qy_dcap_signed_get(qy_buffer *out, const char *folder, qy_pcs_document document, const qy_dcap_kind *kind,
                             uint32_t number, qy_error *why) QY_MUST_CHECK;

/* ---- Change, under the lock ---- */

/* Stores the world as one that is issued at `now_s`: from then on everything is signed anew. */
qy_status qy_dcap_issue(const char *folder, qy_dcap_world *world, int64_t now_s, qy_error *why) QY_MUST_CHECK;
/* Makes the CAs and a first world in a folder that has none; issues anew what was issued long ago. */
qy_status qy_dcap_mend(const char *folder, int64_t now_s, qy_error *why) QY_MUST_CHECK;
/* So long: well before the first of it expires. */
#define QY_DCAP_RENEW_S (7 * 86400)

#endif
