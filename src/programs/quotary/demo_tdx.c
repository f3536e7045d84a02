/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration's third attestation: a trust domain takes the same secret. */
#include "demo_chapters.h"

#include <stdlib.h>

#include <quotary/dcap_quote.h>

#include "attesting.h"

static void tell_launch(void *context, const qy_enclave_handle *domain)
{
  story *tale = context;
  story_say(tale, "a trust domain starts: %u pages, MRTD %.16s…", domain->page_count,
            qy_text_hex(QY_VIEW_OF(domain->mr_td)).chars);
  story_say(tale, "the TDX module measured them, and keeps what the trust domain extends later (RTMRs)");
  story_fact(tale, "mrtd", json_string(qy_text_hex(QY_VIEW_OF(domain->mr_td)).chars));
}

static void tell_message(void *context, qy_attest_message message, qy_view bytes)
{
  story *tale = context;
  qy_dcap_quote quote;
  if (message != QY_ATTEST_QUOTE || qy_dcap_quote_decode(&quote, bytes, NULL) != QY_OK) {
    return;
  }
  story_message(tale, "quote", "→", bytes.size, "TD report body, ECDSA signature, PCK chain",
                "ECDSA by the TD quoting enclave's key");
  story_part(tale, "version %u; the processor's MAC on the TD report was verified by the TD quoting enclave",
             quote.header.version);
  story_part(tale, "TDX module of version %u, SVN %u, as the endorser's TDX TCB info asks for", quote.td.tee_tcb_svn[1],
             quote.td.tee_tcb_svn[0]);
}

static void tell_own_quote(story *tale, const qy_attest_result *result)
{
  const qy_check_record *record = qy_trace_find(&result->trace, QY_CHECK_OWN_QUOTE);
  if (record != NULL) {
    story_check(tale, "trust domain", qy_check_name(record->id), record->outcome == QY_OUTCOME_HELD,
                "no quoting enclave answers to it, so it looks for this session in the quote");
  }
}

qy_status demo_tdx(story *tale, const cli_world *world, qy_error *why)
{
  const qy_evidence_kind tdx = QY_EVIDENCE_TDX;
  qy_attest_result *result = malloc(sizeof(*result));
  if (result == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "out of memory");
  }
  qy_attest_result_init(result);
  story_chapter(tale, "tdx", "The same of a trust domain (TDX)", "provider alone decides");
  const qy_attest_observer observer = {.context = tale, .launched = tell_launch, .message = tell_message};
  const attesting_files files = {.broker_url = world->broker.address,
                                 .broker_ca = world->broker_ca,
                                 .image = world->domain,
                                 .socket = world->socket,
                                 .secret_name = WORLD_SECRET_NAME,
                                 .evidence = &tdx};
  qy_status status = attesting_run(result, &files, &observer, why);
  if (status == QY_OK) {
    tell_own_quote(tale, result);
    status = demo_secret(tale, world, result, why);
  }
  qy_attest_result_clear(result);
  free(result);
  return status;
}
