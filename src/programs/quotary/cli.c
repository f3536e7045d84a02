/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>

#define MAX_OPTIONS 40

static void print_help(const cli_usage *usage)
{
  printf("usage: %s %s\n\n%s\n", usage->name, usage->arguments, usage->about);
  for (const cli_option *option = usage->options; option != NULL && option->name != NULL; option++) {
    char left[64];
    (void)snprintf(left, sizeof(left), "--%s%s%s", option->name, option->placeholder == NULL ? "" : " ",
                   option->placeholder == NULL ? "" : option->placeholder);
    printf("%s  %-28s %s\n", option == usage->options ? "\n" : "", left, option->help);
  }
}

int cli_usage_error(const cli_usage *usage, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", usage->name);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\nusage: %s %s\nmore: %s --help\n", usage->name, usage->arguments, usage->name);
  return CLI_USAGE;
}

static bool take(const cli_usage *usage, const cli_option *option, char *argument, int *code)
{
  if (option->flag != NULL) {
    *option->flag = true;
  } else if (option->list != NULL) {
    if (option->list->count >= CLI_LIST_MAX) {
      *code = cli_usage_error(usage, "--%s is given more than %d times", option->name, CLI_LIST_MAX);
      return false;
    }
    option->list->items[option->list->count++] = argument;
  } else {
    if (*option->value != NULL) {
      *code = cli_usage_error(usage, "--%s is given twice", option->name);
      return false;
    }
    *option->value = argument;
  }
  return true;
}

bool cli_parse(int *code, cli_list *positional, const cli_usage *usage, int argc, char **argv)
{
  static const cli_option none[1];
  const cli_option *options = usage->options == NULL ? none : usage->options;
  struct option known[MAX_OPTIONS + 2] = {{"help", no_argument, NULL, 'h'}};
  size_t count = 0;
  for (const cli_option *o = options; o->name != NULL && count < MAX_OPTIONS; o++, count++) {
    known[count + 1] = (struct option){o->name, o->flag == NULL ? required_argument : no_argument, NULL, 0};
  }
  optind = 1;
  opterr = 0;
  int index = 0;
  for (int got = 0; (got = getopt_long(argc, argv, ":h", known, &index)) != -1;) {
    if (got == 'h') {
      print_help(usage);
      *code = CLI_DONE;
      return false;
    }
    if (got == '?' || got == ':') {
      *code = got == ':' ? cli_usage_error(usage, "%s needs an argument", argv[optind - 1])
                         : cli_usage_error(usage, "%s is no option here", argv[optind - 1]);
      return false;
    }
    if (!take(usage, &options[index - 1], optarg, code)) {
      return false;
    }
  }
  *positional = (cli_list){0};
  for (int i = optind; i < argc; i++) {
    if (positional->count >= usage->most || positional->count >= CLI_LIST_MAX) {
      *code = cli_usage_error(usage, "\"%s\" is one argument too many", argv[i]);
      return false;
    }
    positional->items[positional->count++] = argv[i];
  }
  if (positional->count < usage->least) {
    *code = cli_usage_error(usage, "an argument is missing");
    return false;
  }
  return true;
}

int cli_dispatch(const char *name, const cli_verb *verbs, int argc, char **argv)
{
  const bool help = argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
  for (const cli_verb *verb = verbs; argc >= 2 && verb->name != NULL; verb++) {
    if (strcmp(argv[1], verb->name) == 0) {
      return verb->run(argc - 1, argv + 1);
    }
  }
  FILE *to = help ? stdout : stderr;
  if (argc >= 2 && !help) {
    fprintf(to, "%s: there is no \"%s\"\n\n", name, argv[1]);
  }
  fprintf(to, "usage: %s VERB [options]        %s VERB --help says more\n\n", name, name);
  for (const cli_verb *verb = verbs; verb->name != NULL; verb++) {
    fprintf(to, "  %-16s %s\n", verb->name, verb->summary);
  }
  return help ? CLI_DONE : CLI_USAGE;
}

int cli_fail(const char *name, qy_status status, const qy_error *why)
{
  fflush(stdout);
  fprintf(stderr, "%s: %s\n", name, why != NULL && why->message[0] != '\0' ? why->message : qy_status_text(status));
  return status == QY_ERR_REFUSED ? CLI_REFUSED : status == QY_ERR_ARGUMENT ? CLI_USAGE : CLI_UNDECIDED;
}

