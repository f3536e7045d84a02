/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info: what decodes is in order, within its bounds, and keeps the bytes that were signed. */
#include <stdlib.h>
#include <string.h>

#include <quotary/collateral.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const qy_tcb_info *info, qy_view text)
{
  if (info->level_count == 0 || info->level_count > QY_TCB_INFO_MAX_LEVELS ||
      info->advisory_count > QY_TCB_INFO_MAX_ADVISORIES || info->json.body.size < 2 ||
      info->json.body.bytes < text.bytes || info->json.body.bytes + info->json.body.size > text.bytes + text.size ||
      info->json.body.bytes[0] != '{') {
    abort();
  }
  for (size_t i = 0; i < info->level_count; i++) {
    const qy_tcb_level *level = &info->levels[i];
    if (level->advisories.first + level->advisories.count > info->advisory_count ||
        level->status == QY_TCB_STATUS_UNKNOWN || (i > 0 && memcmp(level->sgx, level[-1].sgx, 16) > 0)) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_tcb_info *info = malloc(sizeof(*info));
  qy_qvl_status qvl = QY_QVL_OK;
  qy_error why;
  if (info == NULL) {
    return 0;
  }
  const qy_status status = qy_tcb_info_decode(info, qy_view_over(data, size), &qvl, &why);
  if ((status == QY_OK) != (qvl == QY_QVL_OK)) {
    abort();
  }
  if (status == QY_OK) {
    look_at(info, qy_view_over(data, size));
  }
  free(info);
  return 0;
}
