/* SPDX-License-Identifier: Apache-2.0 */
/* What a fresh endorser holds, and that each part of it fits the others. */
#include "reports_support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <crypto/hash.h>
#include <crypto/x509.h>
#include <image/image.h>
#include <json/json.h>
#include <provisioning/structures.h>
#include <sgx/endorsements.h>
#include <sgx/sigstruct.h>

static char folder[QY_PATH_SIZE];

static void read_p256(qy_p256_public *out, const char *name)
{
  QY_SCOPED_BUFFER(pem, 65536);
  read_below(&pem, folder, name);
  assert_ok(qy_p256_public_from_pem(out, qy_buffer_view(&pem), &assert_why));
}

static void second_init_is_refused(void **state)
{
  (void)state;
  const qy_endorser_setup setup = {.now_s = NOW_S};
  assert_int_equal(qy_endorser_init(folder, &setup, NULL), QY_ERR_EXISTS);
}

static unsigned mode_of(const char *name)
{
  char path[QY_PATH_SIZE];
  struct stat status;
  assert_ok(qy_path_join(path, sizeof path, folder, name, &assert_why));
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 0777;
}

static void secrets_are_private(void **state)
{
  (void)state;
  static const char *const SECRETS[] = {
      "issuer/epid-ca.pem",   "issuer/isk.pem",     "issuer/peksk.pem",          "issuer/pek.pem",
      "issuer/ae-signer.pem", "reports/qsdk.pem",   "reports/report-ca-key.pem", "reports/report-key.pem",
      "reports/pib-key.pem",  "reports/tls-key.pem"};
  for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
    assert_int_equal(mode_of(SECRETS[i]), 0600);
  }
  assert_int_equal(mode_of("issuer"), 0700);
  assert_int_equal(mode_of("reports"), 0700);
  assert_false(exists_below(folder, "issuer/qsdk.pem")); /* the issuing process cannot open quotes */
}

static void provisioning_keys_fit(void **state)
{
  (void)state;
  qy_xegb xegb;
  qy_signed_pek pek;
  qy_p256_public isk;
  QY_SCOPED_BUFFER(xegb_bytes, 1024);
  QY_SCOPED_BUFFER(pek_bytes, 1024);
  read_below(&xegb_bytes, folder, "public/xegb.bin");
  read_below(&pek_bytes, folder, "public/pek.bin");
  assert_ok(qy_xegb_decode(&xegb, qy_buffer_view(&xegb_bytes), &assert_why));
  assert_ok(qy_xegb_verify(NULL, &xegb, &xegb.pek_signing_key, &assert_why));
  assert_int_equal(xegb.xeid, 0);
  assert_ok(qy_signed_pek_decode(&pek, qy_buffer_view(&pek_bytes), &assert_why));
  assert_ok(qy_signed_pek_verify(NULL, &pek, &xegb.pek_signing_key, &assert_why));
  read_p256(&isk, "public/isk.pem");
  assert_memory_equal(isk.bytes, xegb.epid_signing_key.bytes, sizeof isk.bytes);
  read_p256(&isk, "reports/isk-public.pem");
  assert_memory_equal(isk.bytes, xegb.epid_signing_key.bytes, sizeof isk.bytes);
}

static void first_group_is_whole(void **state)
{
  (void)state;
  qy_group_certificate certificate;
  qy_p256_public isk;
  QY_SCOPED_GROUP(group);
  const uint32_t gid = first_group(folder);
  load_group(&group, folder, gid);
  assert_true(gid != 0 && gid <= 0xffff);
  assert_int_equal(group.tcb.cpu_svn_level, 5);
  assert_false(group.has_privrl || group.has_sigrl);
  assert_ok(qy_epid_group_key_check(&group.key, NULL, &assert_why));
  assert_ok(qy_group_certificate_decode(&certificate, qy_buffer_view(&group.certificate), &assert_why));
  read_p256(&isk, "public/isk.pem");
  assert_ok(qy_group_certificate_verify(NULL, &certificate, &isk, &assert_why));
  assert_int_equal(certificate.group_id, gid);
  qy_epid_group_key same;
  assert_ok(qy_sgx_group_key_decode(&same, certificate.public_key, &assert_why));
  assert_memory_equal(&same, &group.key, sizeof same);
}

/* E17: a group's key published under another number is refused by its check. */
static void group_key_of_another_group_is_refused(void **state)
{
  (void)state;
  qy_epid_ca ca;
  uint32_t other = 0;
  char name[QY_PATH_SIZE];
  qy_trace *trace = calloc(1, sizeof *trace);
  const qy_group_tcb tcb = {.cpu_svn_level = 5, .pve_svn = 1, .pce_svn = 1};
  char copy[QY_PATH_SIZE];
  endorser_make(copy);
  QY_SCOPED_BUFFER(ca_file, 4096);
  QY_SCOPED_BUFFER(key, 4096);
  QY_SCOPED_GROUP(group);
  const uint32_t gid = first_group(copy);
  assert_ok(qy_endorser_add_group(&other, copy, &tcb, &assert_why));
  snprintf(name, sizeof name, "public/groups/%08x/pubkey.bin", gid);
  read_below(&key, copy, name);
  snprintf(name, sizeof name, "public/groups/%08x/pubkey.bin", other);
  write_below(copy, name, qy_buffer_view(&key));
  read_below(&ca_file, copy, "reports/epid-ca.bin");
  assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&ca_file), NULL, NULL, &assert_why));
  assert_int_equal(qy_group_load(&group, copy, other, &ca, trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(trace)->id, QY_CHECK_ENDORSER_GROUP_ID);
  free(trace);
  scratch_remove(copy);
}

