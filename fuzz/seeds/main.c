/* SPDX-License-Identifier: Apache-2.0 */
/* seeds FOLDER: writes FOLDER/TARGET/seed-N for every target that needs help. */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>

#include <base/file.h>

static const char *folder;

void must(qy_status status)
{
  if (status != QY_OK) {
    (void)fprintf(stderr, "seeds: %s\n", qy_status_name(status));
    exit(1);
  }
}

static qy_status counted(void *context, uint8_t *out, size_t size, qy_error *why)
{
  uint64_t *state = context;
  (void)why;
  for (size_t i = 0; i < size; i++) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(*state >> 56);
  }
  return QY_OK;
}

qy_random seed_random(void)
{
  static uint64_t state = 1;
  return (qy_random){.fill = counted, .context = &state};
}

void seed(const char *target, qy_view bytes)
{
  static unsigned count;
  char path[QY_PATH_SIZE];
  (void)snprintf(path, sizeof(path), "%s/%s", folder, target);
  must(qy_folder_make(path, NULL));
  (void)snprintf(path, sizeof(path), "%s/%s/seed-%u", folder, target, count++);
  must(qy_file_write(path, bytes, false, NULL));
}

void seed_text(const char *target, const char *text)
{
  seed(target, qy_view_text(text));
}

void seed_choice(const char *target, uint8_t choice, qy_view bytes)
{
  QY_SCOPED_BUFFER(all, 1u << 20);
  qy_buffer_append(&all, &choice, 1);
  qy_buffer_append(&all, bytes.bytes, bytes.size);
  must(all.status);
  seed(target, qy_buffer_view(&all));
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    (void)fprintf(stderr, "usage: seeds FOLDER\n");
    return 2;
  }
  folder = argv[1];
  must(qy_folder_make(folder, NULL));
  seed_texts();
  seed_structures();
  seed_collateral();
  seed_dcap();
  seed_epid();
  seed_messages();
  seed_provisioning();
  return 0;
}
