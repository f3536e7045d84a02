/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that can be enrolled at an endorser in a scratch folder and joins its groups. */
#ifndef QY_TEST_ENDORSER_MACHINE_H
#define QY_TEST_ENDORSER_MACHINE_H

#include "reports_support.h"

#include "../conversation/provisioning_world.h"

typedef struct test_machine {
  world w; /* of its endorser only what the machine knows */
  qy_signed_pek pek;
  char record[160]; /* factory record */
  qy_joiner joiner;
  qy_epid_member_key key; /* once it has joined */
} test_machine;

/* Signs enclaves at the endorser if there are none, so that machines have a provisioning enclave to run. */
void machine_make(test_machine *machine, const char *folder, uint8_t seed);
void machine_clear(test_machine *machine);
void machine_enroll(const test_machine *machine, const char *folder);
/* The level at which it stands, 1 to 5. */
void machine_set_level(test_machine *machine, unsigned level);

/* Appends msg1 of a new conversation. */
void machine_msg1(test_machine *machine, qy_buffer *out);
/* Takes the answer to msg1 or msg3; the status is qy_joiner_open()'s. */
qy_status machine_open(test_machine *machine, qy_view answer);
/* A key that the machine had: what the proof by it is made with. */
typedef struct test_key {
  qy_epid_group_key group;
  qy_platform_level level;
  qy_epid_member_key key;
} test_key;
/* After machine_finish(). */
test_key machine_key(const test_machine *machine);
/* The proof that msg2 demanded; the status is qy_joiner_prove()'s. */
qy_status machine_prove(test_machine *machine, const test_key *key, qy_trace *trace);
/* Appends msg3. */
void machine_msg3(test_machine *machine, qy_buffer *out);
/* Takes the credential; `key` is then a member's. */
void machine_finish(test_machine *machine);

#endif