static void report_chain_fits(void **state)
{
  (void)state;
  bool valid = false;
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_CHAIN(ca);
  QY_SCOPED_BUFFER(chain_pem, 65536);
  QY_SCOPED_BUFFER(ca_pem, 65536);
  read_below(&chain_pem, folder, "reports/report-chain.pem");
  read_below(&ca_pem, folder, "public/report-ca.pem");
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&chain_pem), &assert_why));
  assert_ok(qy_chain_from_pem(&ca, qy_buffer_view(&ca_pem), &assert_why));
  assert_int_equal(chain.count, 2);
  assert_true(qy_certificate_same_key(chain.certificates[1], ca.certificates[0]));
  assert_true(qy_certificate_is_ca(chain.certificates[1]));
  assert_false(qy_certificate_is_ca(chain.certificates[0]));
  assert_ok(qy_certificate_signed_by(&valid, chain.certificates[0], chain.certificates[1], &assert_why));
  assert_true(valid);
  qy_rsa_public leaf;
  assert_ok(qy_certificate_rsa_key(&leaf, chain.certificates[0], &assert_why));
  assert_int_equal(leaf.size, 256);
}

static void images_are_signed(void **state)
{
  (void)state;
  static const uint8_t PROGRAM[] = "\x7f"
                                   "ELF not quite, and nobody runs it here";
  char copy[QY_PATH_SIZE];
  char program[QY_PATH_SIZE];
  endorser_make(copy);
  assert_ok(qy_path_join(program, sizeof program, copy, "program", &assert_why));
  write_below(copy, "program", QY_VIEW_OF(PROGRAM));
  const qy_endorser_programs programs = {
      .provisioning = program, .certification = program, .quoting = program, .pce_svn = 2};
  assert_ok(qy_endorser_sign_images(copy, &programs, &assert_why));
  static const struct {
    const char *name;
    uint64_t flags;
    uint16_t svn;
  } ROWS[] = {{"public/images/quotary-pve.image", QY_ATTRIBUTE_PROVISION_KEY, 1},
              {"public/images/quotary-pce.image", QY_ATTRIBUTE_PROVISION_KEY, 2},
              {"public/images/quotary-qe.image", 0, 1}};
  uint8_t signers[3][32];
  for (size_t i = 0; i < 3; i++) {
    qy_image image;
    qy_sigstruct sigstruct;
    QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
    read_below(&bytes, copy, ROWS[i].name);
    assert_ok(qy_image_decode(&image, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(image.section_count, 1);
    assert_string_equal(image.sections[0].name, "endorser");
    assert_int_equal(image.sections[0].bytes.size, QY_XEGB_SIZE);
    assert_int_equal(image.attributes.flags & QY_ATTRIBUTE_PROVISION_KEY, ROWS[i].flags);
    assert_int_equal(image.attributes.flags & QY_ATTRIBUTE_DEBUG, 0);
    assert_ok(qy_sigstruct_decode(&sigstruct, image.sigstruct, &assert_why));
    assert_ok(qy_sigstruct_verify(NULL, &sigstruct, &assert_why));
    assert_int_equal(sigstruct.isv_prod_id, 1);
    assert_int_equal(sigstruct.isv_svn, ROWS[i].svn);
    assert_ok(qy_sigstruct_mr_signer(signers[i], &sigstruct, &assert_why));
  }
  assert_memory_equal(signers[0], signers[1], 32);
  assert_memory_equal(signers[0], signers[2], 32);
  QY_SCOPED_JSON(fingerprints);
  QY_SCOPED_BUFFER(text, 65536);
  uint8_t told[32];
  const json_t *enclaves = NULL;
  read_below(&text, copy, "public/fingerprints.json");
  assert_ok(qy_json_parse(&fingerprints, qy_buffer_view(&text), &assert_why));
  assert_ok(qy_json_hex(told, sizeof told, fingerprints, "architectural_signer", "fingerprints", &assert_why));
  assert_memory_equal(told, signers[0], 32);
  assert_ok(qy_json_object(&enclaves, fingerprints, "enclaves", "fingerprints", &assert_why));
  assert_int_equal(json_object_size(enclaves), 3);
  scratch_remove(copy);
}

static void unfinished_init_begins_afresh(void **state)
{
  (void)state;
  char copy[QY_PATH_SIZE];
  endorser_make(copy);
  const uint32_t before = first_group(copy);
  write_below(copy, "issuer/unfinished", (qy_view){0});
  const qy_endorser_setup setup = {.now_s = NOW_S};
  qy_error why = {0};
  assert_int_equal(qy_endorser_init(copy, &setup, &why), QY_OK);
  assert_int_not_equal(first_group(copy), before); /* the old CA's group is gone with its CA */
  scratch_remove(copy);
}

static int setup_folder(void **state)
{
  (void)state;
  endorser_make(folder);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  scratch_remove(folder);
  endorser_master_remove();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(second_init_is_refused),
      cmocka_unit_test(secrets_are_private),
      cmocka_unit_test(provisioning_keys_fit),
      cmocka_unit_test(first_group_is_whole),
      cmocka_unit_test(group_key_of_another_group_is_refused),
      cmocka_unit_test(report_chain_fits),
      cmocka_unit_test(images_are_signed),
      cmocka_unit_test(unfinished_init_begins_afresh),
  };
  return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
