/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what passes over the processor's control socket, one packet each way. A request is one byte,
 * with the image's descriptor when it is a launch; the answer is that of enclave/answer.h with the payload below. */
#ifndef QY_SIMULATED_CONTROL_H
#define QY_SIMULATED_CONTROL_H

#include <quotary/sgx.h>

#define QY_CONTROL_HELLO 0    /* sent by the processor, unasked, when it is ready or cannot be */
#define QY_CONTROL_LAUNCH 1   /* u32 pages, u32 process, report body (384); the host's descriptor comes along */
#define QY_CONTROL_DESCRIBE 2 /* CPUSVN (16), u16 level, u16 levels, u16 enclaves */

#define QY_CONTROL_LAUNCH_SIZE (8 + QY_REPORT_BODY_SIZE)
#define QY_CONTROL_DESCRIBE_SIZE (QY_CPU_SVN_SIZE + 6)
#define QY_CONTROL_MAX_SIZE 131072u

/* Sends one packet; `descriptor` is -1 or one to send along. */
qy_status qy_packet_send(int socket, qy_view packet, int descriptor, qy_error *why) QY_MUST_CHECK;
/* Receives one packet into `bytes`. `*got` is 0 when the other side is gone. `*descriptor` is -1 or one that came. */
qy_status qy_packet_receive(int socket, uint8_t *bytes, size_t size, size_t *got, int *descriptor,
                            qy_error *why) QY_MUST_CHECK;

#endif
