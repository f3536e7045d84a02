/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes: ECDSA evidence of SGX enclaves and TDX trust domains, versions 3, 4 and 5, and the report of which a
 * TDX quote is made (Intel DCAP quote library and quote verification library). What is decoded borrows from its input;
 * nothing is allocated and nothing is verified. `why` may be NULL. */
#ifndef QUOTARY_DCAP_QUOTE_H
#define QUOTARY_DCAP_QUOTE_H

#include <quotary/check.h>
#include <quotary/sgx.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_DCAP_QUOTE_MIN_SIZE 1020 /* an SGX quote of version 3 without QE authentication and certification data */
#define QY_DCAP_HEADER_SIZE 48
#define QY_DCAP_VENDOR_ID_SIZE 16
#define QY_DCAP_USER_DATA_SIZE 20
#define QY_DCAP_QE_ID_SIZE 16 /* the first bytes of the user data */
#define QY_DCAP_SIGNATURE_SIZE 64
#define QY_DCAP_KEY_SIZE 64
#define QY_DCAP_KEY_TYPE_ECDSA_P256 2u
#define QY_TEE_SGX 0x00u
#define QY_TEE_TDX 0x81u

/* ---- Trust domains ---- */

#define QY_TD_HASH_SIZE 48 /* SHA-384: MRTD, RTMRs, MRSEAM */
#define QY_TD_RTMR_COUNT 4
#define QY_TEE_TCB_SVN_SIZE 16
#define QY_SEAM_ATTRIBUTES_SIZE 8
#define QY_TD_ID_SIZE 32
#define QY_TD_FMSPC_SIZE 12

/* TDATTRIBUTES (Intel TDX module ABI). The low byte is what makes a trust domain unfit for production: debug and
 * profiling. */
#define QY_TD_UNTRUSTED_BITS 0xffull
#define QY_TD_DEBUG 0x1ull
#define QY_TD_SERVICE_TD_EXTENSION (1ull << 17)
#define QY_TD_SEPT_VE_DISABLE (1ull << 28)
#define QY_TD_MIGRATABLE (1ull << 29)
#define QY_TD_PKS (1ull << 30)
#define QY_TD_KEY_LOCKER (1ull << 31)
#define QY_TD_PERFMON (1ull << 63)
/* XFAM: bits that every trust domain has, and all that one may have */
#define QY_XFAM_FIXED_1 0x3ull
#define QY_XFAM_ALLOWED 0x6dbe7ull

/* "SEPT_VE_DISABLE", "AVX"; NULL for a bit that has no name. */
QY_API const char *qy_td_attribute_name(unsigned bit);
QY_API const char *qy_xfam_name(unsigned bit);

/* What a quote says of a trust domain. Fields that its form has not are zero. */
typedef struct qy_td_body {
  uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE]; /* TDX module: [0] SVN, [1] version; [2] SEAM loader SVN */
  uint8_t mr_seam[QY_TD_HASH_SIZE];
  uint8_t mr_signer_seam[QY_TD_HASH_SIZE]; /* zero: Intel's */
  uint8_t seam_attributes[QY_SEAM_ATTRIBUTES_SIZE];
  uint64_t td_attributes;
  uint64_t xfam;
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint8_t mr_config_id[QY_TD_HASH_SIZE];
  uint8_t mr_owner[QY_TD_HASH_SIZE];
  uint8_t mr_owner_config[QY_TD_HASH_SIZE];
  uint8_t rtmr[QY_TD_RTMR_COUNT][QY_TD_HASH_SIZE];
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  /* 1.5 */
  uint8_t tee_tcb_svn2[QY_TEE_TCB_SVN_SIZE]; /* of the TDX module that runs now; tee_tcb_svn: that launched it */
  uint8_t mr_service_td[QY_TD_HASH_SIZE];
  /* 1.5 extended */
  uint8_t vmid;
  uint8_t td_id[QY_TD_ID_SIZE];
  uint8_t device_info[QY_TD_HASH_SIZE];
  uint8_t initial_service_td_hash[QY_TD_HASH_SIZE];
  uint64_t initial_service_td_attributes;
  uint8_t initial_cpu_svn[QY_CPU_SVN_SIZE];
  uint8_t initial_tee_tcb_svn[QY_TEE_TCB_SVN_SIZE];
  uint8_t initial_fmspc[QY_TD_FMSPC_SIZE];
  uint8_t service_td_hash[QY_TD_HASH_SIZE];
  uint64_t service_td_attributes;
} qy_td_body;

