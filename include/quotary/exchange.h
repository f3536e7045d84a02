/* SPDX-License-Identifier: Apache-2.0 */
/* The message flow of SGX remote attestation, by EPID or by ECDSA quotes: msg0 to msg4, the keys between, and both sides of the
 * conversation. Pure: no files, no network, no clock; randomness is an argument.
 *
 * On the wire every number is little-endian, P-256 coordinates and signature halves included (Intel SGX SDK,
 * sgx_key_exchange.h). Messages 0 to 3 are Intel's, byte for byte; msg4 is this project's own (docs/protocol.md),
 * because Intel leaves it to the application and its sample does not authenticate it.
 *
 * Decoders take exactly one whole message: QY_ERR_TRUNCATED when it ends early, QY_ERR_MALFORMED when bytes are left
 * over or a length disagrees. `why` and `trace` may be NULL everywhere. On failure every output is all zero. */
#ifndef QUOTARY_EXCHANGE_H
#define QUOTARY_EXCHANGE_H

#include <quotary/check.h>
#include <quotary/dcap_quote.h>
#include <quotary/quote.h>
#include <quotary/sgx.h>
#include <quotary/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qy_secret; /* base/secret.h */
struct qy_vault;

#define QY_GROUP_ELEMENT_SIZE 64 /* g_a, g_b: X(32) Y(32), little-endian */
#define QY_MAC_SIZE 16
#define QY_MSG0_SIZE 4
#define QY_MSG1_SIZE 68
#define QY_HELLO_SIZE 72      /* msg0 and msg1 in one */
#define QY_MSG2_HEAD_SIZE 168 /* all but the revocation list: what enters an enclave */
#define QY_MSG2_MACED_SIZE 148
#define QY_MSG3_HEAD_SIZE 336 /* all but the quote: what an enclave hands out */
#define QY_PS_SEC_PROP_SIZE 256
#define QY_MAX_ECDSA_QUOTE_SIZE 65536u
#define QY_MSG4_HEADER_SIZE 20
#define QY_MSG4_TAG_SIZE 16
#define QY_MSG4_IV_SIZE 12
#define QY_MSG4_VERSION 1u
#define QY_MSG4_MAX_SECRET_SIZE 65536u
#define QY_MSG4_MAX_SIZE (QY_MSG4_HEADER_SIZE + QY_PLATFORM_INFO_SIZE + QY_MSG4_MAX_SECRET_SIZE + QY_MSG4_TAG_SIZE)

/* ---- Evidence ---- */

/* What a session is about. */
typedef enum qy_evidence_kind {
  QY_EVIDENCE_EPID = 0, /* EPID quotes of enclaves */
  QY_EVIDENCE_SGX,      /* ECDSA quotes of enclaves (DCAP) */
  QY_EVIDENCE_TDX       /* ECDSA quotes of trust domains */
} qy_evidence_kind;
#define QY_EVIDENCE_KIND_COUNT 3

QY_API const char *qy_evidence_kind_name(qy_evidence_kind kind); /* "epid", "sgx", "tdx" */
/* False for a name that is none of these. */
QY_API bool qy_evidence_kind_find(qy_evidence_kind *out, const char *name);

/* What a provider answers msg0 with, as Intel's SDK has it from 2.5 on: the attestation keys that it takes. `kinds` has
 * bit 1 << kind for each; the order is that of the kinds. SPID and quote type stand with EPID alone. */
QY_API void qy_evidence_offer(qy_att_key_list *out, unsigned kinds, const uint8_t spid[QY_SPID_SIZE],
                              qy_sign_type quote_type);
/* By algorithm and product: a simulated machine's quoting enclaves are signed by its own endorser, whom no list names.
 * False for a key that is of no kind known here. */
QY_API bool qy_evidence_kind_of_key(qy_evidence_kind *out, const qy_att_key_id *id);

/* ---- Messages ---- */

typedef struct qy_msg0 {
  uint32_t extended_group_id; /* any; only 0 is in use */
} qy_msg0;

typedef struct qy_msg1 {
  uint8_t g_a[QY_GROUP_ELEMENT_SIZE];
  uint32_t group_id; /* EPID; 0 in a session about ECDSA quotes */
} qy_msg1;

