/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral that is kept: fetched, brought in, taken along, looked at. */
#include "cmd_collateral.h"

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <quotary/dcap_quote.h>

#include "verbs.h"
#include "verify.h"

qy_status collateral_default_path(char out[QY_PATH_SIZE], qy_error *why)
{
  char folder[QY_PATH_SIZE];
  QY_TRY(cli_data_folder(folder, sizeof(folder), why));
  return qy_path_join(out, QY_PATH_SIZE, folder, "collateral.db", why);
}

qy_status collateral_open(qy_collateral_store **out, const char *path, qy_error *why)
{
  char own[QY_PATH_SIZE];
  if (path == NULL) {
    QY_TRY(collateral_default_path(own, why));
    path = own;
  }
  return qy_collateral_store_open(out, path, why);
}

qy_status collateral_open_existing(qy_collateral_store **out, const char *path, qy_error *why)
{
  char own[QY_PATH_SIZE];
  *out = NULL;
  if (path == NULL) {
    QY_TRY(collateral_default_path(own, why));
    path = own;
  }
  if (!qy_file_exists(path)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: no such store; `quotary collateral fetch` or `import` makes it", path);
  }
  return qy_collateral_store_open(out, path, why);
}

collateral_name collateral_platform_name(const qy_collateral_platform *platform)
{
  collateral_name name;
  char fmspc[2 * QY_FMSPC_SIZE + 1];
  qy_hex_encode(fmspc, QY_VIEW_OF(platform->fmspc));
  (void)snprintf(name.text, sizeof(name.text), "%s, FMSPC %s, %s CA", platform->is_tdx ? "TDX" : "SGX", fmspc,
                 platform->by_platform_ca ? "platform" : "processor");
  return name;
}

collateral_day collateral_day_of(int64_t time_s)
{
  collateral_day day;
  qy_time_format(day.text, time_s);
  day.text[10] = '\0';
  return day;
}

qy_status collateral_read_platform(qy_collateral_platform *out, qy_buffer *quote, qy_pck_extension *extension,
                                   uint8_t tee_tcb_svn[QY_TEE_TCB_SVN_SIZE], const char *path, qy_error *why)
{
  static const char begin[] = "-----BEGIN CERTIFICATE";
  qy_pck_extension unused = {0};
  qy_dcap_quote decoded;
  qy_pck_extension *read = extension == NULL ? &unused : extension;
  if (tee_tcb_svn != NULL) {
    memset(tee_tcb_svn, 0, QY_TEE_TCB_SVN_SIZE);
  }
  qy_status status = verify_read_quote(quote, path, why);
  const bool is_chain = quote->size > sizeof(begin) && memcmp(quote->bytes, begin, sizeof(begin) - 1) == 0;
  if (status == QY_OK && is_chain) {
    status = qy_collateral_platform_of_chain(out, read, qy_buffer_view(quote), why);
    quote->size = 0;
  } else if (status == QY_OK) {
    status = qy_collateral_platform_of(out, qy_buffer_view(quote), why);
    if (status == QY_OK && qy_dcap_quote_decode(&decoded, qy_buffer_view(quote), why) == QY_OK) {
      qy_collateral_platform same;
      status = qy_collateral_platform_of_chain(&same, read, qy_certification_pem(&decoded.certification), why);
      if (tee_tcb_svn != NULL) {
        memcpy(tee_tcb_svn, decoded.td.tee_tcb_svn, QY_TEE_TCB_SVN_SIZE);
      }
    }
  }
  return status == QY_OK ? QY_OK : qy_fail_in(why, status, "%s", path);
}

void collateral_tell_missing(const char *name, const qy_collateral_found *found, const qy_collateral_ask *ask,
                             const char *quote)
{
  const collateral_day at = collateral_day_of(ask->at_s);
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    const qy_collateral_state *state = &found->documents[i];
    const char *what = qy_collateral_part_name((qy_collateral_part)i);
    if (state->lack == QY_LACK_UNKNOWN) {
      fprintf(stderr, "%s: the store has no %s for this platform\n", name, what);
    } else if (state->lack == QY_LACK_EXPIRED) {
      fprintf(stderr, "%s: the store's last %s for this platform was good until %s, not on %s\n", name, what,
              collateral_day_of(state->until_s).text, at.text);
    } else if (state->lack == QY_LACK_LATER) {
      fprintf(stderr, "%s: the store's first %s for this platform is good from %s, not on %s\n", name, what,
              collateral_day_of(state->from_s).text, at.text);
    }
  }
  if (found->complete) {
    return;
  }
  if (quote != NULL) {
    fprintf(stderr, "%s: to fetch what is current: quotary collateral fetch --quote %s\n", name, quote);
  } else {
    char fmspc[2 * QY_FMSPC_SIZE + 1];
    qy_hex_encode(fmspc, QY_VIEW_OF(ask->platform.fmspc));
    fprintf(stderr, "%s: to fetch what is current: quotary collateral fetch --fmspc %s --ca-type %s --tee %s\n", name,
            fmspc, ask->platform.by_platform_ca ? "platform" : "processor", ask->platform.is_tdx ? "tdx" : "sgx");
  }
}

int cmd_collateral(int argc, char **argv)
{
  const cli_verb verbs[] = {
      {"fetch", "from Intel's service (PCS) or a caching one (PCCS), verified before it is kept", collateral_fetch},
      {"import", "from a folder, an export, or another tool's JSON", collateral_import},
      {"export", "one signed file for machines without a network", collateral_export},
      {"show", "what is kept, and what expires when", collateral_show},
      {"diff", "which of my platforms change their status with a new TCB info", collateral_diff},
      {0}};
  return cli_dispatch("quotary collateral", verbs, argc, argv);
}
