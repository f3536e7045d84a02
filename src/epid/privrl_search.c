/* SPDX-License-Identifier: Apache-2.0 */
#include <epid/verifier.h>

#include <pairing/g1_products.h>

uint32_t qy_epid_privrl_search(const qy_epid_privrl *list, const qy_g1_affine *b, const qy_g1_affine *k)
{
  return (uint32_t)qy_g1_search(b, k, list->entries.bytes, list->count);
}
