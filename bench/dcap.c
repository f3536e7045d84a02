/* SPDX-License-Identifier: Apache-2.0 */
#include "dcap.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- One appraisal ---- */

static qy_status appraise(qy_dcap_verdict *out, const bench_evidence *evidence, size_t quote, qy_dcap_collateral *set,
                          qy_error *why)
{
  qy_policy policy;
  const qy_dcap_evidence given = {.quote = qy_buffer_view(&evidence->quotes[quote])};
  qy_policy_built_in(&policy);
  QY_TRY(qy_dcap_appraise(out, &given, set, &policy, BENCH_NOW_S, why));
  if (out->trust != QY_TRUSTED) {
    const qy_check_record *failed = qy_trace_failed(&out->trace);
    return qy_fail(why, QY_ERR_INTERNAL, "quote %s: %s", qy_trust_name(out->trust),
                   failed == NULL ? "something is missing" : qy_check_name(failed->id));
  }
  return QY_OK;
}

static qy_status cold(bench_world *w, bench_tee tee, qy_error *why)
{
  const bench_evidence *evidence = &w->dcap.evidence[tee];
  qy_dcap_collateral *set = NULL;
  QY_TRY(qy_dcap_collateral_new(&set, &evidence->files, why));
  const qy_status status = appraise(&w->dcap.verdict, evidence, 0, set, why);
  qy_dcap_collateral_free(&set);
  return status;
}

static qy_status sgx_cold(bench_world *w, qy_error *why)
{
  return cold(w, BENCH_SGX, why);
}

static qy_status tdx_cold(bench_world *w, qy_error *why)
{
  return cold(w, BENCH_TDX, why);
}

/* A set that has seen the platform, and nothing under the attestation key of the second quote. */
static qy_status make_fresh(bench_world *w, bench_tee tee, qy_error *why)
{
  const bench_evidence *evidence = &w->dcap.evidence[tee];
  qy_dcap_collateral_free(&w->dcap.fresh[tee]);
  QY_TRY(qy_dcap_collateral_new(&w->dcap.fresh[tee], &evidence->files, why));
  return appraise(&w->dcap.verdict, evidence, 0, w->dcap.fresh[tee], why);
}

static qy_status sgx_fresh(bench_world *w, qy_error *why)
{
  return make_fresh(w, BENCH_SGX, why);
}

static qy_status tdx_fresh(bench_world *w, qy_error *why)
{
  return make_fresh(w, BENCH_TDX, why);
}

static qy_status sgx_warm(bench_world *w, qy_error *why)
{
  return appraise(&w->dcap.verdict, &w->dcap.evidence[BENCH_SGX], 1, w->dcap.fresh[BENCH_SGX], why);
}

static qy_status tdx_warm(bench_world *w, qy_error *why)
{
  return appraise(&w->dcap.verdict, &w->dcap.evidence[BENCH_TDX], 1, w->dcap.fresh[BENCH_TDX], why);
}

static qy_status second_quote(bench_world *w, qy_error *why)
{
  return appraise(&w->dcap.verdict, &w->dcap.evidence[BENCH_SGX], 0, w->dcap.fresh[BENCH_SGX], why);
}

static qy_status known_qe(bench_world *w, qy_error *why)
{
  return appraise(&w->dcap.verdict, &w->dcap.evidence[BENCH_SGX], 0, w->dcap.known[BENCH_SGX], why);
}

static qy_status quote_parse(bench_world *w, qy_error *why)
{
  qy_dcap_quote quote;
  return qy_dcap_quote_decode(&quote, qy_buffer_view(&w->dcap.evidence[BENCH_SGX].quotes[0]), why);
}

/* ---- Threads ---- */

typedef struct worker {
  pthread_t thread;
  bench_world *world;
  size_t number;
  qy_status status;
} worker;

static void *work(void *context)
{
  worker *own = context;
  bench_dcap *dcap = &own->world->dcap;
  own->status = QY_OK;
  for (size_t i = 0; i < BENCH_DCAP_EACH && own->status == QY_OK; i++) {
    own->status =
        appraise(&dcap->thread_verdicts[own->number], &dcap->evidence[BENCH_SGX], 0, dcap->known[BENCH_SGX], NULL);
  }
  return NULL;
}

/* Each on a processor of its own from the start: a scheduler leaves short-lived threads on one for milliseconds. */
static void place(pthread_attr_t *out, size_t number)
{
  cpu_set_t allowed, one;
  CPU_ZERO(&allowed);
  (void)sched_getaffinity(0, sizeof(allowed), &allowed);
  const size_t wanted = number % (size_t)CPU_COUNT(&allowed);
  for (size_t cpu = 0, before = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &allowed) && before++ == wanted) {
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      (void)pthread_attr_setaffinity_np(out, sizeof(one), &one);
    }
  }
}

