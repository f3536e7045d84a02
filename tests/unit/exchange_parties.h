/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of a conversation and a make-believe machine between, for tests. */
#ifndef QY_TEST_EXCHANGE_PARTIES_H
#define QY_TEST_EXCHANGE_PARTIES_H

#include "vectors.h"

#include <base/buffer.h>
#include <base/secret.h>
#include <quotary/dcap_quote.h>
#include <quotary/exchange.h>

/* Random bytes that are set beforehand, then a repeatable stream. */
typedef struct scripted_random {
  const uint8_t *bytes;
  size_t size;
  test_random rest;
} scripted_random;
qy_random scripted_random_source(scripted_random *state);

/* A machine: who quotes, and the key of the reports that it makes for the enclave. */
typedef struct machine {
  uint32_t group_id;
  qy_target_info qe;
  qy_secret report_key;
} machine;

typedef struct parties {
  scripted_random enclave_bytes;
  scripted_random provider_bytes;
  qy_random enclave_random;
  qy_random provider_random;
  machine machine;
  qy_secret provider_key;
  uint8_t provider_public[64]; /* little-endian, as measured */
  qy_provider provider;
  qy_enclave_side enclave;
  qy_provider_side side;
  qy_trace enclave_trace;
  qy_trace trace; /* of the provider */
  qy_error why;
  /* What was said. */
  uint8_t hello[QY_HELLO_SIZE];
  uint8_t msg2[QY_MSG2_HEAD_SIZE + 4096];
  size_t msg2_size;
  qy_msg2_answer answer;
  uint8_t msg3[8192];
  size_t msg3_size;
  qy_msg3_evidence evidence;
  uint8_t msg4[QY_MSG4_MAX_SIZE];
  size_t msg4_size;
  qy_msg4_answer verdict;
  qy_vault secret;
} parties;

#define SECRET_NAME "database-password"

/* Ready to begin; the enclave has begun, the provider waits. Different seeds give different keys and machines. Free. */
parties *parties_new(uint64_t seed);
void parties_free(parties *p);

/* One step each, from what was said before; the status is that of the side which acts. */
qy_status say_msg1(parties *p);
qy_status hear_msg1(parties *p);
qy_status say_msg2(parties *p, qy_view sigrl);
qy_status hear_msg2(parties *p);       /* the enclave, with the head of p->msg2 */
qy_status hear_msg2_alone(parties *p); /* the enclave, whose platform names no quoting enclave */
qy_status say_msg3(parties *p);        /* quotes, and the enclave makes msg3 */
qy_status hear_msg3(parties *p);
qy_status say_msg4(parties *p, qy_trust verdict, const char *secret);
qy_status hear_msg4(parties *p);

/* Steps that must go well. */
void talk_to_msg2_said(parties *p);
void talk_to_msg2_heard(parties *p);
void talk_to_msg3_said(parties *p);
void talk_to_msg4_said(parties *p, const char *secret);

/* A revocation list of `count` made-up entries; unsigned, which neither side looks at. */
void make_sigrl(qy_buffer *out, uint32_t group_id, uint32_t count);
/* A quote as the machine makes it: the signature is filler of the right form. */
void make_quote(qy_buffer *out, const parties *p, uint32_t proof_count);
/* A DCAP quote over what the enclave answered to msg2, as a platform hands it out; the rest is filler of the right
 * form. */
void make_own_quote(qy_buffer *out, const parties *p, uint16_t version, qy_dcap_body_type body_type);
/* The quoting enclave's report on a quote. */
void make_qe_report(qy_report *out, const parties *p, qy_view quote);
void sign_report(qy_report *report, const qy_secret *key);
/* Put a right MAC on p->msg2 or p->msg3, as one who holds SMK could; the provider has it until it has heard msg3. */
void mac_msg2(parties *p);
void mac_msg3(parties *p);

/* Empties a trace. */
void forget(qy_trace *trace);
/* The id of the last failed record, or QY_CHECK_NONE. */
qy_check_id failed_check(const qy_trace *trace);
#define assert_refused_by(status_is, trace, id)                                 \
  do {                                                                          \
    assert_int_equal((status_is), QY_ERR_REFUSED);                              \
    assert_string_equal(qy_check_name(failed_check(trace)), qy_check_name(id)); \
  } while (0)

/* Every byte is zero: nothing was left behind. */
bool is_wiped(const void *object, size_t size);

#endif
