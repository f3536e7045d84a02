/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit on what comes from outside, in one table (bytes unless the name says otherwise). */
#ifndef QY_BASE_LIMITS_H
#define QY_BASE_LIMITS_H

#define QY_MAX_SIGRL_ENTRIES 100000u /* 12.8 MB of list; 16 MB of proofs */
#define QY_MAX_SIGRL_SIZE (80u + 128u * QY_MAX_SIGRL_ENTRIES)
#define QY_MAX_QUOTE_SIZE (1116u + 160u * QY_MAX_SIGRL_ENTRIES)
#define QY_MAX_MSG_SIZE (336u + QY_MAX_QUOTE_SIZE)
#define QY_MAX_SECRET_SIZE 65536u    /* what a broker releases */
#define QY_MAX_SECRET_NAME 128u      /* characters */
#define QY_MAX_FILE_SIZE (64u << 20) /* evidence, lists, policies read from files */
#define QY_MAX_JSON_SIZE (24u << 20)
#define QY_MAX_JSON_DEPTH 32u        /* levels */
#define QY_MAX_CHAIN_CERTIFICATES 8u /* certificates */
#define QY_MAX_HTTP_HEADERS 32768u
#define QY_MAX_ENCLAVE_PAGES 16384u /* pages of 4096 bytes */
#define QY_MAX_PROVISIONING_SIZE (1u << 20)
#define QY_MAX_COLLATERAL_SIZE (2u << 20) /* one document, chain or list of it */
#define QY_MAX_EVENT_LOG_SIZE (1u << 20)  /* with the padding of its memory; firmware gives it 64 KiB or so */

#endif