static qy_status in_threads(bench_world *w, size_t count, qy_error *why)
{
  worker workers[BENCH_DCAP_THREADS];
  qy_status status = QY_OK;
  size_t begun = 0;
  while (begun < count && status == QY_OK) {
    workers[begun] = (worker){.world = w, .number = begun};
    pthread_attr_t where;
    (void)pthread_attr_init(&where);
    place(&where, begun);
    if (pthread_create(&workers[begun].thread, &where, work, &workers[begun]) != 0) {
      status = qy_fail(why, QY_ERR_MEMORY, "no thread");
    } else {
      begun++;
    }
    (void)pthread_attr_destroy(&where);
  }
  for (size_t i = 0; i < begun; i++) {
    (void)pthread_join(workers[i].thread, NULL);
    if (workers[i].status != QY_OK) {
      status = qy_fail(why, workers[i].status, "a thread's appraisal");
    }
  }
  return status;
}

static qy_status one_thread(bench_world *w, qy_error *why)
{
  return in_threads(w, 1, why);
}

static qy_status two_threads(bench_world *w, qy_error *why)
{
  return in_threads(w, 2, why);
}

/* ---- All of it ---- */

size_t bench_dcap_operations(bench_operation *out, size_t count)
{
  static const bench_operation all[] = {
      {.name = "dcap_sgx_cold", .run = sgx_cold, .what = "everything from bytes: 10 signatures"},
      {.name = "dcap_tdx_cold", .run = tdx_cold, .what = "the same of a trust domain"},
      {.name = "dcap_sgx_warm",
       .run = sgx_warm,
       .ready = sgx_fresh,
       .what = "collateral and PCK chain known: 2 signatures"},
      {.name = "dcap_tdx_warm", .run = tdx_warm, .ready = tdx_fresh, .what = "the same of a trust domain"},
      {.name = "dcap_second_quote",
       .run = second_quote,
       .ready = sgx_fresh,
       .what = "QE report known: 1 signature, of a key seen once"},
      {.name = "dcap_warm_known_qe", .run = known_qe, .what = "QE report known: 1 signature, of a key seen often"},
      {.name = "quote_parse", .run = quote_parse, .what = "decode alone"},
      {.name = "dcap_known_qe_1_thread",
       .run = one_thread,
       .entries = BENCH_DCAP_EACH,
       .threaded = true,
       .what = "wall clock, per appraisal"},
      {.name = "dcap_known_qe_2_threads",
       .run = two_threads,
       .entries = 2 * BENCH_DCAP_EACH,
       .threaded = true,
       .what = "the same, under one set"},
  };
  _Static_assert(sizeof(all) / sizeof(all[0]) <= BENCH_DCAP_OPERATIONS, "more operations than there is room for");
  memcpy(out + count, all, sizeof(all));
  return count + sizeof(all) / sizeof(all[0]);
}

qy_status bench_dcap_make(bench_dcap *out, qy_error *why)
{
  for (int tee = 0; tee < BENCH_TEES; tee++) {
    QY_TRY(bench_evidence_make(&out->evidence[tee], (bench_tee)tee, why));
    QY_TRY(qy_dcap_collateral_new(&out->known[tee], &out->evidence[tee].files, why));
  }
  return QY_OK;
}

void bench_dcap_clear(bench_dcap *dcap)
{
  for (int tee = 0; tee < BENCH_TEES; tee++) {
    qy_dcap_collateral_free(&dcap->known[tee]);
    qy_dcap_collateral_free(&dcap->fresh[tee]);
    bench_evidence_clear(&dcap->evidence[tee]);
  }
}

/* ---- Memory ---- */

static size_t held(void)
{
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

static qy_status weigh(size_t *prepared, size_t *familiar, bench_dcap *dcap, qy_error *why)
{
  const bench_evidence *evidence = &dcap->evidence[BENCH_SGX];
  for (int round = 0; round < 2; round++) { /* the first makes what belongs to the process */
    const size_t before = held();
    qy_dcap_collateral *set = NULL;
    QY_TRY(qy_dcap_collateral_new(&set, &evidence->files, why));
    *prepared = held() - before;
    qy_status status = QY_OK;
    for (int i = 0; i < 8 && status == QY_OK; i++) {
      status = appraise(&dcap->verdict, evidence, 0, set, why);
    }
    *familiar = held() - before;
    qy_dcap_collateral_free(&set);
    QY_TRY(status);
  }
  return QY_OK;
}

qy_status bench_dcap_memory(size_t *prepared, size_t *familiar, qy_error *why)
{
  bench_dcap *dcap = calloc(1, sizeof(*dcap));
  if (dcap == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "no memory");
  }
  qy_status status = bench_dcap_make(dcap, why);
  if (status == QY_OK) {
    status = weigh(prepared, familiar, dcap, why);
  }
  bench_dcap_clear(dcap);
  free(dcap);
  return status;
}