/* The numbers are those of a version 5 quote. */
typedef enum qy_dcap_body_type {
  QY_DCAP_BODY_ENCLAVE = 1,
  QY_DCAP_BODY_TD_1_0 = 2,
  QY_DCAP_BODY_TD_1_5 = 3,
  QY_DCAP_BODY_TD_1_5_EX = 4
} qy_dcap_body_type;

#define QY_TD_BODY_1_0_SIZE 584
#define QY_TD_BODY_1_5_SIZE 648
#define QY_TD_BODY_1_5_EX_SIZE 885
#define QY_TD_BODY_MAX_SIZE QY_TD_BODY_1_5_EX_SIZE

/* Bytes: 384, 584, 648, 885; 0 for a number that is no body type. */
QY_API size_t qy_dcap_body_size(uint32_t body_type);
/* "enclave", "td-1.0", "td-1.5", "td-1.5-ex", else "unknown". */
QY_API const char *qy_dcap_body_name(uint32_t body_type);

/* `form` is a body type of a trust domain, else QY_ERR_ARGUMENT; the size must be exactly its own. */
QY_API qy_status qy_td_body_decode(qy_td_body *out, qy_dcap_body_type form, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* `out` holds qy_dcap_body_size(form) bytes. */
QY_API void qy_td_body_encode(uint8_t *out, qy_dcap_body_type form, const qy_td_body *body);

/* ---- Certification data ---- */

typedef enum qy_certification_type {
  QY_CERTIFICATION_PPID_CLEAR = 1,
  QY_CERTIFICATION_PPID_RSA_2048 = 2,
  QY_CERTIFICATION_PPID_RSA_3072 = 3,
  QY_CERTIFICATION_PCK_LEAF = 4,
  QY_CERTIFICATION_PCK_CHAIN = 5, /* leaf, intermediate, root */
  QY_CERTIFICATION_QE_REPORT = 6, /* holds the QE report and certification data of its own; versions 4 and 5 */
  QY_CERTIFICATION_PLATFORM_MANIFEST = 7
} qy_certification_type;

#define QY_PPID_SIZE 16
#define QY_PPID_RSA_2048_SIZE 256
#define QY_PPID_RSA_3072_SIZE 384

/* "ppid-clear", "ppid-rsa-2048", "ppid-rsa-3072", "pck-leaf", "pck-chain", "qe-report", "platform-manifest", else
 * "unknown". */
QY_API const char *qy_certification_name(uint32_t type);

typedef struct qy_certification {
  uint16_t type; /* qy_certification_type: in a quote that was decoded 1 to 5 */
  qy_view data;
} qy_certification;

/* Types 1 to 3: names the PCK certificate to look for. */
typedef struct qy_ppid_certification {
  qy_view ppid; /* 16 bytes in the clear, or 256 or 384 of RSA-OAEP */
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint16_t pce_svn;
  uint16_t pce_id;
} qy_ppid_certification;

/* Exactly 36, 276 or 404 bytes; QY_ERR_UNSUPPORTED for another type. */
QY_API qy_status qy_ppid_certification_decode(qy_ppid_certification *out, const qy_certification *certification,
                                              qy_error *why) QY_MUST_CHECK;
/* `out` holds `capacity` bytes, *size says how many were written. The size of the PPID must be the type's. */
QY_API qy_status qy_ppid_certification_encode(uint8_t *out, size_t capacity, size_t *size, uint16_t type,
                                              const qy_ppid_certification *from, qy_error *why) QY_MUST_CHECK;
/* Types 4 and 5: the text, without the NUL that most quoting enclaves put behind it. Empty for another type. It is not
 * looked into: a quote may carry anything here. */
QY_API qy_view qy_certification_pem(const qy_certification *certification);

/* ---- Quotes ---- */

typedef struct qy_dcap_header {
  uint16_t version;  /* 3, 4, 5 */
  uint16_t key_type; /* QY_DCAP_KEY_TYPE_ECDSA_P256 */
  uint32_t tee;      /* QY_TEE_SGX, or from version 4 on QY_TEE_TDX */
  uint16_t qe_svn;   /* version 3; reserved and 0 in later ones, where any value passes */
  uint16_t pce_svn;  /* the same */
  uint8_t vendor_id[QY_DCAP_VENDOR_ID_SIZE];
  uint8_t user_data[QY_DCAP_USER_DATA_SIZE]; /* QE id (16), then zeros */
} qy_dcap_header;

/* Of Intel's quoting enclaves; the only one that decodes. */
QY_API extern const uint8_t qy_dcap_intel_vendor_id[QY_DCAP_VENDOR_ID_SIZE];

typedef struct qy_dcap_quote {
  qy_dcap_header header;
  qy_dcap_body_type body_type; /* versions 3 and 4 do not name it: the TEE type says it */
  qy_report_body report;       /* of the enclave; zero in the quote of a trust domain */
  qy_td_body td;               /* zero in the quote of an enclave */
  qy_view all;
  qy_view signed_part;     /* from the first byte to the size of the authentication data */
  qy_view signature;       /* 64, r || s big-endian, by the attestation key over the signed part */
  qy_view attestation_key; /* 64, x || y big-endian; not checked to be a point */
  qy_report_body qe_report;
  qy_view qe_report_bytes;     /* 384: what the PCK signed */
  qy_view qe_report_signature; /* 64 */
  qy_view qe_auth_data;        /* at most 65535 */
  qy_certification certification;
  qy_view unclaimed; /* inside the authentication data, behind all that it says it holds; signed by nobody */
  qy_view trailing;  /* behind the authentication data; signed by nobody */
} qy_dcap_quote;

/* Accepts what Intel's quote verification library accepts and refuses what it refuses, which looks at version, key
 * type, TEE type and vendor id (QY_ERR_UNSUPPORTED) and then at lengths (QY_ERR_TRUNCATED where the input ends too
 * early, QY_ERR_MALFORMED where lengths contradict each other):
 *  - at least QY_DCAP_QUOTE_MIN_SIZE bytes, whatever the version;
 *  - bytes behind the authentication data are let pass, as are bytes inside it that nothing claims;
 *  - in versions 4 and 5 the certification data is of type 6, and is filled exactly by what is in it;
 *  - the certification data (inside the type 6) is of type 1 to 5, and is not looked into;
 *  - in version 5 the body type fits the TEE type, and the size is the body type's own.
 * `*out` is zero after a failure. */
QY_API qy_status qy_dcap_quote_decode(qy_dcap_quote *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;

/* The bytes of a quote: of what decode gives, all but the views `all`, `signed_part` and `qe_report_bytes` counts.
 * QY_ERR_ARGUMENT for what would not decode, QY_ERR_SPACE if `capacity` is below qy_dcap_quote_size(). */
QY_API qy_status qy_dcap_quote_encode(uint8_t *out, size_t capacity, size_t *size, const qy_dcap_quote *quote,
                                      qy_error *why) QY_MUST_CHECK;
/* Bytes before the size of the authentication data: 432, 632, 438, 638, 702, 939. */
QY_API size_t qy_dcap_signed_size(uint16_t version, qy_dcap_body_type body_type);
QY_API size_t qy_dcap_quote_size(uint16_t version, qy_dcap_body_type body_type, size_t qe_auth_size,
                                 size_t certification_size);

/* The report data by which a quoting enclave binds its attestation key: SHA-256(key || QE authentication data), then 32
 * zeros. */
QY_API qy_status qy_dcap_qe_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t key[QY_DCAP_KEY_SIZE],
                                        qy_view qe_auth_data, qy_error *why) QY_MUST_CHECK;

/* ---- TDREPORT ---- */

#define QY_TD_REPORT_SIZE 1024
#define QY_TD_REPORT_MAC_STRUCT_SIZE 256 /* REPORTMACSTRUCT: its first part, which the processor verifies */
#define QY_TD_REPORT_MACED_SIZE 224 /* its first bytes, which the processor's MAC covers; the rest by hashes in them */
#define QY_TD_REPORT_MAC_SIZE 32
#define QY_TD_REPORT_TYPE 0x81u
/* qy_td_report.valid */
#define QY_TD_REPORT_VALID 0x1ffull
#define QY_TD_REPORT_VALID_SVN2 0x301ffull /* tee_tcb_svn2 too */

/* What a processor reports of a trust domain to enclaves of the same machine. */
typedef struct qy_td_report {
  /* REPORTMACSTRUCT, 256 bytes */
  uint8_t type; /* QY_TD_REPORT_TYPE */
  uint8_t subtype;
  uint8_t version; /* 0: TDX 1.0; 1: 1.5; 3: 1.5 extended */
  uint8_t reserved1[13];
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  uint8_t tcb_info_hash[QY_TD_HASH_SIZE]; /* SHA-384 of TEE_TCB_INFO */
  uint8_t td_info_hash[QY_TD_HASH_SIZE];  /* SHA-384 of TDINFO */
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t reserved2[32];
  uint8_t mac[QY_TD_REPORT_MAC_SIZE];
  /* TEE_TCB_INFO, 239 bytes */
  uint64_t valid;
  uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE];
  uint8_t mr_seam[QY_TD_HASH_SIZE];
  uint8_t mr_signer_seam[QY_TD_HASH_SIZE];
  uint8_t seam_attributes[QY_SEAM_ATTRIBUTES_SIZE];
  uint8_t tee_tcb_svn2[QY_TEE_TCB_SVN_SIZE];
  uint8_t reserved3[95];
  uint8_t reserved4[17]; /* between the two */
  /* TDINFO, 512 bytes */
  uint64_t td_attributes;
  uint64_t xfam;
  uint8_t mr_td[QY_TD_HASH_SIZE];
  uint8_t mr_config_id[QY_TD_HASH_SIZE];
  uint8_t mr_owner[QY_TD_HASH_SIZE];
  uint8_t mr_owner_config[QY_TD_HASH_SIZE];
  uint8_t rtmr[QY_TD_RTMR_COUNT][QY_TD_HASH_SIZE];
  uint8_t mr_service_td[QY_TD_HASH_SIZE]; /* from version 1 on; reserved before */
  uint8_t td_id[QY_TD_ID_SIZE];           /* version 3; reserved before, as are the next two */
  uint8_t reserved5[24];
  uint8_t vmid;
  uint8_t reserved6[3];
  uint32_t td_info_valid;
} qy_td_report;

/* Exactly 1024 bytes of type 0x81 (else QY_ERR_UNSUPPORTED). */
QY_API qy_status qy_td_report_decode(qy_td_report *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_td_report_encode(uint8_t out[QY_TD_REPORT_SIZE], const qy_td_report *report);
/* The form is one that a quoting enclave takes: version, subtype, validity (QY_ERR_UNSUPPORTED), and zeros where the
 * version has nothing (QY_ERR_MALFORMED). */
QY_API qy_status qy_td_report_check_form(const qy_td_report *report, qy_error *why) QY_MUST_CHECK;
/* Fills in tcb_info_hash and td_info_hash, which the MAC covers. */
QY_API qy_status qy_td_report_bind(qy_td_report *report, qy_error *why) QY_MUST_CHECK;
/* Checks td-report-tcb-info and td-report-td-info: what lies outside the MAC is what the MAC covers the hashes of.
 * QY_ERR_REFUSED when one fails. The MAC itself is the processor's to verify. */
QY_API qy_status qy_td_report_check_bound(const qy_td_report *report, qy_trace *trace, qy_error *why) QY_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
