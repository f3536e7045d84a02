/* SPDX-License-Identifier: Apache-2.0 */
/* What the figures are held against. */
#ifndef QY_BENCH_PEERS_H
#define QY_BENCH_PEERS_H

/* All in units of one P-256 verification by OpenSSL; 0 where there is no figure. */
typedef struct bench_peer {
  const char *name; /* of the operation */
  double at_most;   /* required */
  double aim;
  double intel_shipped; /* Intel's EPID SDK 8.0.0 as its own build makes it */
  double intel_fast;    /* the same with the assembly of Intel's ipp-crypto 2021.9 */
  double composite;     /* the operation put together of calls of the fastest public pairing library (mcl) */
} bench_peer;

/* NULL for an operation that is held against nothing. */
const bench_peer *bench_peer_of(const char *name);

#endif
