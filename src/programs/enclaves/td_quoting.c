/* SPDX-License-Identifier: Apache-2.0 */
/* The TD quoting enclave (TDQE). */
#include <architectural/handlers.h>

int main(void)
{
  return qy_enclave_run(qy_td_qe_handle, NULL);
}
