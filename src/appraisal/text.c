/* SPDX-License-Identifier: Apache-2.0 */
#include <appraisal/text.h>

#include <stdlib.h>
#include <string.h>

#include <quotary/appraisal.h>

qy_status qy_text_of_buffer(char **out, qy_buffer *from, qy_error *why)
{
  QY_TRY(qy_buffer_finish(from, "appraisal text", why));
  *out = strdup(qy_buffer_text(from));
  return *out == NULL ? qy_fail(why, QY_ERR_MEMORY, "appraisal: no memory for %zu bytes of text", from->size) : QY_OK;
}

qy_status qy_text_of_json(char **out, const json_t *value, qy_error *why)
{
  QY_SCOPED_BUFFER(text, QY_APPRAISAL_MAX_TEXT);
  QY_TRY(qy_json_print(&text, value, true, why));
  return qy_text_of_buffer(out, &text, why);
}

void qy_appraisal_text_free(char **text)
{
  free(*text);
  *text = NULL;
}
