/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that both services keep: subscriptions, TCB levels and policy, ledger entries, a group's TCB. The first byte chooses.
 * Whatever decodes must encode to a text that decodes to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <base/limits.h>
#include <endorser/issuer.h>
#include <registry/tcb.h>
#include <reports/subscriptions.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
  if (!held) {
    abort();
  }
}

static void try_subscriptions(qy_view text)
{
  QY_SCOPED_SUBSCRIPTIONS(first);
  QY_SCOPED_SUBSCRIPTIONS(again);
  QY_SCOPED_BUFFER(out, QY_MAX_JSON_SIZE);
  if (qy_subscriptions_decode(&first, text, NULL) != QY_OK) {
    demand(first.entries == NULL && first.count == 0);
    return;
  }
  demand(qy_subscriptions_encode(&out, &first, NULL) == QY_OK);
  demand(qy_subscriptions_decode(&again, qy_buffer_view(&out), NULL) == QY_OK && again.count == first.count);
  demand(first.count == 0 || memcmp(first.entries, again.entries, first.count * sizeof first.entries[0]) == 0);
}

static void try_levels(qy_view text)
{
  qy_tcb_levels first;
  qy_tcb_levels again;
  QY_SCOPED_BUFFER(out, QY_MAX_JSON_SIZE);
  if (qy_tcb_levels_decode(&first, text, NULL) == QY_OK) {
    demand(qy_tcb_levels_encode(&out, &first, NULL) == QY_OK);
    demand(qy_tcb_levels_decode(&again, qy_buffer_view(&out), NULL) == QY_OK &&
           memcmp(&first, &again, sizeof first) == 0);
    for (size_t i = 0; i < first.count; i++) {
      demand(qy_tcb_level_of(&first, first.cpu_svns[i]) == i + 1);
    }
  }
}

static void try_policy(qy_view text)
{
  qy_tcb_levels levels;
  qy_tcb_policy first;
  qy_tcb_policy again;
  QY_SCOPED_BUFFER(out, QY_MAX_JSON_SIZE);
  qy_tcb_levels_default(&levels);
  if (qy_tcb_policy_decode(&first, text, &levels, NULL) == QY_OK) {
    demand(first.cpu_svn_level >= 1 && first.cpu_svn_level <= levels.count);
    demand(qy_tcb_policy_encode(&out, &first, &levels, NULL) == QY_OK);
    demand(qy_tcb_policy_decode(&again, qy_buffer_view(&out), &levels, NULL) == QY_OK &&
           memcmp(&first, &again, sizeof first) == 0);
  }
}

static void try_ledger(qy_view text)
{
  QY_SCOPED_LEDGER_ENTRY(first);
  QY_SCOPED_LEDGER_ENTRY(again);
  QY_SCOPED_BUFFER(out, QY_MAX_JSON_SIZE);
  if (qy_ledger_decode(&first, text, NULL) == QY_OK) {
    demand(qy_ledger_encode(&out, &first, NULL) == QY_OK);
    demand(qy_ledger_decode(&again, qy_buffer_view(&out), NULL) == QY_OK && memcmp(&first, &again, sizeof first) == 0);
  }
}

static void try_group(qy_view text)
{
  qy_group_tcb first;
  qy_group_tcb again;
  QY_SCOPED_BUFFER(out, QY_MAX_JSON_SIZE);
  if (qy_group_tcb_decode(&first, text, NULL) == QY_OK) {
    demand(qy_group_tcb_encode(&out, &first, NULL) == QY_OK);
    demand(qy_group_tcb_decode(&again, qy_buffer_view(&out), NULL) == QY_OK &&
           memcmp(&first, &again, sizeof first) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static void (*const TRIES[])(qy_view text) = {try_subscriptions, try_levels, try_policy, try_ledger, try_group};
  if (size > 0) {
    TRIES[data[0] % 5](qy_view_over(data + 1, size - 1));
  }
  return 0;
}
