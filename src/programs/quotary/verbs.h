/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs, in the order of the overview. Each is cmd_<verb> in cmd_<verb>.c. */
#ifndef QY_PROGRAMS_VERBS_H
#define QY_PROGRAMS_VERBS_H

#define VERBS(X)                                                                            \
  X(demo, "the whole flow on this machine, told as it happens")                             \
  X(up, "endorser, platform and broker, until interrupted")                                 \
  X(attest, "be the attester: run the flow against a broker, receive a secret")             \
  X(show, "decode evidence of any kind, for people or as JSON")                             \
  X(quote, "ask the machine that this runs on for a quote: Gramine, TDX or simulated")      \
  X(verify, "appraise evidence: authentic? trusted? and which check says so")               \
  X(collateral, "keep what DCAP verdicts need: fetch, import, export, show, diff")          \
  X(enclave, "sign an enclave image, print its measurement")                                \
  X(td, "build a trust domain's image, print its measurement")                              \
  X(platform, "the simulated machine: init, serve, update, describe")                       \
  X(endorser, "the simulated Intel: init, enroll, serve, reports, issue-member, revoke, …") \
  X(epid, "EPID groups: join, sign, verify, revoke, in the files of Intel's tools")         \
  X(broker, "releases secrets to attested enclaves: init, serve, secret, releases")         \
  X(doctor, "what can this machine attest with, and what is missing")

#define VERB_PROTOTYPE(name, summary) int cmd_##name(int argc, char **argv);
VERBS(VERB_PROTOTYPE)
#undef VERB_PROTOTYPE

#endif