typedef struct qy_msg2 {
  uint8_t g_b[QY_GROUP_ELEMENT_SIZE];
  uint8_t spid[QY_SPID_SIZE];
  uint16_t quote_type; /* 0 unlinkable; Intel's client takes anything else for linkable */
  uint16_t kdf_id;
  uint8_t signature[64];    /* over g_b and g_a: r, s */
  uint8_t mac[QY_MAC_SIZE]; /* over the first 148 bytes */
  uint32_t sigrl_size;      /* not covered by the MAC; nor is the list, which has a signature of its own */
  qy_view sigrl;            /* borrowed; empty for none, and in a head */
} qy_msg2;

typedef struct qy_msg3 {
  uint8_t mac[QY_MAC_SIZE]; /* over all that follows */
  uint8_t g_a[QY_GROUP_ELEMENT_SIZE];
  uint8_t ps_sec_prop[QY_PS_SEC_PROP_SIZE]; /* zero without platform services */
  qy_view quote;                            /* borrowed */
} qy_msg3;

typedef struct qy_msg4 {
  qy_trust verdict;
  bool simulated; /* the evidence came from a simulated machine */
  uint8_t iv[QY_MSG4_IV_SIZE];
  uint8_t tag[QY_MSG4_TAG_SIZE];
  qy_view header;        /* the first 20 bytes, borrowed like the next two */
  qy_view platform_info; /* 101 bytes, or empty */
  qy_view ciphertext;    /* of the secret; empty when there is none */
} qy_msg4;

