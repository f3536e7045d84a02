/* SPDX-License-Identifier: Apache-2.0 */
#include "reports_support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/limits.h>
#include <crypto/random.h>
#include <registry/tcb.h>
#include <sgx/quote_seal.h>

const uint8_t TEST_SPID[QY_SPID_SIZE] = {0xda, 0x7a, 0x5e, 0xed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

/* ---- Folders ---- */

void scratch_make(char path[QY_PATH_SIZE])
{
  const char *base = getenv("TMPDIR");
  (void)snprintf(path, QY_PATH_SIZE, "%s/quotary-endorser-XXXXXX", base == NULL ? "/tmp" : base);
  assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
  (void)status;
  (void)type;
  (void)where;
  return remove(path);
}

void scratch_remove(const char *path)
{
  (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char master[QY_PATH_SIZE];
static const char *copy_to;

static int copy_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
  char target[2 * QY_PATH_SIZE];
  (void)where;
  (void)snprintf(target, sizeof target, "%s%s", copy_to, path + strlen(master));
  if (type == FTW_D) {
    return mkdir(target, 0700) == 0 || path[strlen(master)] == '\0' ? 0 : -1;
  }
  QY_SCOPED_BUFFER(bytes, QY_MAX_FILE_SIZE);
  return qy_file_read(&bytes, path, NULL) == QY_OK &&
                 qy_file_write(target, qy_buffer_view(&bytes), (status->st_mode & 077) == 0, NULL) == QY_OK
             ? 0
             : -1;
}

void endorser_make(char folder[QY_PATH_SIZE])
{
  if (master[0] == '\0') {
    const qy_endorser_setup setup = {.now_s = qy_clock_now_s(), .dns_name = "reports.test"};
    qy_error why = {0};
    scratch_make(master);
    if (qy_endorser_init(master, &setup, &why) != QY_OK) {
      fail_msg("init: %s", why.message);
    }
  }
  scratch_make(folder);
  copy_to = folder;
  assert_int_equal(nftw(master, copy_one, 16, FTW_PHYS), 0);
}

void endorser_master_remove(void)
{
  if (master[0] != '\0') {
    scratch_remove(master);
    master[0] = '\0';
  }
}

void read_below(qy_buffer *out, const char *folder, const char *name)
{
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, name, &assert_why));
  assert_ok(qy_file_read(out, path, &assert_why));
}

void write_below(const char *folder, const char *name, qy_view bytes)
{
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, name, &assert_why));
  assert_ok(qy_file_write(path, bytes, strncmp(name, QY_DIR_PUBLIC, 6) != 0, &assert_why));
}

bool exists_below(const char *folder, const char *name)
{
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, name, &assert_why));
  return qy_file_exists(path);
}

/* ---- Groups and members ---- */

uint32_t first_group(const char *folder)
{
  uint32_t gids[4];
  size_t count = 0;
  assert_ok(qy_groups_list(gids, 4, &count, folder, &assert_why));
  assert_int_equal(count, 1);
  return gids[0];
}

static void trusted_ca(qy_epid_ca *ca, const char *folder)
{
  QY_SCOPED_BUFFER(file, 4096);
  read_below(&file, folder, QY_DIR_REPORTS "/" QY_FILE_TRUSTED_CA);
  assert_ok(qy_epid_ca_decode(ca, qy_buffer_view(&file), NULL, NULL, &assert_why));
}

void load_group(qy_group *out, const char *folder, uint32_t gid)
{
  qy_epid_ca ca;
  trusted_ca(&ca, folder);
  assert_ok(qy_group_load(out, folder, gid, &ca, NULL, &assert_why));
}

void member_make(test_member *out, const char *folder, uint32_t gid)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_GROUP(group);
  QY_SCOPED_BUFFER(key, 4096);
  scratch_make(path);
  assert_ok(qy_endorser_issue_member(folder, gid, path, &assert_why));
  read_below(&key, path, "mprivkey.dat");
  scratch_remove(path);
  load_group(&group, folder, gid);
  out->gid = gid;
  assert_ok(qy_epid_member_key_decode(&out->key, qy_buffer_view(&key), &assert_why));
  assert_ok(qy_epid_member_new(&out->member, &group.key, &out->key, QY_EPID_HASH_BY_GID, NULL, &assert_why));
}

