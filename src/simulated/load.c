/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/load.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <image/image.h>
#include <sgx/sigstruct.h>
#include <simulated/program.h>

#define OFFERED_ATTRIBUTES (QY_ATTRIBUTE_DEBUG | QY_ATTRIBUTE_MODE64BIT | QY_ATTRIBUTE_PROVISION_KEY | QY_ATTRIBUTE_KSS)

typedef struct mapping {
  void *bytes;
  size_t size;
} mapping;

static void mapping_drop(mapping *map)
{
  if (map->bytes != NULL) {
    (void)munmap(map->bytes, map->size);
  }
}

/* The image as nobody can change it between measuring and running. */
static qy_status map_image(mapping *out, int fd, qy_trace *trace, qy_error *why)
{
  struct stat info;
  const bool sealed = qy_memory_is_sealed(fd);
  if (!qy_check(trace, QY_CHECK_ENCLAVE_IMAGE_SEALED, sealed, .expected = qy_textf("sealed anonymous memory"),
                .actual = qy_textf(sealed ? "sealed" : "open to change"),
                .origin = "rule of the simulated processor")) {
    return qy_fail(why, QY_ERR_REFUSED, "enclave image: it can still be changed");
  }
  if (fstat(fd, &info) != 0 || info.st_size <= 0 || info.st_size > (off_t)QY_IMAGE_MAX_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "enclave image: empty, or larger than %u bytes", QY_IMAGE_MAX_SIZE);
  }
  void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) {
    return qy_fail(why, QY_ERR_MEMORY, "enclave image: cannot map it: %s", strerror(errno));
  }
  *out = (mapping){bytes, (size_t)info.st_size};
  return QY_OK;
}

/* ECREATE's rules for SECS. */
static qy_status check_attributes(qy_trace *trace, const qy_image *image, qy_error *why)
{
  const uint64_t flags = image->attributes.flags;
  const bool held = (flags & ~OFFERED_ATTRIBUTES) == 0 && (flags & QY_ATTRIBUTE_MODE64BIT) != 0 &&
                    image->attributes.xfrm == QY_XFRM_LEGACY && (image->misc_select & ~QY_MISC_EXINFO) == 0;
  if (!qy_check(trace, QY_CHECK_ENCLAVE_ATTRIBUTES, held,
                .expected = qy_textf("flags within %#" PRIx64 " with 0x4, xfrm 0x3, miscselect 0 or 1",
                                     (uint64_t)OFFERED_ATTRIBUTES),
                .actual = qy_textf("flags %#" PRIx64 ", xfrm %#" PRIx64 ", miscselect %#" PRIx32, flags,
                                   image->attributes.xfrm, image->misc_select),
                .origin = "rule of the simulated processor")) {
    return qy_fail(why, QY_ERR_REFUSED, "ECREATE: attributes that this processor does not offer");
  }
  return QY_OK;
}

