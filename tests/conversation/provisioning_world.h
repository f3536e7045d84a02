/* SPDX-License-Identifier: Apache-2.0 */
/* An endorser and a processor with its architectural enclaves, for conversations in memory. */
#ifndef QY_TEST_PROVISIONING_WORLD_H
#define QY_TEST_PROVISIONING_WORLD_H

#include "vectors.h"

#include <provisioning/joiner.h>
#include <provisioning/provisioner.h>
#include <sgx/keys.h>

#define WORLD_GID 0x00000b3fu

typedef struct world_endorser {
  qy_rsa_private *pek;
  qy_rsa_public pek_public;
  qy_rsa_private *wrap; /* opens quotes */
  qy_secret pek_signing_key;
  qy_secret epid_signing_key;
  qy_p256_public epid_signing_public;
  qy_xegb xegb;
  uint8_t xegb_bytes[QY_XEGB_SIZE];
  uint8_t signed_pek[QY_SIGNED_PEK_SIZE];
  qy_epid_group_key group;
  qy_epid_issuing_key issuing_key;
  uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE];
} world_endorser;

typedef struct world_machine {
  qy_fuses fuses;
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  qy_secs pve;
  qy_secs pce;
  qy_secs qe;
  qy_platform_level level;
  qy_enrolled_machine enrolled;
} world_machine;

typedef struct world {
  test_random randomness;
  qy_random random;
  world_endorser endorser;
  world_machine machine;
  uint8_t known_pves[1][QY_MEASUREMENT_SIZE];
  qy_pve_policy policy;
} world;

void world_make(world *w);
void world_clear(world *w);
/* Another processor with the same enclaves. */
void world_burn(world_machine *machine, uint8_t seed);
/* A group with its certificate, signed by the endorser. */
void world_group(qy_epid_group_key *group, qy_epid_issuing_key *key, uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE],
                 world *w, uint32_t gid);
/* EGETKEY for one of the machine's enclaves. */
void world_key(qy_secret *out, const world_machine *machine, const qy_secs *enclave, const qy_key_request *request);
/* PROVISION and PROVISION_SEAL of the provisioning enclave at a level. */
void world_pve_keys(qy_secret *provision, qy_secret *escrow, const world_machine *machine,
                    const qy_platform_level *level);
/* The provisioning enclave's report body with this report data, and the certifying enclave's signature of it. */
void world_report(qy_report_body *out, const world_machine *machine, const uint8_t report_data[QY_REPORT_DATA_SIZE]);
void world_certify(uint8_t signature[64], const world_machine *machine, const qy_platform_level *level,
                   const uint8_t body[QY_REPORT_BODY_SIZE]);
/* What the certifying enclave answers: the PPID under the PEK. */
void world_encrypted_ppid(uint8_t out[QY_PEK_RSA_SIZE], const world *w, const world_machine *machine);

#endif
