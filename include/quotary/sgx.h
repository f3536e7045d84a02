/* SPDX-License-Identifier: Apache-2.0 */
/* SGX structures as they travel: reports, target infos, key requests, SIGSTRUCTs, attestation key ids. All numbers
 * are little-endian on the wire. Layouts: Intel SDM volume 3D, "Enclave Access and Data Structures", and the Intel
 * SGX SDK's headers for the rest.
 *
 * Decoders take exactly one whole structure: QY_ERR_TRUNCATED when it ends early, QY_ERR_MALFORMED when bytes are
 * left over or a fixed field is wrong. `why` may be NULL. On failure the output is all zero. Where a structure's
 * reserved bytes are kept, encoding what was decoded gives back the same bytes; *_check_reserved() is the strict
 * reading. */
#ifndef QUOTARY_SGX_H
#define QUOTARY_SGX_H

#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QY_CPU_SVN_SIZE 16
#define QY_MEASUREMENT_SIZE 32 /* MRENCLAVE, MRSIGNER: SHA-256, never reversed */
#define QY_REPORT_DATA_SIZE 64
#define QY_REPORT_BODY_SIZE 384
#define QY_REPORT_SIZE 432
#define QY_REPORT_MAC_SIZE 16
#define QY_TARGET_INFO_SIZE 512
#define QY_KEY_REQUEST_SIZE 512
#define QY_KEY_ID_SIZE 32
#define QY_CONFIG_ID_SIZE 64
#define QY_PROD_ID_EXT_SIZE 16 /* ISVEXTPRODID, ISVFAMILYID */
#define QY_SIGSTRUCT_SIZE 1808
#define QY_SIGSTRUCT_KEY_SIZE 384 /* RSA-3072 */
#define QY_ATT_KEY_ID_SIZE 256
#define QY_ATT_KEY_LIST_SIZE(count) (8 + 256 * (count)) /* the reply to msg0 */
#define QY_SPID_SIZE 16

/* ATTRIBUTES.FLAGS */
#define QY_ATTRIBUTE_INIT 0x1ull
#define QY_ATTRIBUTE_DEBUG 0x2ull
#define QY_ATTRIBUTE_MODE64BIT 0x4ull
#define QY_ATTRIBUTE_PROVISION_KEY 0x10ull
#define QY_ATTRIBUTE_EINITTOKEN_KEY 0x20ull
#define QY_ATTRIBUTE_KSS 0x80ull
#define QY_ATTRIBUTE_AEX_NOTIFY 0x400ull
/* ATTRIBUTES.XFRM: x87 and SSE, in every enclave */
#define QY_XFRM_LEGACY 0x3ull
#define QY_MISC_EXINFO 0x1u

typedef struct qy_attributes {
  uint64_t flags;
  uint64_t xfrm;
} qy_attributes;

typedef struct qy_report_body {
  uint8_t cpu_svn[QY_CPU_SVN_SIZE]; /* opaque: not a number, never compared by order */
  uint32_t misc_select;
  uint8_t reserved1[12];
  uint8_t isv_ext_prod_id[QY_PROD_ID_EXT_SIZE];
  qy_attributes attributes;
  uint8_t mr_enclave[QY_MEASUREMENT_SIZE];
  uint8_t reserved2[32];
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  uint8_t reserved3[32];
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint16_t config_svn;
  uint8_t reserved4[42];
  uint8_t isv_family_id[QY_PROD_ID_EXT_SIZE];
  uint8_t report_data[QY_REPORT_DATA_SIZE];
} qy_report_body;

typedef struct qy_report {
  qy_report_body body;
  uint8_t key_id[QY_KEY_ID_SIZE];
  uint8_t mac[QY_REPORT_MAC_SIZE]; /* over the body alone; key_id only chooses the key */
} qy_report;

typedef struct qy_target_info {
  uint8_t mr_enclave[QY_MEASUREMENT_SIZE];
  qy_attributes attributes;
  uint8_t reserved1[2];
  uint16_t config_svn;
  uint32_t misc_select;
  uint8_t reserved2[8];
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint8_t reserved3[384];
} qy_target_info;

