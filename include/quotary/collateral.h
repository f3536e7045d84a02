/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral of DCAP evidence: what Intel's Provisioning Certification Service says and signs of platforms and quoting
 * enclaves. Here it is decoded, strictly; nothing is verified. All that is decoded borrows from its input, and keeps the
 * exact bytes that were signed. `why` and `qvl` may be NULL.
 *
 * Sources: Intel "SGX PCK Certificate and Certificate Revocation List Profile Specification", "PCS API" version 4, the
 * quote verification library (QVL), and what they served and signed. */
#ifndef QUOTARY_COLLATERAL_H
#define QUOTARY_COLLATERAL_H

#include <quotary/dcap_quote.h>
#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Intel's statuses ---- */

/* What Intel's quote verification library answers; the numbers are its own. */
#define QY_QVL_STATUSES(X)                     \
  X(OK)                                        \
  X(UNSUPPORTED_CERT_FORMAT)                   \
  X(SGX_ROOT_CA_MISSING)                       \
  X(SGX_ROOT_CA_INVALID)                       \
  X(SGX_ROOT_CA_INVALID_EXTENSIONS)            \
  X(SGX_ROOT_CA_INVALID_ISSUER)                \
  X(SGX_ROOT_CA_UNTRUSTED)                     \
  X(SGX_INTERMEDIATE_CA_MISSING)               \
  X(SGX_INTERMEDIATE_CA_INVALID)               \
  X(SGX_INTERMEDIATE_CA_INVALID_EXTENSIONS)    \
  X(SGX_INTERMEDIATE_CA_INVALID_ISSUER)        \
  X(SGX_INTERMEDIATE_CA_REVOKED)               \
  X(SGX_PCK_MISSING)                           \
  X(SGX_PCK_INVALID)                           \
  X(SGX_PCK_INVALID_EXTENSIONS)                \
  X(SGX_PCK_INVALID_ISSUER)                    \
  X(SGX_PCK_REVOKED)                           \
  X(TRUSTED_ROOT_CA_INVALID)                   \
  X(SGX_PCK_CERT_CHAIN_UNTRUSTED)              \
  X(SGX_TCB_INFO_UNSUPPORTED_FORMAT)           \
  X(SGX_TCB_INFO_INVALID)                      \
  X(TCB_INFO_INVALID_SIGNATURE)                \
  X(SGX_TCB_SIGNING_CERT_MISSING)              \
  X(SGX_TCB_SIGNING_CERT_INVALID)              \
  X(SGX_TCB_SIGNING_CERT_INVALID_EXTENSIONS)   \
  X(SGX_TCB_SIGNING_CERT_INVALID_ISSUER)       \
  X(SGX_TCB_SIGNING_CERT_CHAIN_UNTRUSTED)      \
  X(SGX_TCB_SIGNING_CERT_REVOKED)              \
  X(SGX_CRL_UNSUPPORTED_FORMAT)                \
  X(SGX_CRL_UNKNOWN_ISSUER)                    \
  X(SGX_CRL_INVALID)                           \
  X(SGX_CRL_INVALID_EXTENSIONS)                \
  X(SGX_CRL_INVALID_SIGNATURE)                 \
  X(SGX_CA_CERT_UNSUPPORTED_FORMAT)            \
  X(SGX_CA_CERT_INVALID)                       \
  X(TRUSTED_ROOT_CA_UNSUPPORTED_FORMAT)        \
  X(MISSING_PARAMETERS)                        \
  X(UNSUPPORTED_QUOTE_FORMAT)                  \
  X(UNSUPPORTED_PCK_CERT_FORMAT)               \
  X(INVALID_PCK_CERT)                          \
  X(UNSUPPORTED_PCK_RL_FORMAT)                 \
  X(INVALID_PCK_CRL)                           \
  X(UNSUPPORTED_TCB_INFO_FORMAT)               \
  X(PCK_REVOKED)                               \
  X(TCB_INFO_MISMATCH)                         \
  X(TCB_OUT_OF_DATE)                           \
  X(TCB_REVOKED)                               \
  X(TCB_CONFIGURATION_NEEDED)                  \
  X(TCB_OUT_OF_DATE_CONFIGURATION_NEEDED)      \
  X(TCB_NOT_SUPPORTED)                         \
  X(TCB_UNRECOGNIZED_STATUS)                   \
  X(UNSUPPORTED_QE_CERTIFICATION)              \
  X(INVALID_QE_CERTIFICATION_DATA_SIZE)        \
  X(UNSUPPORTED_QE_CERTIFICATION_DATA_TYPE)    \
  X(PCK_CERT_MISMATCH)                         \
  X(INVALID_QE_REPORT_SIGNATURE)               \
  X(INVALID_QE_REPORT_DATA)                    \
  X(INVALID_QUOTE_SIGNATURE)                   \
  X(SGX_QE_IDENTITY_UNSUPPORTED_FORMAT)        \
  X(SGX_QE_IDENTITY_INVALID)                   \
  X(SGX_QE_IDENTITY_INVALID_SIGNATURE)         \
  X(SGX_ENCLAVE_REPORT_UNSUPPORTED_FORMAT)     \
  X(SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT)   \
  X(SGX_ENCLAVE_IDENTITY_INVALID)              \
  X(SGX_ENCLAVE_IDENTITY_UNSUPPORTED_VERSION)  \
  X(SGX_ENCLAVE_IDENTITY_OUT_OF_DATE)          \
  X(SGX_ENCLAVE_REPORT_MISCSELECT_MISMATCH)    \
  X(SGX_ENCLAVE_REPORT_ATTRIBUTES_MISMATCH)    \
  X(SGX_ENCLAVE_REPORT_MRENCLAVE_MISMATCH)     \
  X(SGX_ENCLAVE_REPORT_MRSIGNER_MISMATCH)      \
  X(SGX_ENCLAVE_REPORT_ISVPRODID_MISMATCH)     \
  X(SGX_ENCLAVE_REPORT_ISVSVN_OUT_OF_DATE)     \
  X(UNSUPPORTED_QE_IDENTITY_FORMAT)            \
  X(QE_IDENTITY_OUT_OF_DATE)                   \
  X(QE_IDENTITY_MISMATCH)                      \
  X(SGX_TCB_INFO_EXPIRED)                      \
  X(SGX_ENCLAVE_IDENTITY_INVALID_SIGNATURE)    \
  X(INVALID_PARAMETER)                         \
  X(SGX_PCK_CERT_CHAIN_EXPIRED)                \
  X(SGX_CRL_EXPIRED)                           \
  X(SGX_SIGNING_CERT_CHAIN_EXPIRED)            \
  X(SGX_ENCLAVE_IDENTITY_EXPIRED)              \
  X(TCB_SW_HARDENING_NEEDED)                   \
  X(TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED) \
  X(SGX_ENCLAVE_REPORT_ISVSVN_REVOKED)         \
  X(TDX_MODULE_MISMATCH)                       \
  X(SGX_ENCLAVE_REPORT_ISVSVN_NOT_SUPPORTED)   \
  X(TCB_TD_RELAUNCH_ADVISED)                   \
  X(TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED)

