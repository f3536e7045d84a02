/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the EPID 2.0 files that the SGX services exchange (Intel SGX SDK, quoting and provisioning enclaves). */
#ifndef QY_SGX_EPID_WIRE_H
#define QY_SGX_EPID_WIRE_H

#define QY_EPID_WIRE_VERSION 2
#define QY_EPID_WIRE_GROUP 12
#define QY_EPID_WIRE_SIGRL 14
#define QY_EPID_WIRE_SIGNATURE_SIZE 64

#endif
