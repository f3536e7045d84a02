/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the test program, an enclave or a trust domain, which offers what an enclave can do, and tries what it must not. */
#ifndef QY_TEST_ENCLAVE_PROBE_H
#define QY_TEST_ENCLAVE_PROBE_H

#define PROBE_ECHO 1
#define PROBE_SELF 2         /* report body of itself */
#define PROBE_REPORT 3       /* target info (512), data (64) to a report */
#define PROBE_KEY 4          /* key request to a key: a real enclave would never tell */
#define PROBE_VERIFY 5       /* a report that targets this enclave */
#define PROBE_SEAL 6         /* u8 policy, u8 size of the clear text, clear text, plain text */
#define PROBE_UNSEAL 7       /* blob to u32le size of the plain text, plain text, clear text */
#define PROBE_SECTION 8      /* name to content */
#define PROBE_DESCRIPTORS 9  /* the open descriptors, a byte each */
#define PROBE_TRY 10         /* u8 what; gives a byte: 0 it went well, else errno */
#define PROBE_BIG 11         /* u32le size: an answer of so many bytes */
#define PROBE_CHECKS 12      /* makes one check of each outcome, with the text given */
#define PROBE_INSTRUCTION 13 /* raw packet to the processor, its raw outcome back */
#define PROBE_ENVIRONMENT 14 /* u8 number of environment variables */
#define PROBE_FLOOD 15       /* instructions without end, whose outcomes it does not take */
#define PROBE_TD_REPORT 16   /* in a trust domain: u8 version, data (64) to a TD report */
#define PROBE_TD_EXTEND 17   /* in a trust domain: u8 register, digest (48) */
#define PROBE_TD_VERIFY 18   /* in an enclave: REPORTMACSTRUCT (256) to u8 whether the processor made it */
#define PROBE_TD_CONFIGURATION 19

#define TRY_OPEN 1
#define TRY_SOCKET 2
#define TRY_KILL 3
#define TRY_FORK 4
#define TRY_EXEC 5
#define TRY_PTRACE 6
#define TRY_MAP_CODE 7
#define TRY_MAKE_CODE 8
#define TRY_MEMFD 9
#define TRY_DUP 10
#define TRY_PRCTL 11
#define TRY_WRITE_IMAGE 12
#define TRY_THREAD 13
#define TRY_NOTHING 14

#endif