bool cli_number(uint64_t *out, const char *text, uint64_t least, uint64_t most, const char *what)
{
  char *end = NULL;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 0);
  if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value < least || value > most) {
    fprintf(stderr, "quotary: %s: \"%s\" is no number from %llu to %llu\n", what, text, (unsigned long long)least,
            (unsigned long long)most);
    return false;
  }
  *out = value;
  return true;
}

bool cli_colour(void)
{
  const char *terminal = getenv("TERM");
  const char *none = getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (none == NULL || none[0] == '\0') && terminal != NULL &&
         strcmp(terminal, "dumb") != 0;
}

const char *cli_style_on(cli_style style)
{
  static const char *const codes[] = {"\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m", "\033[36m", ""};
  return cli_colour() ? codes[style] : "";
}

const char *cli_style_off(void)
{
  return cli_colour() ? "\033[0m" : "";
}

int cli_print_json(json_t *value, int code)
{
  if (value == NULL || json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0) {
    fprintf(stderr, "quotary: cannot write JSON\n");
    code = CLI_UNDECIDED;
  }
  putchar('\n');
  json_decref(value);
  return code;
}

static void print_scalar(const json_t *value)
{
  switch (json_typeof(value)) {
  case JSON_STRING:
    printf("%s", json_string_value(value));
    break;
  case JSON_INTEGER:
    printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    break;
  case JSON_TRUE:
  case JSON_FALSE:
    printf("%s", json_is_true(value) ? "yes" : "no");
    break;
  default:
    printf("-");
    break;
  }
}

/* What is shown below its name. */
static bool is_nested(const json_t *value)
{
  return json_is_object(value) || (json_is_array(value) && json_is_object(json_array_get(value, 0)));
}

/* Column where values begin, the same for the members of one object. */
static int width_of(const json_t *object)
{
  const char *name = NULL;
  json_t *value = NULL;
  size_t width = 0;
  json_object_foreach((json_t *)object, name, value)
  {
    width = !is_nested(value) && strlen(name) > width ? strlen(name) : width;
  }
  return (int)width;
}

void cli_print_tree(const json_t *value, int indent)
{
  const char *name = NULL;
  json_t *member = NULL;
  const int width = width_of(value);
  json_object_foreach((json_t *)value, name, member)
  {
    const bool nested = is_nested(member);
    printf("%*s%s%-*s%s", indent, "", cli_style_on(CLI_DIM), nested ? 0 : width, name, cli_style_off());
    if (json_is_object(member)) {
      putchar('\n');
      cli_print_tree(member, indent + 2);
      continue;
    }
    if (!json_is_array(member)) {
      printf("  ");
      print_scalar(member);
      putchar('\n');
      continue;
    }
    size_t index = 0;
    json_t *item = NULL;
    if (json_array_size(member) == 0) {
      printf("  none\n");
    }
    json_array_foreach(member, index, item)
    {
      if (json_is_object(item)) {
        putchar('\n');
        cli_print_tree(item, indent + 2);
      } else {
        printf("%s", index == 0 ? "  " : ", ");
        print_scalar(item);
      }
    }
    if (json_array_size(member) > 0 && !json_is_object(json_array_get(member, 0))) {
      putchar('\n');
    }
  }
}

int cli_show_files(const cli_list *files, bool json, cli_describe_file *describe, const void *context)
{
  int code = CLI_DONE;
  for (size_t i = 0; i < files->count; i++) {
    json_t *tree = NULL;
    const int one = describe(&tree, files->items[i], context);
    if (one != CLI_DONE) {
      code = one;
      continue;
    }
    if (json) {
      (void)cli_print_json(tree, CLI_DONE);
      continue;
    }
    if (files->count > 1) {
      printf("%s%s%s%s\n", i > 0 ? "\n" : "", cli_style_on(CLI_BOLD), files->items[i], cli_style_off());
    }
    cli_print_tree(tree, 0);
    json_decref(tree);
  }
  return code;
}

