/* SPDX-License-Identifier: Apache-2.0 */
/* An issuer makes a group, a member joins and signs, a verifier checks. Each would be a program of its own; what passes
 * between them is public, but for the credential and what quotary/epid.h calls SECRET.
 *
 *   cc epid.c -o epid $(pkg-config --cflags --libs quotary) */
#include <quotary/epid.h>
#include <stdio.h>
#include <string.h>

typedef struct issuer {
  qy_epid_group_key group; /* published */
  qy_epid_issuing_key key; /* SECRET */
} issuer;

/* The issuer learns nothing of the member's f, and so will not know what the member signed. */
static qy_status join(qy_epid_member_key *key, const issuer *issuer, qy_error *why)
{
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t f[QY_EPID_SCALAR_SIZE];
  qy_epid_join_request request;
  qy_epid_credential credential;
  const qy_random *random = qy_random_system();
  /* the issuer's nonce, for this one join */
  QY_TRY(random->fill(random->context, nonce, sizeof(nonce), why));
  /* the member's secret, and a proof that it knows it */
  QY_TRY(qy_epid_secret_draw(f, random, why));
  QY_TRY(qy_epid_join_request_make(&request, &issuer->group, QY_EPID_HASH_BY_GID, nonce, f, random, why));
  /* the issuer's answer */
  QY_TRY(qy_epid_certify(&credential, &issuer->group, &issuer->key, QY_EPID_HASH_BY_GID, &request, nonce, NULL, random,
                         NULL, why));
  /* the member checks it, and has its key */
  QY_TRY(qy_epid_credential_accept(key, &issuer->group, &credential, f, NULL, why));
  qy_epid_credential_clear(&credential);
  explicit_bzero(f, sizeof(f));
  return QY_OK;
}

static qy_status sign(uint8_t signature[QY_EPID_SIGNATURE_SIZE], const qy_epid_group_key *group,
                      const qy_epid_member_key *key, qy_view message, qy_error *why)
{
  qy_epid_member *member = NULL;
  uint32_t own = 0; /* entries of a revocation list that are the member's own: here there is no list */
  QY_TRY(qy_epid_member_new(&member, group, key, QY_EPID_HASH_BY_GID, NULL, why));
  const qy_status status =
      qy_epid_sign(signature, QY_EPID_SIGNATURE_SIZE, &own, member, message, NULL, NULL, qy_random_system(), NULL, why);
  qy_epid_member_free(&member);
  return status;
}

static qy_status run(qy_error *why)
{
  const qy_epid_gid gid = {{0, 0, 1}}; /* byte 1 names the hash, SHA-256 */
  const qy_view messages[] = {qy_view_text("a message"), qy_view_text("another message")};
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  issuer issuer;
  qy_epid_member_key key;
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_epid_group_create(&issuer.group, &issuer.key, &gid, qy_random_system(), why));
  QY_TRY(join(&key, &issuer, why));
  QY_TRY(sign(signature, &issuer.group, &key, messages[0], why));
  qy_epid_member_key_clear(&key);
  qy_epid_issuing_key_clear(&issuer.key);
  QY_TRY(qy_epid_verifier_new(&verifier, &issuer.group, NULL, why));
  for (int i = 0; i < 2; i++) {
    qy_epid_result result = QY_EPID_UNDECIDED;
    QY_TRY(qy_epid_verify(&result, verifier, QY_VIEW_OF(signature), messages[i], NULL, why));
    printf("%s: %s\n", (const char *)messages[i].bytes, qy_epid_result_name(result));
  }
  qy_epid_verifier_free(&verifier);
  return QY_OK;
}

int main(void)
{
  qy_error why = {QY_OK, ""};
  return run(&why) == QY_OK ? 0 : (fprintf(stderr, "epid: %s\n", why.message), 1);
}
