/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/keygen.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <crypto/random.h>

#define WORKER_COUNT 2

void qy_founding_keys_clear(qy_founding_keys *keys)
{
  qy_rsa_private_free(&keys->pek);
  qy_rsa_private_free(&keys->ae_signer);
  qy_rsa_private_free(&keys->quote_key);
  qy_rsa_private_free(&keys->report_ca);
  qy_rsa_private_free(&keys->report_key);
  qy_wipe(keys, sizeof *keys);
}

typedef struct rsa_task {
  qy_rsa_private **out;
  unsigned bits;
  uint32_t exponent;
} rsa_task;

typedef struct rsa_work {
  const rsa_task *tasks;
  size_t count;
  atomic_size_t next;
} rsa_work;

typedef struct worker {
  rsa_work *work;
  qy_status status;
  qy_error why;
} worker;

static void *generate(void *argument)
{
  worker *self = argument;
  for (size_t i = atomic_fetch_add(&self->work->next, 1); i < self->work->count && self->status == QY_OK;
       i = atomic_fetch_add(&self->work->next, 1)) {
    const rsa_task *task = &self->work->tasks[i];
    self->status = qy_rsa_generate(task->out, task->bits, task->exponent, &self->why);
  }
  return NULL;
}

static qy_status generate_rsa(const rsa_task *tasks, size_t count, qy_error *why)
{
  rsa_work work = {.tasks = tasks, .count = count};
  worker workers[WORKER_COUNT] = {0};
  pthread_t threads[WORKER_COUNT];
  size_t started = 0;
  for (size_t i = 0; i < WORKER_COUNT; i++) {
    workers[i].work = &work;
  }
  while (started + 1 < WORKER_COUNT && pthread_create(&threads[started], NULL, generate, &workers[started]) == 0) {
    started++;
  }
  (void)generate(&workers[started]); /* this thread works too */
  for (size_t i = 0; i < started; i++) {
    (void)pthread_join(threads[i], NULL);
  }
  for (size_t i = 0; i <= started; i++) {
    if (workers[i].status != QY_OK) {
      return qy_fail(why, workers[i].status, "%s", workers[i].why.message);
    }
  }
  return QY_OK;
}

qy_status qy_founding_keys_generate(qy_founding_keys *out, qy_error *why)
{
  const rsa_task tasks[] = {{&out->pek, 3072, 65537},
                            {&out->ae_signer, 3072, 3},
                            {&out->quote_key, 2048, 65537},
                            {&out->report_ca, 2048, 65537},
                            {&out->report_key, 2048, 65537}};
  qy_key_pair *const pairs[] = {&out->epid_ca, &out->isk, &out->peksk, &out->platform_info, &out->tls_ca, &out->tls};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    QY_TRY(qy_p256_generate(&pairs[i]->private_key, &pairs[i]->public_key, qy_random_system(), why));
  }
  return generate_rsa(tasks, sizeof tasks / sizeof tasks[0], why);
}