/* A SIGSTRUCT's mask may leave DEBUG open; this processor then still wants to see it signed. */
static qy_status check_debug(qy_trace *trace, const qy_secs *secs, const qy_sigstruct *sigstruct, qy_error *why)
{
  const bool asked = (secs->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0;
  const bool is_signed = (sigstruct->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0;
  if (!qy_check(trace, QY_CHECK_ENCLAVE_DEBUG_SIGNED, !asked || is_signed,
                .expected = qy_textf(is_signed ? "debug or not" : "not debug"),
                .actual = qy_textf(asked ? "debug" : "not debug"), .origin = "SIGSTRUCT")) {
    return qy_fail(why, QY_ERR_REFUSED, "EINIT: DEBUG was not signed");
  }
  return QY_OK;
}

static bool is_architectural(const qy_machine_config *machine, const uint8_t signer[QY_MEASUREMENT_SIZE])
{
  for (size_t i = 0; i < machine->signer_count; i++) {
    if (qy_view_equal(QY_VIEW_OF(machine->architectural_signers[i]), qy_view_over(signer, QY_MEASUREMENT_SIZE))) {
      return true;
    }
  }
  return false;
}

/* On real machines the operating system guards this attribute (Linux: access to /dev/sgx_provision). */
static qy_status check_provision_signer(qy_trace *trace, const qy_secs *secs, const qy_machine_config *machine,
                                        qy_error *why)
{
  const bool asked = (secs->attributes.flags & QY_ATTRIBUTE_PROVISION_KEY) != 0;
  const bool may = is_architectural(machine, secs->mr_signer);
  if (!qy_check(trace, QY_CHECK_ENCLAVE_PROVISION_SIGNER, !asked || may,
                .expected = qy_textf(asked ? "an architectural signer" : "any signer"),
                .actual = qy_text_hex(QY_VIEW_OF(secs->mr_signer)), .origin = "the machine's configuration")) {
    return qy_fail(why, QY_ERR_REFUSED, "EINIT: PROVISION_KEY is not for this signer");
  }
  return QY_OK;
}

static qy_status initialise(qy_secs *secs, const qy_image *image, const qy_machine_config *machine, qy_trace *trace,
                            qy_error *why)
{
  qy_sigstruct sigstruct;
  QY_TRY(check_attributes(trace, image, why));
  *secs = (qy_secs){.size = image->enclave_size,
                    .ssa_frame_size = image->ssa_frame_pages,
                    .misc_select = image->misc_select,
                    .attributes = image->attributes};
  QY_TRY(qy_image_measure(secs->mr_enclave, image, why));
  QY_TRY(qy_sigstruct_decode(&sigstruct, image->sigstruct, why));
  QY_TRY(qy_sigstruct_initialise(trace, secs, &sigstruct, why));
  QY_TRY(check_debug(trace, secs, &sigstruct, why));
  return check_provision_signer(trace, secs, machine, why);
}

/* Only bytes of the image, which were measured, go into the memory that is executed. */
static qy_status seal_program(int *fd, qy_view program, qy_error *why)
{
  QY_TRY(qy_memory_seal(fd, "enclave", program, why));
#ifndef QUOTARY_SANITIZED  /* a sanitizer reads its own maps */
  (void)fchmod(*fd, 0100); /* what cannot be read cannot be dumped or traced, from its first instruction on */
#endif
  return QY_OK;
}

static void close_pair(int ends[2])
{
  (void)close(ends[0]);
  (void)close(ends[1]);
}

static qy_status start(qy_loaded *out, int program, int image_fd, qy_error *why)
{
  int cpu[2];
  int host[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cpu) != 0) {
    return qy_fail(why, QY_ERR_IO, "enclave: no socket pair: %s", strerror(errno));
  }
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host) != 0) {
    close_pair(cpu);
    return qy_fail(why, QY_ERR_IO, "enclave: no socket pair: %s", strerror(errno));
  }
  const qy_status status = qy_program_start(&out->process, program, cpu[1], host[1], image_fd, why);
  if (status != QY_OK) {
    close_pair(cpu);
    close_pair(host);
    return status;
  }
  (void)close(cpu[1]);
  (void)close(host[1]);
  out->cpu = cpu[0];
  out->host = host[0];
  return QY_OK;
}

static qy_status start_program(qy_loaded *out, qy_view bytes, int image_fd, qy_error *why)
{
  int program = -1;
  QY_TRY(seal_program(&program, bytes, why));
  const qy_status status = start(out, program, image_fd, why);
  (void)close(program);
  return status;
}

qy_status qy_enclave_load(qy_loaded *out, int image_fd, const qy_machine_config *machine, qy_trace *trace,
                          qy_error *why)
{
  __attribute__((cleanup(mapping_drop))) mapping map = {0};
  qy_image image;
  *out = (qy_loaded){.process = -1, .cpu = -1, .host = -1};
  QY_TRY(map_image(&map, image_fd, trace, why));
  QY_TRY(qy_image_decode(&image, qy_view_over(map.bytes, map.size), why));
  QY_TRY(qy_program_check(trace, image.program, why));
  QY_TRY(initialise(&out->guest.secs, &image, machine, trace, why));
  out->page_count = qy_image_page_count(&image);
  return start_program(out, image.program, image_fd, why);
}

qy_status qy_trust_domain_load(qy_loaded *out, int image_fd, const qy_machine_config *machine, qy_trace *trace,
                               qy_error *why)
{
  __attribute__((cleanup(mapping_drop))) mapping map = {0};
  qy_td_image image;
  *out = (qy_loaded){.process = -1, .cpu = -1, .host = -1, .guest.is_trust_domain = true};
  QY_TRY(map_image(&map, image_fd, trace, why));
  QY_TRY(qy_td_image_decode(&image, qy_view_over(map.bytes, map.size), why));
  QY_TRY(qy_program_check(trace, image.program, why));
  QY_TRY(qy_trust_domain_build(&out->guest.domain, &image, &machine->tdx_module, trace, why));
  out->page_count = qy_td_image_page_count(&image);
  return start_program(out, image.program, image_fd, why);
}
