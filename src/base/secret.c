/* SPDX-License-Identifier: Apache-2.0 */
#include <base/secret.h>

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void qy_wipe(void *bytes, size_t size)
{
  if (bytes != NULL && size > 0) {
    explicit_bzero(bytes, size);
  }
}

/* One frame each, without red zones: between several frames there would be gaps. */
#define WIPE_STACK(kib)                                                            \
  __attribute__((noinline, no_sanitize_address)) void qy_wipe_stack_##kib##k(void) \
  {                                                                                \
    uint8_t below[(kib)*1024];                                                     \
    explicit_bzero(below, sizeof(below));                                          \
  }
WIPE_STACK(8)
WIPE_STACK(64)
WIPE_STACK(128)

void qy_secret_clear(qy_secret *secret)
{
  explicit_bzero(secret, sizeof(*secret));
}

void qy_secret_set(qy_secret *secret, const void *bytes, size_t size)
{
  qy_secret_clear(secret);
  if (size > 0 && size <= sizeof(secret->bytes)) {
    memcpy(secret->bytes, bytes, size);
    secret->size = size;
  }
}

qy_view qy_secret_view(const qy_secret *secret)
{
  return qy_view_over(secret->bytes, secret->size);
}

bool qy_equal_ct(const void *a, const void *b, size_t size)
{
  const volatile uint8_t *left = a;
  const volatile uint8_t *right = b;
  uint8_t different = 0;
  for (size_t i = 0; i < size; i++) {
    different |= (uint8_t)(left[i] ^ right[i]);
  }
  return different == 0;
}

qy_status qy_vault_new(qy_vault *out, size_t size, qy_error *why)
{
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *out = (qy_vault){0};
  if (size > (size_t)1 << 30) {
    return qy_fail(why, QY_ERR_LIMIT, "secret of %zu bytes is beyond the limit", size);
  }
  const size_t mapped = size == 0 ? page : (size + page - 1) / page * page;
  void *memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return qy_fail(why, QY_ERR_MEMORY, "no memory for a secret of %zu bytes", size);
  }
  /* Locking can be refused by a resource limit; the page is then swappable but still kept out of dumps. */
  (void)mlock(memory, mapped);
  (void)madvise(memory, mapped, MADV_DONTDUMP);
  *out = (qy_vault){.bytes = memory, .size = size, .mapped = mapped};
  return QY_OK;
}

qy_status qy_vault_withhold_from_children(qy_vault *vault, qy_error *why)
{
  if (madvise(vault->bytes, vault->mapped, MADV_WIPEONFORK) != 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "this system cannot keep memory from child processes");
  }
  return QY_OK;
}

void qy_vault_free(qy_vault *vault)
{
  if (vault->bytes != NULL) {
    qy_wipe(vault->bytes, vault->mapped);
    (void)munmap(vault->bytes, vault->mapped);
  }
  *vault = (qy_vault){0};
}

void qy_process_harden(void)
{
  const struct rlimit none = {0, 0};
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)umask(077);
}