QY_API qy_status qy_msg0_decode(qy_msg0 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_msg0_encode(uint8_t out[QY_MSG0_SIZE], const qy_msg0 *msg0);
QY_API qy_status qy_msg1_decode(qy_msg1 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_msg1_encode(uint8_t out[QY_MSG1_SIZE], const qy_msg1 *msg1);
/* 168 + n bytes, where n is sigrl_size and is 0 or 80 + 128 k with k from 1 to QY_MAX_SIGRL_ENTRIES (QY_ERR_LIMIT). */
QY_API qy_status qy_msg2_decode(qy_msg2 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
/* The first 168 bytes alone; sigrl_size is kept as it stands. */
QY_API qy_status qy_msg2_head_decode(qy_msg2 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_msg2_head_encode(uint8_t out[QY_MSG2_HEAD_SIZE], const qy_msg2 *msg2);
/* Into `out` of `capacity` bytes (QY_ERR_SPACE); QY_ERR_ARGUMENT when sigrl_size is not the list's size. */
QY_API qy_status qy_msg2_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg2 *msg2,
                                qy_error *why) QY_MUST_CHECK;
/* 336 + q bytes, where the quote says q: of an EPID quote the signature length does, 436 + 680 + 160 n (n at most
 * QY_MAX_SIGRL_ENTRIES, else QY_ERR_LIMIT); of one of versions 3 to 5 the size of the authentication data, with nothing
 * behind it (q at most QY_MAX_ECDSA_QUOTE_SIZE). */
QY_API qy_status qy_msg3_decode(qy_msg3 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API void qy_msg3_head_encode(uint8_t out[QY_MSG3_HEAD_SIZE], const qy_msg3 *msg3);
QY_API qy_status qy_msg3_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg3 *msg3,
                                qy_error *why) QY_MUST_CHECK;
/* Nothing in it is authentic until qy_enclave_side_msg4() took it. QY_ERR_UNSUPPORTED for another version. */
QY_API qy_status qy_msg4_decode(qy_msg4 *out, qy_view bytes, qy_error *why) QY_MUST_CHECK;
QY_API qy_status qy_msg4_encode(uint8_t *out, size_t capacity, size_t *size, const qy_msg4 *msg4,
                                qy_error *why) QY_MUST_CHECK;

/* ---- Keys ---- */

#define QY_SESSION_KEY_SIZE 16
#define QY_KDF_ID_INTEL 1u

/* SECRET: clear it. */
typedef struct qy_session_keys {
  uint8_t smk[QY_SESSION_KEY_SIZE]; /* MACs of msg2 and msg3 */
  uint8_t sk[QY_SESSION_KEY_SIZE];  /* session key: msg4, then the application's */
  uint8_t mk[QY_SESSION_KEY_SIZE];  /* session MAC key: the application's */
  uint8_t vk[QY_SESSION_KEY_SIZE];  /* enters the report data */
} qy_session_keys;

QY_API void qy_session_keys_clear(qy_session_keys *keys);

/* Key derivation 1 from the shared X, 32 bytes LITTLE-endian: AES-CMAC with a zero key, then one label a key (Intel SGX
 * SDK, key derivation of the key exchange library). */
QY_API qy_status qy_session_keys_derive(qy_session_keys *out, const uint8_t shared_x[32], qy_error *why) QY_MUST_CHECK;

/* A key derivation of the application's own, as Intel's sgx_ra_init_ex takes. It is called for every id, 1 included,
 * and answers QY_ERR_UNSUPPORTED to an id that it does not know. */
typedef struct qy_kdf {
  qy_status (*derive)(void *context, qy_session_keys *out, uint16_t kdf_id, const uint8_t shared_x[32], qy_error *why);
  void *context;
} qy_kdf;

/* SHA-256(g_a || g_b || VK), then 32 zeros: what binds a report to a session. */
QY_API qy_status qy_session_report_data(uint8_t out[QY_REPORT_DATA_SIZE], const uint8_t g_a[QY_GROUP_ELEMENT_SIZE],
                                        const uint8_t g_b[QY_GROUP_ELEMENT_SIZE], const qy_session_keys *keys,
                                        qy_error *why) QY_MUST_CHECK;

/* ---- The enclave's side ----
 *
 * begin, msg1, msg2, msg3 (or msg3_own), msg4, each once. Any other order, and any failure, wipes the side and ends it:
 * QY_ERR_SEQUENCE with check exchange-state from then on. (Intel's library lets a failed msg2 be tried again with the
 * same g_a; this one does not.) A side that began is cleared by its owner; its members are the room's own. */
typedef enum qy_enclave_state {
  QY_ENCLAVE_ENDED = 0,
  QY_ENCLAVE_BEGINS,
  QY_ENCLAVE_AWAITS_MSG2,
  QY_ENCLAVE_AWAITS_QUOTE,
  QY_ENCLAVE_AWAITS_OWN_QUOTE,
  QY_ENCLAVE_AWAITS_MSG4,
  QY_ENCLAVE_ACCEPTED
} qy_enclave_state;
#define QY_ENCLAVE_STATE_COUNT 7

/* "ended", "begins", "awaits-msg2", "awaits-quote", "awaits-own-quote", "awaits-msg4", "accepted". */
QY_API const char *qy_enclave_state_name(qy_enclave_state state);

typedef struct qy_enclave_side {
  qy_enclave_state state;
  uint8_t provider_key[QY_GROUP_ELEMENT_SIZE];
  qy_kdf kdf; /* derive NULL: id 1 only */
  size_t secret_name_size;
  char secret_name[128];
  uint8_t a[32]; /* big-endian; wiped once the keys are there */
  uint8_t msg1[QY_MSG1_SIZE];
  uint8_t msg2[QY_MSG2_HEAD_SIZE];
  uint8_t nonce[QY_QUOTE_NONCE_SIZE];
  uint8_t qe_mr_enclave[QY_MEASUREMENT_SIZE];
  qy_attributes qe_attributes;
  qy_session_keys keys;
  uint8_t transcript[32];
} qy_enclave_side;

/* What the enclave makes of msg2: a report with this data for the quoting enclave, and the nonce of the quote. Without a
 * quoting enclave: the data that the platform is to quote; the nonce is zero. */
typedef struct qy_msg2_answer {
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t nonce[QY_QUOTE_NONCE_SIZE];
} qy_msg2_answer;

/* What msg4 said, all of it authentic. The secret goes into a vault. */
typedef struct qy_msg4_answer {
  qy_trust verdict;
  bool simulated;
  bool has_platform_info;
  uint8_t platform_info[QY_PLATFORM_INFO_SIZE];
  bool has_secret;
} qy_msg4_answer;

/* `provider_key`: the provider's public key, little-endian, from where it is measured (never from outside the
 * enclave). `secret_name`: 1 to 128 bytes. `kdf` NULL takes id 1 only; else it is copied. Check provider-key. */
QY_API qy_status qy_enclave_side_begin(qy_enclave_side *side, const uint8_t provider_key[QY_GROUP_ELEMENT_SIZE],
                                       qy_view secret_name, const qy_kdf *kdf, qy_trace *trace,
                                       qy_error *why) QY_MUST_CHECK;
/* Draws the enclave's key pair. `group_id` is what the platform says; nothing in the enclave relies on it. */
QY_API qy_status qy_enclave_side_msg1(qy_enclave_side *side, uint8_t out[QY_MSG1_SIZE], uint32_t group_id,
                                      const qy_random *random, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* `msg2` is the head, 168 bytes: the list never enters the enclave. `qe` is the quoting enclave as the platform names
 * it; the caller makes the report for it, and msg3 follows. NULL where the platform names none and hands out quotes
 * ready made (a trust domain; Gramine): then msg3_own follows. QY_ERR_REFUSED by gb-point, gb-reflected, shared-secret,
 * provider-signature, kdf, msg2-mac, in this order. */
QY_API qy_status qy_enclave_side_msg2(qy_enclave_side *side, qy_msg2_answer *out, qy_view msg2,
                                      const qy_target_info *qe, const qy_random *random, qy_trace *trace,
                                      qy_error *why) QY_MUST_CHECK;
/* `report_key`: this enclave's own report key for qe_report->key_id (16 bytes). `out` goes before the quote. The quote
 * is hashed and MACed where it lies: it must be in the enclave's own memory. QY_ERR_REFUSED by qe-report-mac,
 * qe-identity, qe-report-data, in this order. */
QY_API qy_status qy_enclave_side_msg3(qy_enclave_side *side, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                                      const qy_report *qe_report, const struct qy_secret *report_key, qy_trace *trace,
                                      qy_error *why) QY_MUST_CHECK;
/* msg3 where no quoting enclave vouches for the quote: an SGX or TD DCAP quote (quotary/dcap_quote.h), whose own body
 * must carry this session's report data, all 64 bytes. That finds a quote of another session, of another thread of this
 * process or of another program, before msg3 leaves. It does NOT show that the quote is genuine: no signature is
 * verified here, and who stands between can put this report data into a quote of his own making. The provider appraises
 * the quote, and gives nothing for a false one. QY_ERR_REFUSED by own-quote, also for what is no such quote. */
QY_API qy_status qy_enclave_side_msg3_own(qy_enclave_side *side, uint8_t out[QY_MSG3_HEAD_SIZE], qy_view quote,
                                          qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* `secret` is a zeroed vault, filled when out->has_secret; the caller frees it. After a verdict other than trusted the
 * side is ended. QY_ERR_REFUSED by msg4-tag. */
QY_API qy_status qy_enclave_side_msg4(qy_enclave_side *side, qy_msg4_answer *out, struct qy_vault *secret, qy_view msg4,
                                      qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* SK and MK, once the provider's verdict is known to be trust; QY_ERR_SEQUENCE before, which ends nothing. Each may be
 * NULL. msg4 was encrypted under SK with a random IV: whoever encrypts with SK must not meet that IV again. */
QY_API qy_status qy_enclave_side_keys(const qy_enclave_side *side, struct qy_secret *sk, struct qy_secret *mk,
                                      qy_error *why) QY_MUST_CHECK;
/* Wipes. */
QY_API void qy_enclave_side_clear(qy_enclave_side *side);

/* ---- The untrusted host between ---- */

/* msg2 taken apart for the two who need it, with what the quoting enclave would refuse refused here: the enclave gets
 * `head`, the quoting enclave the list. */
typedef struct qy_msg2_parts {
  qy_view head;  /* 168 bytes, borrowed */
  qy_view sigrl; /* borrowed; empty for none */
  uint8_t spid[QY_SPID_SIZE];
  qy_sign_type sign_type;
  size_t quote_size; /* of the quote to come */
} qy_msg2_parts;

QY_API qy_status qy_msg2_split(qy_msg2_parts *out, qy_view msg2, qy_error *why) QY_MUST_CHECK;

/* ---- The provider's side ----
 *
 * begin, msg1, msg2, msg3, msg4, each once; any other order, and any failure, wipes the side and ends it. It holds
 * no pointer: copying its bytes moves the conversation (and its keys) elsewhere. */
typedef enum qy_provider_state {
  QY_PROVIDER_ENDED = 0,
  QY_PROVIDER_AWAITS_MSG1,
  QY_PROVIDER_AWAITS_SIGRL,
  QY_PROVIDER_AWAITS_MSG3,
  QY_PROVIDER_AWAITS_VERDICT
} qy_provider_state;
#define QY_PROVIDER_STATE_COUNT 5

/* "ended", "awaits-msg1", "awaits-sigrl", "awaits-msg3", "awaits-verdict". */
QY_API const char *qy_provider_state_name(qy_provider_state state);

/* Who the provider is and what it asks for: the same in every session. Borrowed by each call. */
typedef struct qy_provider {
  const struct qy_secret *private_key; /* P-256, 32 bytes big-endian, as crypto has it */
  uint8_t spid[QY_SPID_SIZE];
  qy_sign_type quote_type;
  uint16_t kdf_id;        /* QY_KDF_ID_INTEL unless `kdf` is set */
  const qy_kdf *kdf;      /* NULL: id 1 */
  bool allow_ps_sec_prop; /* take an msg3 with platform services; else it must be zero */
} qy_provider;

typedef struct qy_provider_side {
  qy_provider_state state;
  qy_evidence_kind kind;
  uint32_t proof_count; /* entries of the list that was sent */
  uint8_t hello[QY_HELLO_SIZE];
  uint8_t msg2[QY_MSG2_HEAD_SIZE];
  qy_session_keys keys;
  uint8_t transcript[32];
} qy_provider_side;

/* Evidence that is bound to this session, and says nothing yet of who made it: appraise it. */
typedef struct qy_msg3_evidence {
  qy_evidence_kind kind;
  qy_view bytes;                            /* the quote, whole; borrows msg3, as do the next two */
  qy_quote epid;                            /* QY_EVIDENCE_EPID, else zero */
  qy_dcap_quote ecdsa;                      /* the other kinds, else zero */
  uint8_t report_data[QY_REPORT_DATA_SIZE]; /* as it must be, and is */
  qy_view ps_sec_prop;                      /* 256 bytes, borrowed; empty when all zero */
} qy_msg3_evidence;

/* What msg4 is to say. */
typedef struct qy_msg4_content {
  qy_trust verdict;
  bool simulated;
  const uint8_t *platform_info; /* 101 bytes, or NULL */
  qy_view secret;               /* only with QY_TRUSTED; at most 65536 bytes; empty for none */
  qy_view secret_name;          /* what the enclave asked for: 1 to 128 bytes, whether or not it gets it */
} qy_msg4_content;

/* `kind`: what the provider wants to see in this session; nothing else is taken. */
QY_API void qy_provider_side_begin(qy_provider_side *side, qy_evidence_kind kind);
/* `hello` is msg0 and msg1, 72 bytes. `*group_id` is the EPID group whose revocation list msg2 needs; 0 for ECDSA, where
 * none is. QY_ERR_REFUSED by extended-group, msg1-group (ECDSA), ga-point. */
QY_API qy_status qy_provider_side_msg1(qy_provider_side *side, uint32_t *group_id, qy_view hello, qy_trace *trace,
                                       qy_error *why) QY_MUST_CHECK;
/* The size of the msg2 that carries this list: a list without entries is not sent. */
QY_API qy_status qy_provider_msg2_size(size_t *size, qy_view sigrl, qy_error *why) QY_MUST_CHECK;
/* `sigrl`: the group's list, or empty; with ECDSA always empty (QY_ERR_ARGUMENT). `out` holds qy_provider_msg2_size() bytes (QY_ERR_SPACE). Draws the provider's
 * key pair. QY_ERR_REFUSED by sigrl-group, shared-secret; QY_ERR_ARGUMENT for a kdf_id that nothing here derives. */
QY_API qy_status qy_provider_side_msg2(qy_provider_side *side, uint8_t *out, size_t capacity, size_t *size,
                                       const qy_provider *provider, qy_view sigrl, const qy_random *random,
                                       qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* QY_ERR_REFUSED by quote-proofs, msg3-ga, msg3-mac, quote-version, quote-group, quote-sign-type, quote-basename,
 * quote-xeid, report-data, ps-sec-prop, in this order; with ECDSA by msg3-ga, msg3-mac, quote-version, quote-tee,
 * report-data, ps-sec-prop. */
QY_API qy_status qy_provider_side_msg3(qy_provider_side *side, qy_msg3_evidence *out, const qy_provider *provider,
                                       qy_view msg3, qy_trace *trace, qy_error *why) QY_MUST_CHECK;
/* The size of the msg4 with this content. */
QY_API size_t qy_msg4_size(const qy_msg4_content *content);
/* Encrypts and authenticates the answer, and ends the conversation: one answer a session. A secret without trust is
 * QY_ERR_ARGUMENT. `out` holds qy_msg4_size() bytes (QY_ERR_SPACE). */
QY_API qy_status qy_provider_side_msg4(qy_provider_side *side, uint8_t *out, size_t capacity, size_t *size,
                                       const qy_msg4_content *content, const qy_random *random, qy_trace *trace,
                                       qy_error *why) QY_MUST_CHECK;
/* Wipes. */
QY_API void qy_provider_side_clear(qy_provider_side *side);

#ifdef __cplusplus
}
#endif
#endif
