/* SPDX-License-Identifier: Apache-2.0 */
/* The ECDSA quoting enclave (QE3). */
#include <architectural/handlers.h>

int main(void)
{
  return qy_enclave_run(qy_ecdsa_qe_handle, NULL);
}
