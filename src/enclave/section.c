/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/runtime.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <image/image.h>

/* The mapping stays for the life of the process, as do the views into it. */
qy_view qy_enclave_section(const char *name)
{
  qy_image image;
  const off_t end = lseek(QY_ENCLAVE_FD_IMAGE, 0, SEEK_END);
  if (end <= 0 || end > (off_t)QY_IMAGE_MAX_SIZE) {
    return (qy_view){NULL, 0};
  }
  const size_t size = (size_t)end;
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, QY_ENCLAVE_FD_IMAGE, 0);
  if (bytes == MAP_FAILED) {
    return (qy_view){NULL, 0};
  }
  if (qy_image_decode(&image, qy_view_over(bytes, size), NULL) == QY_OK) {
    for (size_t i = 0; i < image.section_count; i++) {
      if (strcmp(image.sections[i].name, name) == 0) {
        return image.sections[i].bytes;
      }
    }
  }
  (void)munmap(bytes, size);
  return (qy_view){NULL, 0};
}
