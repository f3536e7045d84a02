/* SPDX-License-Identifier: Apache-2.0 */
/* The quoting enclave (QE). */
#include <architectural/handlers.h>

int main(void)
{
  return qy_enclave_run(qy_qe_handle, NULL);
}
