/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that the codecs of this room share. */
#ifndef QY_SGX_CODEC_H
#define QY_SGX_CODEC_H

#include <base/cursor.h>
#include <quotary/sgx.h>

qy_attributes qy_read_attributes(qy_reader *in, const char *field);
void qy_write_attributes(qy_writer *out, qy_attributes attributes);
void qy_read_report_body(qy_reader *in, qy_report_body *out);
void qy_write_report_body(qy_writer *out, const qy_report_body *body);
void qy_read_key_request(qy_reader *in, qy_key_request *out);
void qy_write_key_request(qy_writer *out, const qy_key_request *request);
/* A fixed-size encoder's end: it cannot fail, since the size of its buffer is part of its type. */
void qy_write_done(const qy_writer *out);

#endif