void member_free(test_member *member)
{
  qy_epid_member_free(&member->member);
  qy_epid_member_key_clear(&member->key);
}

void member_key_bytes(uint8_t out[QY_EPID_MEMBER_KEY_SIZE], const test_member *member)
{
  qy_epid_member_key_encode(out, &member->key);
}

/* ---- Quotes ---- */

static uint8_t plain_signature[360 + 16 * 160];
static size_t plain_signature_size;

qy_view last_plain_signature(void)
{
  return qy_view_over(plain_signature, plain_signature_size);
}

static void quote_key(qy_rsa_public *out, const char *folder)
{
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(pem, 65536);
  read_below(&pem, folder, QY_DIR_REPORTS "/" QY_FILE_QSDK);
  assert_ok(qy_rsa_private_from_pem(&key, qy_buffer_view(&pem), &assert_why));
  qy_rsa_public_of(out, key);
}

static void body_make(qy_quote_body *body, const char *folder, const test_member *member, const quote_recipe *recipe)
{
  qy_tcb_levels levels;
  assert_ok(qy_tcb_levels_load(&levels, folder, &assert_why));
  const unsigned level = recipe->cpu_svn_level == 0 ? (unsigned)levels.count : recipe->cpu_svn_level;
  memset(body, 0, sizeof *body);
  body->version = 2;
  body->sign_type = recipe->linkable ? QY_LINKABLE : QY_UNLINKABLE;
  body->group_id = recipe->gid != NULL ? *recipe->gid : member->gid;
  body->qe_svn = recipe->zero_svns ? 0 : recipe->qe_svn == 0 ? 1 : recipe->qe_svn;
  body->pce_svn = recipe->zero_svns ? 0 : recipe->pce_svn == 0 ? 1 : recipe->pce_svn;
  body->xeid = recipe->xeid;
  assert_ok(qy_quote_basename(body->basename, recipe->spid == NULL ? TEST_SPID : recipe->spid,
                              (qy_sign_type)body->sign_type, qy_random_system(), &assert_why));
  memcpy(body->report.cpu_svn, levels.cpu_svns[level - 1], QY_CPU_SVN_SIZE);
  body->report.attributes.flags = QY_ATTRIBUTE_INIT | QY_ATTRIBUTE_MODE64BIT;
  body->report.attributes.xfrm = QY_XFRM_LEGACY;
  memset(body->report.mr_enclave, 0x11, sizeof body->report.mr_enclave);
}

void quote_make(qy_buffer *out, const char *folder, const test_member *member, const quote_recipe *recipe)
{
  qy_quote_body body;
  qy_rsa_public key;
  uint32_t own = 0;
  size_t size = 0;
  uint8_t message[QY_QUOTE_BODY_SIZE];
  const uint32_t proofs = recipe->sigrl == NULL ? 0 : recipe->sigrl->count;
  assert_true(qy_epid_signature_size(proofs) <= sizeof plain_signature);
  plain_signature_size = qy_epid_signature_size(proofs);
  body_make(&body, folder, member, recipe);
  qy_quote_body_encode(message, &body);
  const qy_view basename = qy_view_over(recipe->signed_basename == NULL ? body.basename : recipe->signed_basename, 32);
  assert_ok(qy_epid_sign(plain_signature, plain_signature_size, &own, member->member, QY_VIEW_OF(message), &basename,
                         recipe->sigrl, qy_random_system(), NULL, &assert_why));
  if (recipe->spoil != NULL) {
    recipe->spoil(plain_signature, plain_signature_size);
  }
  quote_key(&key, folder);
  QY_SCOPED_BUFFER(sealed, QY_MAX_QUOTE_SIZE);
  uint8_t *sealed_bytes = qy_buffer_extend(&sealed, qy_quote_sealed_size(proofs));
  assert_non_null(sealed_bytes);
  assert_ok(qy_quote_seal_signature(sealed_bytes, sealed.size, last_plain_signature(), &key, qy_random_system(),
                                    &assert_why));
  uint8_t *quote = qy_buffer_extend(out, qy_quote_size(proofs));
  assert_non_null(quote);
  assert_ok(qy_quote_encode(quote, qy_quote_size(proofs), &size, &body, qy_buffer_view(&sealed), &assert_why));
}