typedef enum qy_qvl_status {
#define QY_QVL_STATUS_ENUM(name) QY_QVL_##name,
  QY_QVL_STATUSES(QY_QVL_STATUS_ENUM)
#undef QY_QVL_STATUS_ENUM
      QY_QVL_STATUS_COUNT
} qy_qvl_status;

QY_API const char *qy_qvl_status_name(qy_qvl_status status); /* "STATUS_OK"; never NULL */

/* ---- What is said of a platform's trusted computing base ---- */

/* name, spelling */
#define QY_TCB_STATUSES(X)                                                            \
  X(UP_TO_DATE, "UpToDate")                                                           \
  X(SW_HARDENING_NEEDED, "SWHardeningNeeded")                                         \
  X(CONFIGURATION_NEEDED, "ConfigurationNeeded")                                      \
  X(CONFIGURATION_AND_SW_HARDENING_NEEDED, "ConfigurationAndSWHardeningNeeded")       \
  X(OUT_OF_DATE, "OutOfDate")                                                         \
  X(OUT_OF_DATE_CONFIGURATION_NEEDED, "OutOfDateConfigurationNeeded")                 \
  X(TD_RELAUNCH_ADVISED, "TDRelaunchAdvised")                                         \
  X(TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, "TDRelaunchAdvisedConfigurationNeeded") \
  X(REVOKED, "Revoked")

