/* SPDX-License-Identifier: Apache-2.0 */
#include "cold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/file.h>

#include "measure.h"
#include "world.h"

#define ROUNDS 501 /* the best counts */
#define LIMIT (1u << 20)

static const char *const names[] = {"tcb_info.json", "qe_identity.json", "tcb_chain.pem",
                                    "qe_chain.pem",  "pck_chain.pem",    "pck_crl.der",
                                    "root_crl.der",  "root_ca.pem",      "quote.bin"};
#define FILES (sizeof(names) / sizeof(names[0]))

/* ---- Writing ---- */

static qy_status write_one(const char *folder, const char *name, qy_view bytes, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_path_join(path, sizeof(path), folder, name, why));
  return qy_file_write(path, bytes, false, why);
}

static qy_status write_tee(const char *folder, bench_tee tee, qy_error *why)
{
  char meta[64];
  char path[QY_PATH_SIZE];
  bench_evidence evidence = {0};
  QY_TRY(qy_path_join(path, sizeof(path), folder, tee == BENCH_SGX ? "simulated-sgx" : "simulated-tdx", why));
  QY_TRY(qy_folder_make(path, why));
  qy_status status = bench_evidence_make(&evidence, tee, why);
  const qy_buffer *const files[FILES] = {&evidence.tcb_info,      &evidence.identity,  &evidence.signing_chain,
                                         &evidence.signing_chain, &evidence.pck_chain, &evidence.pck_crl,
                                         &evidence.root_crl,      &evidence.root,      &evidence.quotes[0]};
  for (size_t i = 0; i < FILES && status == QY_OK; i++) {
    status = write_one(path, names[i], qy_buffer_view(files[i]), why);
  }
  (void)snprintf(meta, sizeof(meta), "{\"time\": %d}\n", BENCH_NOW_S);
  if (status == QY_OK) {
    status = write_one(path, "meta.json", qy_view_text(meta), why);
  }
  bench_evidence_clear(&evidence);
  return status;
}

qy_status bench_evidence_write(const char *folder, qy_error *why)
{
  QY_TRY(qy_folder_make(folder, why));
  QY_TRY(write_tee(folder, BENCH_SGX, why));
  return write_tee(folder, BENCH_TDX, why);
}

/* ---- Timing ---- */

typedef struct case_files {
  qy_buffer files[FILES];
  qy_dcap_files collateral;
  qy_dcap_evidence evidence;
  int64_t now_s;
} case_files;

static qy_status case_read(case_files *out, const char *folder, qy_error *why)
{
  for (size_t i = 0; i < FILES; i++) {
    char path[QY_PATH_SIZE];
    QY_TRY(qy_path_join(path, sizeof(path), folder, names[i], why));
    QY_TRY(qy_file_read(&out->files[i], path, why));
  }
  const qy_buffer *files = out->files;
  out->collateral = (qy_dcap_files){.tcb_info = qy_buffer_view(&files[0]),
                                    .identity = qy_buffer_view(&files[1]),
                                    .tcb_chain = qy_buffer_view(&files[2]),
                                    .identity_chain = qy_buffer_view(&files[3]),
                                    .pck_crl = qy_buffer_view(&files[5]),
                                    .root_crl = qy_buffer_view(&files[6]),
                                    .root = qy_buffer_view(&files[7])};
  out->evidence = (qy_dcap_evidence){.quote = qy_buffer_view(&files[8]), .pck_chain = qy_buffer_view(&files[4])};
  return QY_OK;
}

static qy_status appraise_cold(qy_dcap_verdict *verdict, const case_files *from, qy_error *why)
{
  qy_policy policy;
  qy_dcap_collateral *set = NULL;
  qy_policy_built_in(&policy);
  QY_TRY(qy_dcap_collateral_new(&set, &from->collateral, why));
  const qy_status status = qy_dcap_appraise(verdict, &from->evidence, set, &policy, from->now_s, why);
  qy_dcap_collateral_free(&set);
  return status;
}

static qy_status time_case(const case_files *from, const char *folder, qy_error *why)
{
  static qy_dcap_verdict verdict;
  double best = INFINITY;
  QY_TRY(appraise_cold(&verdict, from, why));
  if (!verdict.authentic) {
    const qy_check_record *failed = qy_trace_failed(&verdict.trace);
    printf("{\"folder\": \"%s\", \"skipped\": \"%s\"}\n", folder,
           failed == NULL ? "something is missing" : qy_check_name(failed->id));
    return QY_OK;
  }
  for (int i = 0; i < ROUNDS; i++) {
    const double began = bench_now_ns();
    QY_TRY(appraise_cold(&verdict, from, why));
    best = fmin(best, bench_now_ns() - began);
  }
  printf("{\"folder\": \"%s\", \"ns\": %.0f, \"status\": \"%s\"}\n", folder, best,
         qy_tcb_status_name(verdict.tcb_status));
  return QY_OK;
}

/* Taken again behind every folder: the best of all is the unit. */
static qy_status time_unit(double *best, bench_p256 *unit, qy_error *why)
{
  for (int i = 0; i < ROUNDS; i++) {
    const double began = bench_now_ns();
    QY_TRY(bench_p256_verify(unit, why));
    *best = fmin(*best, bench_now_ns() - began);
  }
  return QY_OK;
}

qy_status bench_cold_run(char *const *arguments, qy_error *why)
{
  bench_p256 unit = {0};
  double best = INFINITY;
  qy_status status = bench_p256_make(&unit, why);
  for (; status == QY_OK && arguments[0] != NULL && arguments[1] != NULL; arguments += 2) {
    case_files one = {.now_s = strtoll(arguments[0], NULL, 10)};
    for (size_t i = 0; i < FILES; i++) {
      qy_buffer_init(&one.files[i], LIMIT);
    }
    status = case_read(&one, arguments[1], why);
    if (status == QY_OK) {
      status = time_case(&one, arguments[1], why);
    }
    if (status == QY_OK) {
      status = time_unit(&best, &unit, why);
    }
    for (size_t i = 0; i < FILES; i++) {
      qy_buffer_clear(&one.files[i]);
    }
  }
  bench_p256_clear(&unit);
  if (status == QY_OK) {
    printf("{\"unit\": true, \"ns\": %.0f}\n", best);
  }
  return status;
}