typedef enum qy_key_name {
  QY_KEY_EINITTOKEN = 0,
  QY_KEY_PROVISION = 1,
  QY_KEY_PROVISION_SEAL = 2,
  QY_KEY_REPORT = 3,
  QY_KEY_SEAL = 4
} qy_key_name;
#define QY_KEY_NAME_COUNT 5

#define QY_KEY_POLICY_MRENCLAVE 0x01u
#define QY_KEY_POLICY_MRSIGNER 0x02u
#define QY_KEY_POLICY_NOISVPRODID 0x04u
#define QY_KEY_POLICY_CONFIGID 0x08u
#define QY_KEY_POLICY_ISVFAMILYID 0x10u
#define QY_KEY_POLICY_ISVEXTPRODID 0x20u

typedef struct qy_key_request {
  uint16_t key_name; /* qy_key_name, or a number that no processor knows */
  uint16_t key_policy;
  uint16_t isv_svn;
  uint8_t reserved1[2];
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  qy_attributes attribute_mask;
  uint8_t key_id[QY_KEY_ID_SIZE];
  uint32_t misc_mask;
  uint16_t config_svn;
  uint8_t reserved2[434];
} qy_key_request;

/* What a processor knows of an enclave (the identity in its SECS). MRSIGNER and below are set by EINIT. */
typedef struct qy_secs {
  uint64_t size;           /* bytes of address space, a power of two */
  uint32_t ssa_frame_size; /* pages */
  uint32_t misc_select;
  qy_attributes attributes;
  uint8_t mr_enclave[QY_MEASUREMENT_SIZE];
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint16_t config_svn;
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint8_t isv_family_id[QY_PROD_ID_EXT_SIZE];
  uint8_t isv_ext_prod_id[QY_PROD_ID_EXT_SIZE];
} qy_secs;

