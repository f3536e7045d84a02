/* SPDX-License-Identifier: Apache-2.0 */
#include "provisioning_world.h"

#include <string.h>

#include <sgx/endorsements.h>

void world_group(qy_epid_group_key *group, qy_epid_issuing_key *key, uint8_t certificate[QY_GROUP_CERTIFICATE_SIZE],
                 world *w, uint32_t gid)
{
  uint8_t encoded[QY_GROUP_PUBLIC_KEY_SIZE];
  const qy_epid_gid id = qy_epid_gid_of_sgx(gid);
  assert_ok(qy_epid_group_create(group, key, &id, &w->random, NULL));
  assert_ok(qy_sgx_group_key_encode(encoded, group, NULL));
  assert_ok(qy_group_certificate_make(certificate, encoded, &w->endorser.epid_signing_key, NULL));
}

static void make_endorser(world *w)
{
  world_endorser *e = &w->endorser;
  qy_p256_public pek_signing_public;
  qy_signed_pek pek;
  assert_ok(qy_rsa_generate(&e->pek, 3072, 65537, NULL));
  qy_rsa_public_of(&e->pek_public, e->pek);
  assert_ok(qy_rsa_generate(&e->wrap, 2048, 65537, NULL));
  assert_ok(qy_p256_generate(&e->pek_signing_key, &pek_signing_public, &w->random, NULL));
  assert_ok(qy_p256_generate(&e->epid_signing_key, &e->epid_signing_public, &w->random, NULL));
  e->xegb = (qy_xegb){.epid_signing_key = e->epid_signing_public, .pek_signing_key = pek_signing_public};
  qy_rsa_public_of(&e->xegb.quote_wrap_key, e->wrap);
  assert_ok(qy_xegb_sign(&e->xegb, &e->epid_signing_key, NULL));
  assert_ok(qy_xegb_encode(e->xegb_bytes, &e->xegb, NULL));
  assert_ok(qy_signed_pek_make(&pek, &e->pek_public, &e->pek_signing_key, NULL));
  qy_signed_pek_encode(e->signed_pek, &pek);
  world_group(&e->group, &e->issuing_key, e->certificate, w, WORLD_GID);
}

static qy_secs enclave(uint8_t id, uint64_t extra_flags)
{
  qy_secs secs = {.attributes = {QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT | extra_flags, QY_XFRM_LEGACY},
                  .isv_prod_id = 1,
                  .isv_svn = (uint16_t)(2 + id)};
  memset(secs.mr_enclave, 0xe0 + id, sizeof(secs.mr_enclave));
  memset(secs.mr_signer, 0x51, sizeof(secs.mr_signer));
  return secs;
}

void world_burn(world_machine *machine, uint8_t seed)
{
  memset(machine, 0, sizeof(*machine));
  for (size_t i = 0; i < QY_KEY_NAME_COUNT; i++) {
    machine->fuses.base_keys[i].size = 16;
    memset(machine->fuses.base_keys[i].bytes, seed + (int)i, 16);
  }
  memset(machine->fuses.owner_epoch, seed ^ 0x77, QY_OWNER_EPOCH_SIZE);
  memset(machine->fuses.report_key_id, seed ^ 0x33, QY_KEY_ID_SIZE);
  machine->fuses.td_report_key.size = 32;
  memset(machine->fuses.td_report_key.bytes, seed ^ 0x44, 32);
  machine->fuses.cpu_svn_count = 3;
  for (size_t i = 0; i < 3; i++) {
    memset(machine->fuses.cpu_svns[i], 1 + (int)i, QY_CPU_SVN_SIZE);
  }
  memcpy(machine->cpu_svn, machine->fuses.cpu_svns[1], QY_CPU_SVN_SIZE);
  machine->pve = enclave(1, QY_ATTRIBUTE_PROVISION_KEY);
  machine->pce = enclave(2, QY_ATTRIBUTE_PROVISION_KEY);
  machine->qe = enclave(3, 0);
  machine->level = (qy_platform_level){.pve_svn = machine->pve.isv_svn, .pce_svn = machine->pce.isv_svn};
  memcpy(machine->level.cpu_svn, machine->cpu_svn, QY_CPU_SVN_SIZE);
  machine->enrolled.root = &machine->fuses.base_keys[QY_KEY_PROVISION];
  machine->enrolled.architectural.isv_prod_id = 1;
  memcpy(machine->enrolled.architectural.mr_signer, machine->pve.mr_signer, QY_MEASUREMENT_SIZE);
  assert_ok(qy_ppid_of_root(machine->enrolled.ppid, machine->enrolled.root, &machine->enrolled.architectural, NULL));
}

void world_make(world *w)
{
  memset(w, 0, sizeof(*w));
  w->randomness.state = 7;
  w->random = test_random_source(&w->randomness);
  make_endorser(w);
  world_burn(&w->machine, 0x10);
  memcpy(w->known_pves[0], w->machine.pve.mr_enclave, QY_MEASUREMENT_SIZE);
  w->policy = (qy_pve_policy){.mr_enclaves = w->known_pves, .mr_enclave_count = 1, .min_isv_svn = 3};
}

void world_clear(world *w)
{
  qy_rsa_private_free(&w->endorser.pek);
  qy_rsa_private_free(&w->endorser.wrap);
  qy_wipe(w, sizeof(*w));
}

void world_key(qy_secret *out, const world_machine *machine, const qy_secs *secs, const qy_key_request *request)
{
  assert_ok(qy_sgx_key_derive(out, &machine->fuses, machine->cpu_svn, secs, request, NULL));
}

void world_pve_keys(qy_secret *provision, qy_secret *escrow, const world_machine *machine,
                    const qy_platform_level *level)
{
  qy_key_request request;
  const qy_psvn psvn = qy_platform_level_pve(level);
  qy_provision_key_request(&request, &psvn);
  world_key(provision, machine, &machine->pve, &request);
  qy_escrow_key_request(&request, &psvn);
  world_key(escrow, machine, &machine->pve, &request);
}

void world_report(qy_report_body *out, const world_machine *machine, const uint8_t report_data[QY_REPORT_DATA_SIZE])
{
  qy_target_info target;
  qy_report report;
  qy_target_info_of(&target, &machine->pce);
  assert_ok(qy_sgx_report_make(&report, &machine->fuses, machine->cpu_svn, &machine->pve, &target, report_data, NULL));
  *out = report.body;
}

void world_certify(uint8_t signature[64], const world_machine *machine, const qy_platform_level *level,
                   const uint8_t body[QY_REPORT_BODY_SIZE])
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(signing_key);
  qy_key_request request;
  const qy_psvn psvn = qy_platform_level_pce(level);
  const qy_view signed_part = {body, QY_REPORT_BODY_SIZE};
  qy_provision_key_request(&request, &psvn);
  world_key(&provision, machine, &machine->pce, &request);
  assert_ok(qy_pce_signing_key(&signing_key, &provision, NULL));
  assert_ok(qy_p256_sign(signature, &signing_key, &signed_part, 1, NULL));
}

void world_encrypted_ppid(uint8_t out[QY_PEK_RSA_SIZE], const world *w, const world_machine *machine)
{
  QY_SCOPED_SECRET(provision);
  qy_key_request request;
  uint8_t ppid[QY_PPID_SIZE];
  const qy_psvn zero = {0};
  qy_provision_key_request(&request, &zero);
  world_key(&provision, machine, &machine->pce, &request);
  assert_ok(qy_provisioning_ppid(ppid, &provision, NULL));
  assert_ok(qy_rsa_oaep_encrypt(out, &w->endorser.pek_public, QY_VIEW_OF(ppid), NULL));
}
