/* SPDX-License-Identifier: Apache-2.0 */
/* How far a long list is, on a terminal, and how long it took. An interrupt is left to the system: it ends the
 * process at once, and nothing is written before the work is done. */
#include "cmd_epid.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <base/file.h>

#define QUIET_MS 500 /* what takes less needs no line */
#define EVERY_MS 100

static void draw(epid_progress *p, const char *list, uint32_t done, uint32_t count, int64_t now_ms)
{
  if (!p->on_terminal || now_ms - p->began_ms < QUIET_MS || now_ms - p->drawn_ms < EVERY_MS) {
    return;
  }
  p->drawn_ms = now_ms;
  const double left_s = done == 0 ? 0 : (double)(now_ms - p->began_ms) / done * (count - done) / 1000;
  fprintf(stderr, "\r\033[K%s  %u of %u, %.0f s left", list, done, count, left_s);
}

static bool goes_on(void *context, const char *list, uint32_t done, uint32_t count)
{
  epid_progress *p = context;
  const int64_t now_ms = qy_clock_steady_ms();
  if (done == 0) {
    p->began_ms = now_ms;
  }
  draw(p, list, done, count, now_ms);
  for (int kind = EPID_PRIVRL; kind <= EPID_SIGRL; kind++) {
    if (strcmp(list, epid_list_name((epid_list_kind)kind)) == 0) {
      p->took_ms[kind] = now_ms - p->began_ms;
    }
  }
  return true;
}

void epid_progress_clear(epid_progress *p)
{
  if (p->drawn_ms > 0) {
    fprintf(stderr, "\r\033[K");
    p->drawn_ms = 0;
  }
}

bool epid_progress_init(epid_progress *p, const char *threads_text)
{
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  uint64_t threads = processors > 0 ? (uint64_t)processors : 1;
  if (threads_text != NULL && !cli_number(&threads, threads_text, 1, QY_EPID_MAX_THREADS, "--threads")) {
    return false;
  }
  *p = (epid_progress){.on_terminal = isatty(STDERR_FILENO) == 1};
  p->work = (qy_epid_work){.threads = threads < QY_EPID_MAX_THREADS ? (unsigned)threads : QY_EPID_MAX_THREADS,
                           .goes_on = goes_on,
                           .context = p};
  return true;
}