typedef enum qy_tcb_status {
  QY_TCB_STATUS_UNKNOWN = 0, /* none, or one that is not in the table */
#define QY_TCB_STATUS_ENUM(name, spelling) QY_TCB_STATUS_##name,
  QY_TCB_STATUSES(QY_TCB_STATUS_ENUM)
#undef QY_TCB_STATUS_ENUM
      QY_TCB_STATUS_COUNT
} qy_tcb_status;

QY_API const char *qy_tcb_status_name(qy_tcb_status status);  /* "Unknown" for 0; never NULL */
QY_API qy_tcb_status qy_tcb_status_by_name(qy_view spelling); /* QY_TCB_STATUS_UNKNOWN if there is none such */

/* ---- Certificates ---- */

#define QY_SGX_CHAIN_CAPACITY 8

typedef struct qy_sgx_name {
  qy_view der;         /* the whole Name */
  qy_view common_name; /* characters; exactly one is needed */
} qy_sgx_name;

/* Extensions that every certificate of this PKI has. */
#define QY_SGX_HAS_AUTHORITY_KEY 0x01u /* authorityKeyIdentifier */
#define QY_SGX_HAS_CRL_POINTS 0x02u    /* cRLDistributionPoints */
#define QY_SGX_HAS_SUBJECT_KEY 0x04u   /* subjectKeyIdentifier */
#define QY_SGX_HAS_KEY_USAGE 0x08u
#define QY_SGX_HAS_CONSTRAINTS 0x10u /* basicConstraints */
#define QY_SGX_HAS_ALL 0x1fu

/* An X.509 certificate of version 3 with a P-256 key, signed by ECDSA with SHA-256: the only kind in this PKI, and the
 * only one that decodes. */
typedef struct qy_sgx_certificate {
  qy_view der;            /* all of it */
  qy_view signed_part;    /* tbsCertificate */
  qy_view signature_bits; /* what the signature field holds */
  uint8_t signature[64];  /* r || s big-endian; zeros when the field holds no signature */
  qy_view serial;         /* magnitude, big-endian, without leading zeros */
  qy_sgx_name issuer;
  qy_sgx_name subject;
  int64_t not_before_s; /* seconds since 1970; both ends belong to the validity */
  int64_t not_after_s;
  uint8_t public_key[64]; /* X || Y big-endian; not checked to be a point */
  uint32_t extensions;    /* QY_SGX_HAS_... */
  bool has_unknown_critical;
  bool is_ca;              /* basicConstraints: cA */
  bool signs_data;         /* keyUsage: digitalSignature */
  bool signs_certificates; /* keyUsage: keyCertSign */
  bool signs_lists;        /* keyUsage: cRLSign */
  qy_view crl_points;      /* value of cRLDistributionPoints, which decode does not look into */
  qy_view sgx_extension;   /* value of the extension 1.2.840.113741.1.13.1; empty without one */
} qy_sgx_certificate;

/* DER, exactly one certificate. */
QY_API qy_status qy_sgx_certificate_decode(qy_sgx_certificate *out, qy_view der, qy_error *why) QY_MUST_CHECK;
/* `*valid`: issuer's key signed it. Says nothing of names, times or extensions. */
QY_API qy_status qy_sgx_certificate_signed_by(bool *valid, const qy_sgx_certificate *certificate,
                                              const qy_sgx_certificate *issuer, qy_error *why) QY_MUST_CHECK;
