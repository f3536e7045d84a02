/* SPDX-License-Identifier: Apache-2.0 */
/* Times what matters, one thread, warm, medians. OpenSSL's own P-256 verification, measured in the same run, is the unit
 * that makes figures of different machines comparable. Prints a table; the JSON goes to the file named on the command
 * line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include <crypto/hash.h>
#include <crypto/p256.h>
#include <crypto/random.h>
#include <quotary/epid.h>

typedef struct world {
  qy_p256_public key;
  uint8_t digest[32];
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  qy_epid_group_key group;
  qy_epid_issuing_key issuing;
  qy_epid_member_key member_key;
  qy_epid_member *member;
  qy_epid_verifier *verifier;
  qy_epid_verifier *named_verifier;
  uint8_t nonce[QY_EPID_NONCE_SIZE];
  uint8_t epid_signature[QY_EPID_SIGNATURE_SIZE];
  uint8_t named_signature[QY_EPID_SIGNATURE_SIZE];
} world;

static const uint8_t message[] = "what is signed";
static const uint8_t basename_bytes[] = "provider";

static qy_view text_view(const uint8_t *bytes, size_t size)
{
  return qy_view_over(bytes, size - 1);
}

static qy_status p256_verify(world *w, qy_error *why)
{
  bool valid = false;
  QY_TRY(qy_p256_verify_digest(&valid, &w->key, w->digest, w->signature, why));
  return valid ? QY_OK : qy_fail(why, QY_ERR_INTERNAL, "P-256 signature does not hold");
}

static qy_status epid_verify_by(const qy_epid_verifier *verifier, const uint8_t *signature, qy_error *why)
{
  qy_epid_result result = QY_EPID_UNDECIDED;
  QY_TRY(qy_epid_verify(&result, verifier, qy_view_over(signature, QY_EPID_SIGNATURE_SIZE),
                        text_view(message, sizeof(message)), NULL, why));
  return result == QY_EPID_VALID ? QY_OK
                                 : qy_fail(why, QY_ERR_INTERNAL, "EPID signature: %s", qy_epid_result_name(result));
}

static qy_status epid_verify(world *w, qy_error *why)
{
  return epid_verify_by(w->verifier, w->epid_signature, why);
}

static qy_status epid_verify_basename(world *w, qy_error *why)
{
  return epid_verify_by(w->named_verifier, w->named_signature, why);
}

static qy_status sign(world *w, uint8_t *signature, const qy_view *basename, qy_error *why)
{
  uint32_t own = 0;
  return qy_epid_sign(signature, QY_EPID_SIGNATURE_SIZE, &own, w->member, text_view(message, sizeof(message)), basename,
                      NULL, qy_random_system(), NULL, why);
}

static qy_status epid_sign(world *w, qy_error *why)
{
  return sign(w, w->epid_signature, NULL, why);
}

static qy_status epid_join_request(world *w, qy_error *why)
{
  qy_epid_join_request request;
  return qy_epid_join_request_make(&request, &w->group, QY_EPID_HASH_BY_GID, w->nonce, w->member_key.f,
                                   qy_random_system(), why);
}

static qy_status epid_group_prepare(world *w, qy_error *why)
{
  qy_epid_verifier *verifier = NULL;
  QY_TRY(qy_epid_verifier_new(&verifier, &w->group, NULL, why));
  qy_epid_verifier_free(&verifier);
  return QY_OK;
}

static qy_status make_p256(world *w, qy_error *why)
{
  QY_SCOPED_SECRET(private_key);
  QY_TRY(qy_p256_generate(&private_key, &w->key, qy_random_system(), why));
  const qy_view part = text_view(message, sizeof(message));
  QY_TRY(qy_p256_sign(w->signature, &private_key, &part, 1, why));
  return qy_sha256(w->digest, part, why);
}

static qy_status make(world *w, qy_error *why)
{
  const qy_epid_gid gid = qy_epid_gid_of_sgx(0xb3f);
  const qy_view basename = text_view(basename_bytes, sizeof(basename_bytes));
  QY_TRY(make_p256(w, why));
  QY_TRY(qy_epid_group_create(&w->group, &w->issuing, &gid, qy_random_system(), why));
  QY_TRY(qy_epid_member_key_issue(&w->member_key, &w->group, &w->issuing, qy_random_system(), why));
  QY_TRY(qy_epid_member_new(&w->member, &w->group, &w->member_key, QY_EPID_HASH_BY_GID, NULL, why));
  QY_TRY(qy_epid_verifier_new(&w->verifier, &w->group, NULL, why));
  QY_TRY(qy_epid_verifier_new(&w->named_verifier, &w->group, NULL, why));
  QY_TRY(qy_epid_verifier_set_basename(w->named_verifier, &basename, why));
  QY_TRY(sign(w, w->named_signature, &basename, why));
  return epid_sign(w, why);
}

static double now_ns(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
  const double left = *(const double *)a;
  const double right = *(const double *)b;
  return (left > right) - (left < right);
}

typedef struct timed {
  const char *name;
  const char *what;
  qy_status (*run)(world *w, qy_error *why);
  double median_ns;
} timed;

#define SAMPLES 101

static qy_status take(timed *one, world *w, qy_error *why)
{
  double samples[SAMPLES];
  for (int i = -10; i < SAMPLES; i++) { /* the first ten warm up */
    const double began = now_ns();
    QY_TRY(one->run(w, why));
    if (i >= 0) {
      samples[i] = now_ns() - began;
    }
  }
  qsort(samples, SAMPLES, sizeof(samples[0]), by_value);
  one->median_ns = samples[SAMPLES / 2];
  return QY_OK;
}

