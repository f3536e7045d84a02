/* SPDX-License-Identifier: Apache-2.0 */
/* PCK chains that were looked at before. What is kept of one does not depend on the time: validity is looked at in each
 * appraisal, and revocation belongs to the set, which goes with what it knows. */
#include <appraisal/dcap_parts.h>

#include <stdlib.h>
#include <string.h>

#define MAX_PEM_SIZE (1u << 15) /* of a chain that is kept */

void qy_known_platforms_init(qy_known_platforms *known)
{
  (void)pthread_mutex_init(&known->lock, NULL); /* a default mutex: glibc's cannot fail */
}

static void platform_free(qy_dcap_platform *platform)
{
  qy_dcap_chain_clear(&platform->chain);
  qy_buffer_clear(&platform->pem);
  free(platform->records);
  free(platform);
}

void qy_known_platforms_clear(qy_known_platforms *known)
{
  for (size_t i = 0; i < QY_KNOWN_PLATFORMS; i++) {
    qy_dcap_platform_let_go(known, &known->slots[i]);
  }
  (void)pthread_mutex_destroy(&known->lock);
}

void qy_dcap_platform_let_go(qy_known_platforms *known, qy_dcap_platform **platform)
{
  if (*platform == NULL) {
    return;
  }
  (void)pthread_mutex_lock(&known->lock);
  const bool is_last = --(*platform)->holders == 0;
  (void)pthread_mutex_unlock(&known->lock);
  if (is_last) {
    platform_free(*platform);
  }
  *platform = NULL;
}

static qy_dcap_platform *find(qy_known_platforms *known, qy_view pem)
{
  qy_dcap_platform *found = NULL;
  (void)pthread_mutex_lock(&known->lock);
  for (size_t i = 0; i < QY_KNOWN_PLATFORMS && found == NULL; i++) {
    if (known->slots[i] != NULL && qy_view_equal(qy_buffer_view(&known->slots[i]->pem), pem)) {
      found = known->slots[i];
      found->holders++;
    }
  }
  (void)pthread_mutex_unlock(&known->lock);
  return found;
}

/* The oldest makes room. */
static void remember(qy_known_platforms *known, qy_dcap_platform *platform)
{
  (void)pthread_mutex_lock(&known->lock);
  qy_dcap_platform *oldest = known->slots[known->next];
  known->slots[known->next] = platform;
  known->next = (known->next + 1) % QY_KNOWN_PLATFORMS;
  platform->holders++;
  (void)pthread_mutex_unlock(&known->lock);
  qy_dcap_platform_let_go(known, &oldest);
}

/* Keeps the chain and its checks, which all held, if there is room for them. */
static void keep(qy_dcap_platform *platform, qy_dcap_collateral *set, qy_view pem, const qy_check_record *records,
                 size_t count)
{
  if (pem.size > MAX_PEM_SIZE || count > QY_PLATFORM_RECORDS) {
    return;
  }
  qy_buffer_append(&platform->pem, pem.bytes, pem.size);
  platform->records = malloc(count * sizeof(records[0]));
  if (platform->pem.status == QY_OK && platform->records != NULL) {
    memcpy(platform->records, records, count * sizeof(records[0]));
    platform->record_count = count;
    remember(&set->platforms, platform);
  }
}

qy_status qy_dcap_platform_take(qy_dcap_platform **out, qy_examination *examination, qy_dcap_collateral *set,
                                qy_view pem, qy_error *why)
{
  *out = pem.bytes == NULL ? NULL : find(&set->platforms, pem);
  if (*out != NULL) {
    qy_trace_append(examination->trace, (*out)->records, (*out)->record_count);
    return QY_OK;
  }
  qy_dcap_platform *platform = calloc(1, sizeof(*platform));
  if (platform == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "appraisal: no memory for a PCK chain");
  }
  qy_buffer_init(&platform->pem, MAX_PEM_SIZE);
  platform->holders = 1;
  *out = platform;
  const qy_trace *trace = examination->trace;
  const size_t first = trace->count;
  qy_examination own = {.trace = examination->trace};
  QY_TRY(qy_dcap_examine_pck_chain(&platform->chain, &own, set, pem, why));
  if (!own.refused && !own.undecided && trace->dropped == 0) {
    keep(platform, set, pem, trace->records + first, trace->count - first);
  }
  examination->refused |= own.refused;
  examination->undecided |= own.undecided;
  return QY_OK;
}
