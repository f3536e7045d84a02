/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/trust_domain.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <image/td_image.h>

static qy_view map_image(void)
{
  const off_t end = lseek(QY_ENCLAVE_FD_IMAGE, 0, SEEK_END);
  if (end <= 0 || end > (off_t)QY_IMAGE_MAX_SIZE) {
    return (qy_view){NULL, 0};
  }
  void *bytes = mmap(NULL, (size_t)end, PROT_READ, MAP_PRIVATE, QY_ENCLAVE_FD_IMAGE, 0);
  return bytes == MAP_FAILED ? (qy_view){NULL, 0} : qy_view_over(bytes, (size_t)end);
}

static qy_view find(const qy_image_section *sections, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(sections[i].name, name) == 0) {
      return sections[i].bytes;
    }
  }
  return (qy_view){NULL, 0};
}

static qy_view find_in_image(qy_view bytes, const char *name)
{
  qy_image image;
  qy_td_image domain;
  if (qy_is_td_image(bytes)) {
    return qy_td_image_decode(&domain, bytes, NULL) == QY_OK ? find(domain.sections, domain.section_count, name)
                                                             : (qy_view){NULL, 0};
  }
  return qy_image_decode(&image, bytes, NULL) == QY_OK ? find(image.sections, image.section_count, name)
                                                       : (qy_view){NULL, 0};
}

static qy_view configuration_of(qy_view bytes)
{
  qy_td_image domain;
  return qy_td_image_decode(&domain, bytes, NULL) == QY_OK ? domain.configuration : (qy_view){NULL, 0};
}

/* The mapping stays for the life of the process, as do the views into it; unless nothing of it is handed out. */
static qy_view keep_for(qy_view image, qy_view part)
{
  if (part.bytes == NULL && image.bytes != NULL) {
    (void)munmap((void *)(uintptr_t)image.bytes, image.size);
  }
  return part;
}

qy_view qy_enclave_section(const char *name)
{
  const qy_view image = map_image();
  return keep_for(image, find_in_image(image, name));
}

qy_view qy_td_configuration(void)
{
  const qy_view image = map_image();
  return keep_for(image, configuration_of(image));
}
