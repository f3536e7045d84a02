/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that the DCAP codecs share. */
#ifndef QY_SGX_DCAP_CODEC_H
#define QY_SGX_DCAP_CODEC_H

#include <base/cursor.h>
#include <quotary/dcap_quote.h>

/* `form` is a body type of a trust domain. */
void qy_read_td_body(qy_reader *in, qy_td_body *out, qy_dcap_body_type form);
void qy_write_td_body(qy_writer *out, const qy_td_body *body, qy_dcap_body_type form);

#endif