int main(int argc, char **argv)
{
  timed all[] = {{"p256_verify", "OpenSSL's P-256 verification: the unit", p256_verify, 0},
                 {"epid_verify", "EPID signature, random base, group prepared", epid_verify, 0},
                 {"epid_verify_basename", "the same with a basename set", epid_verify_basename, 0},
                 {"epid_sign", "EPID signature, random base, nothing precomputed", epid_sign, 0},
                 {"epid_join_request", "a member asks to join", epid_join_request, 0},
                 {"epid_group_prepare", "a verifier for a new group", epid_group_prepare, 0}};
  const size_t count = sizeof(all) / sizeof(all[0]);
  qy_error why = {0};
  world *w = calloc(1, sizeof(*w));
  if (w == NULL || make(w, &why) != QY_OK) {
    fprintf(stderr, "bench: %s\n", why.message);
    return 1;
  }
  FILE *json = argc > 1 ? fopen(argv[1], "w") : NULL;
  printf("%-22s %12s %8s  %s\n", "name", "ns", "units", OpenSSL_version(OPENSSL_VERSION));
  for (size_t i = 0; i < count; i++) {
    if (take(&all[i], w, &why) != QY_OK) {
      fprintf(stderr, "bench: %s: %s\n", all[i].name, why.message);
      return 1;
    }
    printf("%-22s %12.0f %8.2f  %s\n", all[i].name, all[i].median_ns, all[i].median_ns / all[0].median_ns, all[i].what);
    if (json != NULL) {
      fprintf(json, "%s\"%s\": {\"ns\": %.0f}", i == 0 ? "{" : ", ", all[i].name, all[i].median_ns);
    }
  }
  if (json != NULL) {
    fprintf(json, "}\n");
    (void)fclose(json);
  }
  qy_epid_member_free(&w->member);
  qy_epid_verifier_free(&w->verifier);
  qy_epid_verifier_free(&w->named_verifier);
  qy_epid_issuing_key_clear(&w->issuing);
  qy_epid_member_key_clear(&w->member_key);
  free(w);
  return 0;
}
