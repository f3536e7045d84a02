/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb shares: exit codes, options, output to people and to programs. */
#ifndef QY_PROGRAMS_CLI_H
#define QY_PROGRAMS_CLI_H

#include <jansson.h>

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/status.h>

/* The exit codes of every verb. */
enum {
  CLI_DONE = 0, /* trusted, or done */
  CLI_REFUSED = 1,
  CLI_USAGE = 2,
  CLI_UNDECIDED = 3 /* could not decide, or could not do it */
};

typedef struct cli_verb {
  const char *name;
  const char *summary;
  int (*run)(int argc, char **argv); /* argv[0] is the verb */
} cli_verb;

/* Ends with {0}. `value` takes an argument, `flag` none, `list` may be given several times. */
#define CLI_LIST_MAX 16
typedef struct cli_list {
  size_t count;
  const char *items[CLI_LIST_MAX];
} cli_list;

typedef struct cli_option {
  const char *name;        /* without the dashes */
  const char *placeholder; /* of the argument: "FILE" */
  const char *help;
  const char **value;
  bool *flag;
  cli_list *list;
} cli_option;

typedef struct cli_usage {
  const char *name;      /* "quotary show" */
  const char *arguments; /* "[--json] FILE..." */
  const char *about;     /* one or two sentences */
  const cli_option *options;
  size_t least; /* positional arguments */
  size_t most;
} cli_usage;

/* Reads options and positional arguments. True: go on. False: `*code` is the exit code (help was asked, or the usage is
 * wrong and was said). */
bool cli_parse(int *code, cli_list *positional, const cli_usage *usage, int argc, char **argv);

/* Runs the verb that argv[1] names (the list ends with {0}); otherwise prints them all. */
int cli_dispatch(const char *name, const cli_verb *verbs, int argc, char **argv);

/* Says what is wrong with a command line, points to --help; returns CLI_USAGE. */
int cli_usage_error(const cli_usage *usage, const char *format, ...) QY_PRINTF(2, 3);
/* "quotary VERB: message" on standard error; returns the exit code for the status. */
int cli_fail(const char *name, qy_status status, const qy_error *why);

/* Whole number within limits; false after saying so. */
bool cli_number(uint64_t *out, const char *text, uint64_t least, uint64_t most, const char *what);

/* True when standard output is a terminal that may be coloured (NO_COLOR unset, TERM not dumb). */
bool cli_colour(void);
/* Start and end of a style, or "" without colour. */
typedef enum cli_style { CLI_BOLD, CLI_DIM, CLI_GREEN, CLI_RED, CLI_YELLOW, CLI_CYAN, CLI_PLAIN } cli_style;
const char *cli_style_on(cli_style style);
const char *cli_style_off(void);

/* Prints a JSON value and a newline on standard output; takes the reference. Returns `code`. */
int cli_print_json(json_t *value, int code);
/* Prints a JSON tree for people: names left, values right, nested objects indented. Does not take the reference. */
void cli_print_tree(const json_t *value, int indent);

/* Describes a file as a tree for the caller; returns an exit code, and has said what is wrong if it is not 0. */
typedef int cli_describe_file(json_t **out, const char *path, const void *context);
/* Shows each file; returns the last exit code that is not 0. */
int cli_show_files(const cli_list *files, bool json, cli_describe_file *describe, const void *context);

/* The checks of a trace for people: "✓ name  what was found", failures with expected, actual and remedy. */
void cli_print_checks(const qy_trace *trace, int indent, bool all);
json_t *cli_checks_json(const qy_trace *trace);

#define CLI_REPORT_DATA_SIZE 64 /* of a quote, bytes */
/* Hex of 1 to 64 bytes; zeros behind. False when it is no such text. */
bool cli_report_data(uint8_t out[CLI_REPORT_DATA_SIZE], const char *hex);
/* Reads a file (or "-") into `out`; on failure says so and returns false with `*code` set. */
bool cli_read(qy_buffer *out, const char *name, const char *path, int *code);
/* Where this user's data is kept: $XDG_DATA_HOME/quotary, or ~/.local/share/quotary. It may not be there yet. */
qy_status cli_data_folder(char *out, size_t size, qy_error *why) QY_MUST_CHECK;
/* Where the programs that run in enclaves are: beside the running binary, as a build leaves them, or else in
 * ../libexec/quotary, as an installation does. */
bool cli_enclave_folder(char *out, size_t size);

#endif