/* The first URL among the distribution points of its issuer's revocation list; empty when there is none. */
QY_API qy_view qy_sgx_certificate_crl_url(const qy_sgx_certificate *certificate);
/* The same Name, byte for byte. */
QY_API bool qy_sgx_same_name(const qy_sgx_name *a, const qy_sgx_name *b);

/* Certificates in the order of the text. Zero-initialise; clear frees. */
typedef struct qy_sgx_chain {
  size_t count;
  qy_sgx_certificate certificates[QY_SGX_CHAIN_CAPACITY];
  uint8_t *der; /* that they borrow from */
} qy_sgx_chain;

/* PEM; nothing but white space between the certificates and behind them, and perhaps a NUL at the end. Each has all of QY_SGX_HAS_ALL. `*qvl` is set
 * only on failure: UNSUPPORTED_CERT_FORMAT, or for a missing extension the status that Intel's library derives from
 * where the certificate stands. */
QY_API qy_status qy_sgx_chain_from_pem(qy_sgx_chain *out, qy_view pem, qy_qvl_status *qvl, qy_error *why) QY_MUST_CHECK;
QY_API void qy_sgx_chain_clear(qy_sgx_chain *chain);
#define QY_SCOPED_SGX_CHAIN(name) __attribute__((cleanup(qy_sgx_chain_clear))) qy_sgx_chain name = {0}

/* Public key of "Intel SGX Root CA", X || Y: the one anchor that nobody has to name. */
QY_API extern const uint8_t qy_intel_sgx_root_key[64];

/* ---- The SGX extension of a PCK certificate ---- */

#define QY_TCB_COMPONENT_COUNT 16
#define QY_FMSPC_SIZE 6
#define QY_PCE_ID_SIZE 2
#define QY_PLATFORM_INSTANCE_ID_SIZE 16

typedef enum qy_sgx_type { QY_SGX_STANDARD = 0, QY_SGX_SCALABLE = 1, QY_SGX_SCALABLE_WITH_INTEGRITY = 2 } qy_sgx_type;
typedef enum qy_configured { QY_CONFIGURED_UNKNOWN = 0, QY_CONFIGURED_FALSE, QY_CONFIGURED_TRUE } qy_configured;

QY_API const char *qy_sgx_type_name(uint32_t type);              /* "standard", "scalable", "scalable-with-integrity" */
QY_API const char *qy_configured_name(qy_configured configured); /* "unknown", "no", "yes" */

typedef struct qy_pck_extension {
  uint8_t ppid[QY_PPID_SIZE];
  uint8_t components[QY_TCB_COMPONENT_COUNT]; /* SGX TCB COMP 01 to 16 SVN */
  uint16_t pce_svn;
  uint8_t cpu_svn[QY_CPU_SVN_SIZE]; /* opaque: levels are compared by components */
  uint8_t pce_id[QY_PCE_ID_SIZE];
  uint8_t fmspc[QY_FMSPC_SIZE];
  qy_sgx_type sgx_type;
  bool has_platform; /* the certificate is one of the Platform CA: the rest holds */
  uint8_t platform_instance_id[QY_PLATFORM_INSTANCE_ID_SIZE];
  qy_configured dynamic_platform;
  qy_configured cached_keys;
  qy_configured smt_enabled;
} qy_pck_extension;

/* Exactly 5 items (Processor CA) or 7 (Platform CA), each once, in any order, each of its own ASN.1 type and length;
 * SVNs from 0 to 255, PCESVN to 65535. QY_ERR_NOT_FOUND when the form is right and a needed item is missing. */
QY_API qy_status qy_pck_extension_decode(qy_pck_extension *out, qy_view value, qy_error *why) QY_MUST_CHECK;

/* ---- Revocation lists ---- */

#define QY_SGX_CRL_HAS_NUMBER 0x01u
#define QY_SGX_CRL_HAS_AUTHORITY_KEY 0x02u
#define QY_SGX_CRL_HAS_ALL 0x03u

