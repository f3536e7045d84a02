/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of device files that behaves as the kernel's or Gramine's, also when they fail. */
#ifndef QY_TESTS_DEVICES_TREE_H
#define QY_TESTS_DEVICES_TREE_H

#include <devices/device.h>

#define TREE_ROOT "/tree"

typedef struct tree_file {
  const char *name;
  const char *text; /* what reading gives; NULL: there is no such file */
  int open_error;   /* 0, or the errno of open */
  int read_error;   /* 0, or the errno of the first read */
} tree_file;

typedef struct tree {
  bool makes_folders; /* configfs: files stand in folders that were made; else right below the root */
  tree_file files[8]; /* read-only ones; a NULL name ends them */
  const char *input;  /* the file that takes report data */
  const char *output; /* the file that gives "quote over " and the report data at the time of open */
  size_t output_size; /* 0: as said; else so many bytes */
  void (*make)(void *context, qy_buffer *out, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE]); /* if set, this */
  void *make_context;
  bool output_empty;
  int output_open_error;
  int output_read_error;
  int mkdir_error;
  size_t written_at_most;     /* 0: all */
  unsigned interruptions;     /* the next so many reads and writes fail by EINTR */
  unsigned other_writes_from; /* another program writes before the so-manyth reading of `generation`; 0: never */

  /* what happened */
  uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE];
  size_t last_write_size;
  unsigned writes;
  unsigned generation_reads;
  unsigned folders_made;
  unsigned folders_removed;
  unsigned truncations; /* opened with O_TRUNC or O_APPEND */
  char folder[256];     /* the one that stands */
  struct {
    bool used;
    bool writing;
    bool is_output;
    char text[QY_DEVICE_MAX_QUOTE_SIZE + 8192];
    size_t size;
    size_t at;
    int read_error;
  } open_files[4];
} tree;

/* The calls that reach it. */
qy_device_calls tree_calls(tree *t);
/* Descriptors that were not closed. */
unsigned tree_open_count(const tree *t);

#endif
