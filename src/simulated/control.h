/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what passes over the processor's control socket, one packet each way. A request is one byte,
 * with the image's descriptor when it is a launch; the answer is that of enclave/answer.h with the payload below. */
#ifndef QY_SIMULATED_CONTROL_H
#define QY_SIMULATED_CONTROL_H

#include <quotary/dcap_quote.h>

#define QY_CONTROL_HELLO 0  /* sent by the processor, unasked, when it is ready or cannot be */
#define QY_CONTROL_LAUNCH 1 /* u32 pages, u32 process, report body (384); the host's descriptor comes along */
#define QY_CONTROL_LAUNCH_TD \
  3 /* u32 pages, u32 process, MRTD (48), MRCONFIGID (48), u64 attributes, u64 XFAM; as above */
#define QY_CONTROL_DESCRIBE \
  2 /* CPUSVN (16), u16 level, u16 levels, u16 enclaves, u8 version and u8 SVN of the TDX module */

#define QY_CONTROL_LAUNCH_SIZE (8 + QY_REPORT_BODY_SIZE)
#define QY_CONTROL_LAUNCH_TD_SIZE (8 + 2 * QY_TD_HASH_SIZE + 16)
#define QY_CONTROL_DESCRIBE_SIZE (QY_CPU_SVN_SIZE + 8)
#define QY_CONTROL_MAX_SIZE 131072u

/* Sends one packet; `descriptor` is -1 or one to send along. */
qy_status qy_packet_send(int socket, qy_view packet, int descriptor, qy_error *why) QY_MUST_CHECK;
/* Receives one packet into `bytes`. `*got` is 0 when the other side is gone. `*descriptor` is -1 or one that came. */
qy_status qy_packet_receive(int socket, uint8_t *bytes, size_t size, size_t *got, int *descriptor,
                            qy_error *why) QY_MUST_CHECK;

#endif
