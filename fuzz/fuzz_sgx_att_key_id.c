/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <quotary/sgx.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(const uint8_t *data, size_t size)
{
  qy_att_key_id id;
  uint8_t again[QY_ATT_KEY_ID_SIZE];
  if (qy_att_key_id_decode(&id, qy_view_over(data, size), NULL) != QY_OK) {
    return;
  }
  qy_att_key_id_encode(again, &id);
  if (size != sizeof(again) || memcmp(again, data, size) != 0) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_att_key_list list;
  uint8_t again[QY_ATT_KEY_LIST_SIZE(QY_ATT_KEY_LIST_MAX)];
  one(data, size);
  if (qy_att_key_list_decode(&list, qy_view_over(data, size), NULL) != QY_OK) {
    return 0;
  }
  qy_att_key_list_encode(again, &list);
  if (size != QY_ATT_KEY_LIST_SIZE(list.count) || memcmp(again, data, size) != 0) {
    abort();
  }
  return 0;
}