static void print_check(const qy_check_record *record, int indent)
{
  static const struct {
    const char *mark;
    cli_style style;
  } marks[] = {[QY_OUTCOME_UNDECIDED] = {"?", CLI_YELLOW},
               [QY_OUTCOME_HELD] = {"✓", CLI_GREEN},
               [QY_OUTCOME_FAILED] = {"✗", CLI_RED},
               [QY_OUTCOME_UNCONSTRAINED] = {"·", CLI_DIM}};
  printf("%*s%s%s %-24s%s %s\n", indent, "", cli_style_on(marks[record->outcome].style), marks[record->outcome].mark,
         qy_check_name(record->id), cli_style_off(), qy_check_title(record->id));
  if (record->outcome != QY_OUTCOME_FAILED && record->outcome != QY_OUTCOME_UNDECIDED) {
    return;
  }
  if (record->expected.chars[0] != '\0') {
    printf("%*sexpected  %s%s%s%s\n", indent + 4, "", record->expected.chars, record->origin == NULL ? "" : "  (",
           record->origin == NULL ? "" : record->origin, record->origin == NULL ? "" : ")");
  }
  if (record->actual.chars[0] != '\0') {
    printf("%*sfound     %s\n", indent + 4, "", record->actual.chars);
  }
  printf("%*smend      %s\n", indent + 4, "", record->remedy != NULL ? record->remedy : qy_check_remedy(record->id));
}

void cli_print_checks(const qy_trace *trace, int indent, bool all)
{
  for (size_t i = 0; i < trace->count; i++) {
    const qy_outcome outcome = trace->records[i].outcome;
    if (all || outcome == QY_OUTCOME_FAILED || outcome == QY_OUTCOME_UNDECIDED) {
      print_check(&trace->records[i], indent);
    }
  }
}

json_t *cli_checks_json(const qy_trace *trace)
{
  json_t *checks = json_array();
  for (size_t i = 0; i < trace->count; i++) {
    const qy_check_record *record = &trace->records[i];
    json_array_append_new(checks,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s}", "id", qy_check_name(record->id), "title",
                                    qy_check_title(record->id), "outcome", qy_outcome_name(record->outcome), "expected",
                                    record->expected.chars, "actual", record->actual.chars, "origin", record->origin,
                                    "remedy", record->remedy != NULL ? record->remedy : qy_check_remedy(record->id)));
  }
  return checks;
}

bool cli_report_data(uint8_t out[CLI_REPORT_DATA_SIZE], const char *hex)
{
  const size_t digits = strlen(hex);
  memset(out, 0, CLI_REPORT_DATA_SIZE);
  return digits > 0 && digits % 2 == 0 && digits / 2 <= CLI_REPORT_DATA_SIZE &&
         qy_hex_decode(out, digits / 2, qy_view_text(hex), "report data", NULL) == QY_OK;
}

bool cli_read(qy_buffer *out, const char *name, const char *path, int *code)
{
  qy_error why = {0};
  const qy_status status = qy_file_read(out, path, &why);
  if (status != QY_OK) {
    *code = cli_fail(name, status, &why);
    return false;
  }
  return true;
}

static bool own_folder(char *out, size_t size)
{
  const ssize_t length = readlink("/proc/self/exe", out, size - 1);
  if (length <= 0) {
    return false;
  }
  out[length] = '\0';
  char *slash = strrchr(out, '/');
  if (slash == NULL) {
    return false;
  }
  *slash = '\0';
  return true;
}

static bool has_enclaves(const char *folder)
{
  char path[QY_PATH_SIZE];
  return qy_path_join(path, sizeof(path), folder, "quotary-qe", NULL) == QY_OK && access(path, R_OK) == 0;
}

bool cli_enclave_folder(char *out, size_t size)
{
  char installed[QY_PATH_SIZE];
  if (!own_folder(out, size)) {
    return false;
  }
  const char *slash = strrchr(out, '/');
  if (has_enclaves(out) || slash == NULL) {
    return true;
  }
  const int length = snprintf(installed, sizeof(installed), "%.*s/libexec/quotary", (int)(slash - out), out);
  if (length < 0 || (size_t)length >= sizeof(installed) || (size_t)length >= size || !has_enclaves(installed)) {
    return true;
  }
  memcpy(out, installed, (size_t)length + 1);
  return true;
}

/* A relative $XDG_DATA_HOME counts for nothing, as its specification has it. */
qy_status cli_data_folder(char *out, size_t size, qy_error *why)
{
  const char *data = getenv("XDG_DATA_HOME");
  if (data != NULL && data[0] == '/') {
    return qy_path_join(out, size, data, "quotary", why);
  }
  const char *home = getenv("HOME");
  const struct passwd *user = home != NULL && home[0] == '/' ? NULL : getpwuid(getuid());
  if (user != NULL) {
    home = user->pw_dir;
  }
  if (home == NULL || home[0] != '/') {
    return qy_fail(why, QY_ERR_NOT_FOUND, "this user has no home folder");
  }
  return qy_path_join(out, size, home, ".local/share/quotary", why);
}
