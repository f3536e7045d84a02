/* SPDX-License-Identifier: Apache-2.0 */
/* A long list, worked through in pieces by as many threads as the caller allows. The outcome is that of one thread
 * going from the first entry to the last, however many there are. No thread outlives a call. */
#ifndef QY_EPID_WORK_H
#define QY_EPID_WORK_H

#include <quotary/epid.h>

typedef struct qy_epid_task {
  const char *list; /* "PrivRL": for the caller's report */
  uint32_t count;   /* entries */
  uint32_t piece;   /* entries at a time: some milliseconds' worth, so that an interrupt stops at once */
  /* Works through entries [first, end) and says in `*reached` where it stopped: at `end`, or at the first entry that
   * decides. Runs in several threads at a time, each with `own` memory of its own, zeros at first. */
  qy_status (*run)(uint32_t *reached, void *own, const void *shared, uint32_t first, uint32_t end, qy_error *why);
  /* Called before each run, by one thread at a time and in the order of the list: what must come in that order, like
   * draws from a source of randomness. May be NULL. */
  qy_status (*prepare)(void *own, const void *shared, uint32_t first, uint32_t end, qy_error *why);
  const void *shared;
  size_t own_size; /* bytes for each thread, wiped afterwards; may be 0 */
} qy_epid_task;

/* `*reached` is the first entry that decides, or the count. QY_ERR_INTERRUPTED when work->goes_on said so; what `run` or
 * `prepare` failed with. After a failure *reached is 0. */
qy_status qy_epid_work_through(uint32_t *reached, const qy_epid_task *task, const qy_epid_work *work,
                               qy_error *why) QY_MUST_CHECK;

#endif
