/* SPDX-License-Identifier: Apache-2.0 */
#include "endorser_machine.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <endorser/issuer.h>

static void sign_enclaves(const char *folder)
{
  static const uint8_t PROGRAM[] = "\x7f"
                                   "ELF in name only";
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, "program", &assert_why));
  write_below(folder, "program", QY_VIEW_OF(PROGRAM));
  const qy_endorser_programs programs = {
      .provisioning = path, .certification = path, .quoting = path, .pve_svn = 2, .pce_svn = 2};
  assert_ok(qy_endorser_sign_images(folder, &programs, &assert_why));
}

static void take_identity(qy_secs *secs, const qy_signed_enclaves *enclaves, const uint8_t *mr_enclave, uint16_t svn)
{
  memcpy(secs->mr_signer, enclaves->identity.mr_signer, sizeof secs->mr_signer);
  memcpy(secs->mr_enclave, mr_enclave, sizeof secs->mr_enclave);
  secs->isv_prod_id = 1;
  secs->isv_svn = svn;
}

void machine_make(test_machine *machine, const char *folder, uint8_t seed)
{
  qy_tcb_levels levels;
  qy_signed_enclaves enclaves;
  char ppid[2 * QY_PPID_SIZE + 1];
  char root[2 * 16 + 1];
  QY_SCOPED_BUFFER(xegb, 1024);
  QY_SCOPED_BUFFER(pek, 1024);
  memset(machine, 0, sizeof *machine);
  if (!exists_below(folder, "public/images/quotary-pve.image")) {
    sign_enclaves(folder);
  }
  assert_ok(qy_signed_enclaves_load(&enclaves, folder, &assert_why));
  assert_ok(qy_tcb_levels_load(&levels, folder, &assert_why));
  machine->w.randomness.state = seed;
  world_machine *m = &machine->w.machine;
  world_burn(m, seed);
  take_identity(&m->pve, &enclaves, enclaves.pve_measurements[0], 2);
  take_identity(&m->pce, &enclaves, enclaves.pve_measurements[0], 2);
  m->fuses.cpu_svn_count = levels.count;
  memcpy(m->fuses.cpu_svns, levels.cpu_svns, levels.count * QY_CPU_SVN_SIZE);
  m->enrolled.architectural = enclaves.identity;
  assert_ok(qy_ppid_of_root(m->enrolled.ppid, &m->fuses.base_keys[QY_KEY_PROVISION], &enclaves.identity, &assert_why));
  machine_set_level(machine, (unsigned)levels.count);
  read_below(&xegb, folder, "public/xegb.bin");
  read_below(&pek, folder, "public/pek.bin");
  assert_ok(qy_xegb_decode(&machine->w.endorser.xegb, qy_buffer_view(&xegb), &assert_why));
  assert_ok(qy_signed_pek_decode(&machine->pek, qy_buffer_view(&pek), &assert_why));
  machine->w.endorser.pek_public = machine->pek.key;
  memcpy(machine->w.endorser.signed_pek, pek.bytes, QY_SIGNED_PEK_SIZE);
  qy_hex_encode(ppid, QY_VIEW_OF(m->enrolled.ppid));
  qy_hex_encode(root, qy_secret_view(&m->fuses.base_keys[QY_KEY_PROVISION]));
  (void)snprintf(machine->record, sizeof machine->record, "{\"ppid\":\"%s\",\"provision_base_key\":\"%s\"}", ppid,
                 root);
}

void machine_clear(test_machine *machine)
{
  qy_joiner_clear(&machine->joiner);
  qy_wipe(machine, sizeof *machine);
}

void machine_enroll(const test_machine *machine, const char *folder)
{
  assert_ok(qy_endorser_enroll(folder, qy_view_text(machine->record), &assert_why));
}

void machine_set_level(test_machine *machine, unsigned level)
{
  world_machine *m = &machine->w.machine;
  memcpy(m->cpu_svn, m->fuses.cpu_svns[level - 1], QY_CPU_SVN_SIZE);
  m->level = (qy_platform_level){.pve_svn = m->pve.isv_svn, .pce_svn = m->pce.isv_svn};
  memcpy(m->level.cpu_svn, m->cpu_svn, QY_CPU_SVN_SIZE);
}

void machine_msg1(test_machine *machine, qy_buffer *out)
{
  uint8_t encrypted_ppid[QY_PEK_RSA_SIZE];
  const qy_random random = test_random_source(&machine->w.randomness);
  qy_joiner_clear(&machine->joiner);
  assert_ok(qy_joiner_begin(&machine->joiner, QY_VIEW_OF(machine->w.endorser.signed_pek), &machine->w.endorser.xegb,
                            &random, NULL, &assert_why));
  world_encrypted_ppid(encrypted_ppid, &machine->w, &machine->w.machine);
  assert_ok(qy_joiner_make_msg1(&machine->joiner, out, QY_VIEW_OF(encrypted_ppid), &machine->w.machine.level, &random,
                                &assert_why));
}

qy_status machine_open(test_machine *machine, qy_view answer)
{
  return qy_joiner_open(&machine->joiner, answer, NULL, NULL);
}

test_key machine_key(const test_machine *machine)
{
  return (test_key){.group = machine->joiner.group, .level = machine->joiner.equivalent, .key = machine->key};
}

qy_status machine_prove(test_machine *machine, const test_key *key, qy_trace *trace)
{
  const qy_random random = test_random_source(&machine->w.randomness);
  const qy_joiner_previous previous = {
      .psvn = qy_platform_level_pve(&key->level), .group = &key->group, .key = &key->key};
  return qy_joiner_prove(&machine->joiner, &previous, &random, trace, NULL);
}

void machine_msg3(test_machine *machine, qy_buffer *out)
{
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  uint8_t body[QY_REPORT_BODY_SIZE];
  uint8_t signature[64];
  qy_report_body report;
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  const qy_random random = test_random_source(&machine->w.randomness);
  const qy_platform_level *level = &machine->joiner.equivalent;
  world_pve_keys(&provision, &escrow, &machine->w.machine, level);
  assert_ok(qy_joiner_join(&machine->joiner, report_data, &provision, &escrow, &random, &assert_why));
  world_report(&report, &machine->w.machine, report_data);
  qy_report_body_encode(body, &report);
  world_certify(signature, &machine->w.machine, level, body);
  assert_ok(qy_joiner_make_msg3(&machine->joiner, out, QY_VIEW_OF(body), signature, &random, &assert_why));
}

void machine_finish(test_machine *machine)
{
  QY_SCOPED_SECRET(provision);
  QY_SCOPED_SECRET(escrow);
  world_pve_keys(&provision, &escrow, &machine->w.machine, &machine->joiner.equivalent);
  assert_ok(qy_joiner_finish(&machine->key, &machine->joiner, &provision, &escrow, NULL, &assert_why));
}