QY_API qy_status qy_report_body_decode(qy_report_body *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_report_body_encode(uint8_t out[QY_REPORT_BODY_SIZE], const qy_report_body *body);
/* QY_ERR_MALFORMED when a reserved byte is not zero. */
QY_API qy_status qy_report_body_check_reserved(const qy_report_body *body, qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_report_decode(qy_report *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_report_encode(uint8_t out[QY_REPORT_SIZE], const qy_report *report);

QY_API qy_status qy_target_info_decode(qy_target_info *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_target_info_encode(uint8_t out[QY_TARGET_INFO_SIZE], const qy_target_info *target);
QY_API qy_status qy_target_info_check_reserved(const qy_target_info *target, qy_error *why) QY_MUST_CHECK;
/* The target info that names an enclave, whole: measurement, attributes, MISCSELECT, CONFIGID and CONFIGSVN. */
QY_API void qy_target_info_of(qy_target_info *out, const qy_secs *secs);
/* The target info that a quoting enclave makes of the report it was given: measurement, attributes and MISCSELECT
 * only, as Intel's does. An enclave with a CONFIGID or CONFIGSVN cannot verify what is sent to it. */
QY_API void qy_target_info_of_reporter(qy_target_info *out, const qy_report_body *body);

QY_API qy_status qy_key_request_decode(qy_key_request *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_key_request_encode(uint8_t out[QY_KEY_REQUEST_SIZE], const qy_key_request *request);
QY_API qy_status qy_key_request_check_reserved(const qy_key_request *request, qy_error *why) QY_MUST_CHECK;
/* "einittoken", "provision", "provision-seal", "report", "seal", else "unknown". */
QY_API const char *qy_key_name_text(uint16_t key_name);

/* SIGSTRUCT: what an enclave's signer vouches for. The fixed header bytes and the reserved ones are checked when
 * it is decoded (QY_ERR_MALFORMED), as EINIT does, and are written when it is encoded. */
#define QY_SIGSTRUCT_TYPE_DEBUG 0x80000000u
#define QY_SIGSTRUCT_VENDOR_INTEL 0x8086u

typedef struct qy_sigstruct {
  uint32_t type;   /* 0, or QY_SIGSTRUCT_TYPE_DEBUG */
  uint32_t vendor; /* 0, or QY_SIGSTRUCT_VENDOR_INTEL */
  uint32_t date;   /* BCD: 0x20261123 */
  uint32_t software_version;
  uint8_t modulus[QY_SIGSTRUCT_KEY_SIZE]; /* little-endian, as are the next numbers */
  uint32_t exponent;                      /* 3 */
  uint8_t signature[QY_SIGSTRUCT_KEY_SIZE];
  uint32_t misc_select;
  uint32_t misc_mask;
  uint8_t cet[4]; /* CET attributes and mask on processors that have them, else 0 */
  uint8_t isv_family_id[QY_PROD_ID_EXT_SIZE];
  qy_attributes attributes;
  qy_attributes attribute_mask;
  uint8_t enclave_hash[QY_MEASUREMENT_SIZE]; /* MRENCLAVE */
  uint8_t isv_ext_prod_id[QY_PROD_ID_EXT_SIZE];
  uint16_t isv_prod_id;
  uint16_t isv_svn;
  uint8_t q1[QY_SIGSTRUCT_KEY_SIZE];
  uint8_t q2[QY_SIGSTRUCT_KEY_SIZE];
} qy_sigstruct;

QY_API qy_status qy_sigstruct_decode(qy_sigstruct *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_sigstruct_encode(uint8_t out[QY_SIGSTRUCT_SIZE], const qy_sigstruct *sigstruct);

/* Attestation key ids: which quoting enclave and which kind of key a provider wants (Intel SGX SDK 2.5 and later). */
#define QY_ATT_KEY_ALGORITHM_EPID 0u
#define QY_ATT_KEY_ALGORITHM_ECDSA_P256 2u
#define QY_ATT_KEY_PRODUCT_QE 1u
#define QY_ATT_KEY_PRODUCT_TD_QE 2u
#define QY_ATT_KEY_MAX_SIGNER_SIZE 48

typedef struct qy_att_key_id {
  uint16_t id;
  uint16_t version;
  uint16_t mr_signer_size;                       /* bytes of mr_signer in use: 32 */
  uint8_t mr_signer[QY_ATT_KEY_MAX_SIGNER_SIZE]; /* of the quoting enclave */
  uint32_t prod_id;
  uint8_t ext_prod_id[QY_PROD_ID_EXT_SIZE];
  uint8_t config_id[QY_CONFIG_ID_SIZE];
  uint8_t family_id[QY_PROD_ID_EXT_SIZE];
  uint32_t algorithm_id;
  uint8_t spid[QY_SPID_SIZE]; /* EPID only */
  uint16_t att_key_type;      /* EPID: 0 unlinkable, 1 linkable */
} qy_att_key_id;

/* Reserved bytes, and those of mr_signer beyond its size, must be zero. */
QY_API qy_status qy_att_key_id_decode(qy_att_key_id *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_att_key_id_encode(uint8_t out[QY_ATT_KEY_ID_SIZE], const qy_att_key_id *id);
/* The id of Intel's EPID quoting enclave for a provider. */
QY_API void qy_att_key_id_epid(qy_att_key_id *out, const uint8_t spid[QY_SPID_SIZE], bool linkable);

/* The id of Intel's ECDSA quoting enclave (product 1), or of its quoting enclave for trust domains (product 2). */
QY_API void qy_att_key_id_ecdsa(qy_att_key_id *out, bool trust_domains);

/* The provider's reply to msg0: what it takes, what it likes best first. */
#define QY_ATT_KEY_LIST_MAX 8
typedef struct qy_att_key_list {
  size_t count; /* 1 to 8 */
  qy_att_key_id ids[QY_ATT_KEY_LIST_MAX];
} qy_att_key_list;

/* A list of id 0 and version 0 (else QY_ERR_UNSUPPORTED), of 1 to 8 entries (else QY_ERR_LIMIT). */
QY_API qy_status qy_att_key_list_decode(qy_att_key_list *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* `out` holds QY_ATT_KEY_LIST_SIZE(count) bytes. */
QY_API void qy_att_key_list_encode(uint8_t *out, const qy_att_key_list *list);

#ifdef __cplusplus
}
#endif
#endif