/* An X.509 CRL of version 2, signed by ECDSA with SHA-256. Zero-initialise; clear frees. */
typedef struct qy_sgx_crl {
  qy_view der;
  qy_view signed_part; /* tbsCertList */
  uint8_t signature[64];
  qy_sgx_name issuer;
  int64_t this_update_s;
  int64_t next_update_s;
  uint64_t number; /* cRLNumber; UINT64_MAX when it is beyond that */
  uint32_t extensions;
  bool has_unknown_critical; /* of the list or of an entry: a delta, a part, an indirect list */
  size_t revoked_count;
  qy_view revoked; /* the entries */
  uint8_t *storage;
} qy_sgx_crl;

/* DER, and a single NUL behind it is let pass; PEM ("X509 CRL"); or the DER in hex as a PCCS of version 3 serves it. White
 * space may stand behind the latter two. `out` borrows from DER and owns what it decoded otherwise. */
QY_API qy_status qy_sgx_crl_decode(qy_sgx_crl *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_sgx_crl_clear(qy_sgx_crl *crl);
#define QY_SCOPED_SGX_CRL(name) __attribute__((cleanup(qy_sgx_crl_clear))) qy_sgx_crl name = {0}
/* `serial` as a certificate has it. Whose list it is, is the caller's to check. */
QY_API bool qy_sgx_crl_revokes(const qy_sgx_crl *crl, qy_view serial);
/* Serial numbers in the order of the list: `*offset` begins at 0 and moves on. False behind the last. */
QY_API bool qy_sgx_crl_next_serial(const qy_sgx_crl *crl, size_t *offset, qy_view *serial);
QY_API qy_status qy_sgx_crl_signed_by(bool *valid, const qy_sgx_crl *crl, const qy_sgx_certificate *issuer,
                                      qy_error *why) QY_MUST_CHECK;

/* ---- What is signed as JSON ---- */

#define QY_ADVISORY_SIZE 32 /* characters, with the NUL that it has where it is copied */

/* The object that was signed, and its signature. Intel signs JSON without white space outside of texts, and serves what
 * it signed; its library parses what it is given and writes it anew without white space before it verifies. */
typedef struct qy_signed_json {
  qy_view body; /* the object's bytes as they were served */
  uint8_t signature[64];
  bool is_compact; /* no white space outside of texts */
} qy_signed_json;

/* `*valid`: the key signed the body without its white space: when it is compact, the very bytes that stand there. */
QY_API qy_status qy_signed_json_verify(bool *valid, const qy_signed_json *json, const uint8_t public_key[64],
                                       qy_error *why) QY_MUST_CHECK;

/* Some of the advisories of a document: `count` from `first` on. */
typedef struct qy_advisories {
  uint32_t first;
  uint32_t count;
} qy_advisories;

/* ---- TCB info, versions 2 and 3 ---- */

#define QY_TCB_INFO_MAX_LEVELS 128
#define QY_TCB_INFO_MAX_MODULES 16
#define QY_TCB_INFO_MAX_MODULE_LEVELS 128 /* of all modules */
#define QY_TCB_INFO_MAX_ADVISORIES 1024   /* of all levels */

/* What a component stands for, where version 3 says so: "BIOS", "Early Microcode Update". */
typedef struct qy_tcb_component_kind {
  qy_view category;
  qy_view type;
} qy_tcb_component_kind;

typedef struct qy_tcb_level {
  uint8_t sgx[QY_TCB_COMPONENT_COUNT];
  uint8_t tdx[QY_TCB_COMPONENT_COUNT]; /* zeros unless the document is for TDX */
  uint32_t pce_svn;
  qy_tcb_status status;
  int64_t date_s;
  qy_advisories advisories;
} qy_tcb_level;

/* A level by one security version: of a TDX module, of a quoting enclave. */
typedef struct qy_svn_level {
  uint32_t isv_svn;
  qy_tcb_status status; /* of a TDX module: QY_TCB_STATUS_UNKNOWN for any other text */
  int64_t date_s;
  qy_advisories advisories;
} qy_svn_level;

typedef struct qy_tdx_module {
  uint8_t mr_signer[48];
  uint8_t attributes[8];
  uint8_t attributes_mask[8];
} qy_tdx_module;

typedef struct qy_tdx_module_identity {
  qy_view id; /* "TDX_03" */
  bool has_version;
  uint8_t version; /* 3: what TEE_TCB_SVN[1] is compared with */
  qy_tdx_module module;
  uint32_t first_level; /* in module_levels */
  uint32_t level_count;
} qy_tdx_module_identity;

/* Levels stand in the order in which they are compared (highest first), whatever the order in the text. About 30 KiB. */
typedef struct qy_tcb_info {
  qy_signed_json json;
  bool is_tdx;
  uint32_t version; /* 2, 3 */
  int64_t issued_s;
  int64_t next_update_s;
  uint8_t fmspc[QY_FMSPC_SIZE];
  uint8_t pce_id[QY_PCE_ID_SIZE];
  uint32_t evaluation_number;
  bool has_wide_svn;    /* an SVN is beyond 255; Intel's library takes its low 8 bits, and so do the levels here */
  qy_tdx_module module; /* TDX */
  size_t module_count;
  size_t module_level_count;
  size_t level_count;
  size_t advisory_count;
  qy_tcb_component_kind sgx_kinds[QY_TCB_COMPONENT_COUNT]; /* as the level says that the text has first */
  qy_tcb_component_kind tdx_kinds[QY_TCB_COMPONENT_COUNT];
  qy_tdx_module_identity modules[QY_TCB_INFO_MAX_MODULES];
  qy_svn_level module_levels[QY_TCB_INFO_MAX_MODULE_LEVELS];
  qy_tcb_level levels[QY_TCB_INFO_MAX_LEVELS];
  qy_view advisories[QY_TCB_INFO_MAX_ADVISORIES];
} qy_tcb_info;

/* {"tcbInfo": {...}, "signature": "..."}. Members that are not known are let pass, once each; `*qvl` is set only on
 * failure: SGX_TCB_INFO_UNSUPPORTED_FORMAT or SGX_TCB_INFO_INVALID. Then `out` holds nothing of use. */
QY_API qy_status qy_tcb_info_decode(qy_tcb_info *out, qy_view text, qy_qvl_status *qvl, qy_error *why) QY_MUST_CHECK;

/* ---- Enclave identity, version 2 ---- */

typedef enum qy_identity_id { QY_IDENTITY_QE = 1, QY_IDENTITY_TD_QE, QY_IDENTITY_QVE } qy_identity_id;

QY_API const char *qy_identity_id_name(qy_identity_id id); /* "QE", "TD_QE", "QVE" */

#define QY_IDENTITY_MAX_LEVELS 64
#define QY_IDENTITY_MAX_ADVISORIES 256

typedef struct qy_enclave_identity {
  qy_signed_json json;
  qy_identity_id id;
  uint32_t version; /* 2 */
  int64_t issued_s;
  int64_t next_update_s;
  uint32_t evaluation_number;
  uint32_t misc_select;
  uint32_t misc_select_mask;
  qy_attributes attributes;
  qy_attributes attributes_mask;
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  uint32_t isv_prod_id;
  size_t level_count;
  size_t advisory_count;
  qy_svn_level levels[QY_IDENTITY_MAX_LEVELS]; /* highest first */
  qy_view advisories[QY_IDENTITY_MAX_ADVISORIES];
} qy_enclave_identity;

/* {"enclaveIdentity": {...}, "signature": "..."}; as above, with the statuses SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT,
 * _INVALID and _UNSUPPORTED_VERSION. */
QY_API qy_status qy_enclave_identity_decode(qy_enclave_identity *out, qy_view text, qy_qvl_status *qvl,
                                            qy_error *why) QY_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
