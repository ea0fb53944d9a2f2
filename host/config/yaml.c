/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree is built from the library's events, so that nothing is resolved or expanded behind our
 * back and every limit holds while reading, not afterwards.
 */
#include "config/yaml.h"

#include <turret/core.h>

#include <libfyaml.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_ROOM (64u << 10) /* libfyaml's own for one input, and something over */

/* Where the next node goes. */
struct builder {
    struct yaml_tree *tree;
    struct yaml_trouble *trouble;
    const char *text;
    size_t size_bytes;
    struct yaml_node *open[YAML_DEPTH_MAX]; /* the collections we are inside of */
    struct yaml_node *key[YAML_DEPTH_MAX];  /* a mapping's key that waits for its value */
    uint32_t depth;
    uint32_t document_count;
    bool complete;
};

static int trouble_at(struct yaml_trouble *trouble, size_t start, size_t end, const char *text)
{
    trouble->start = start;
    trouble->end = end > start ? end : start + 1;
    (void)snprintf(trouble->text, sizeof trouble->text, "%s", text);
    return TURRET_EINVAL;
}

size_t yaml_character(const char *at, size_t left)
{
    const unsigned char *text = (const unsigned char *)at;
    size_t length, i;
    uint32_t code;
    if (text[0] < 0x80)
        return 1;
    length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4 || length > left)
        return 0;
    code = text[0] & (0xFFu >> (length + 1));
    for (i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000) || code > 0x10FFFF ||
        (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    /* C1 controls, line separators and the byte order mark are not what they look like */
    if (code < 0xA0 || code == 0x2028 || code == 0x2029 || code == 0xFEFF)
        return 0;
    return code == 0xFFFE || code == 0xFFFF ? 0 : length;
}

/* Whether the line that `at` is on holds nothing but spaces before it. */
static bool indents(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] == ' ')
        at--;
    return at == 0 || text[at - 1] == '\n';
}

int yaml_screen(const char *text, size_t size_bytes, struct yaml_trouble *trouble)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0, length;
    char what[64];
    if (size_bytes > YAML_SIZE_MAX) {
        (void)snprintf(what, sizeof what, "the file is larger than its limit of %zu bytes",
                       YAML_SIZE_MAX);
        return trouble_at(trouble, 0, 1, what);
    }
    for (; at < size_bytes; at += length) {
        unsigned char c = bytes[at];
        length = yaml_character(text + at, size_bytes - at);
        if (length == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F ||
            (c == '\r' && (at + 1 == size_bytes || bytes[at + 1] != '\n'))) {
            (void)snprintf(what, sizeof what, "byte 0x%02x is not text; save it as plain UTF-8", c);
            return trouble_at(trouble, at, at + 1, what);
        }
        if (c == '\t' && indents(text, at))
            return trouble_at(trouble, at, at + 1, "a tab in the indentation; use spaces");
        if (c == '%' && (at == 0 || bytes[at - 1] == '\n'))
            return trouble_at(trouble, at, at + 1, "a line may not begin with '%'");
    }
    return TURRET_OK;
}

static uint32_t hash_text(const char *text, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    size_t i;
    for (i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

static size_t clamp(size_t offset, size_t size_bytes)
{
    return offset < size_bytes ? offset : size_bytes;
}

/* A node from a token; `token` may be NULL, and may lack marks. */
static struct yaml_node *make_node(struct builder *b, enum yaml_kind kind, struct fy_token *token)
{
    const struct fy_mark *start = token ? fy_token_start_mark(token) : NULL;
    const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;
    size_t length = 0;
    const char *text = kind == YAML_SCALAR && token ? fy_token_get_text(token, &length) : NULL;
    struct yaml_node *node = calloc(1, sizeof *node + (text ? length : 0) + 1);
    if (!node)
        return NULL;
    node->kind = kind;
    if (text && length > 0)
        memcpy(node->text, text, length);
    node->length = text ? length : 0;
    node->hash = hash_text(node->text, node->length);
    if (start && end) {
        enum fy_scalar_style style =
            kind == YAML_SCALAR ? fy_token_scalar_style(token) : FYSS_PLAIN;
        size_t quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED ? 1 : 0;
        node->start = clamp(start->input_pos, b->size_bytes);
        node->end = clamp(end->input_pos + quote, b->size_bytes);
        node->start -= node->start >= quote ? quote : 0;
    }
    node->allocated_before = b->tree->allocated_last;
    b->tree->allocated_last = node;
    b->tree->node_count++;
    return node;
}

/* An empty value has no place of its own: it gets its key's. */
static void place_empty(struct yaml_node *node, const struct yaml_node *beside)
{
    bool unplaced = node->kind == YAML_SCALAR ? node->end <= node->start : node->end == 0;
    if (unplaced && beside) {
        node->start = beside->start;
        node->end = beside->end;
    }
}

static int append(struct builder *b, struct yaml_node *node)
{
    struct yaml_node *parent;
    uint32_t level;
    if (b->depth == 0) {
        b->tree->root = node;
        return TURRET_OK;
    }
    level = b->depth - 1;
    parent = b->open[level];
    if (parent->kind == YAML_MAP && !b->key[level]) {
        if (node->kind != YAML_SCALAR)
            return trouble_at(b->trouble, node->start, node->end, "a key must be plain text");
        place_empty(node, parent);
        b->key[level] = node;
        return TURRET_OK;
    }
    node->key = b->key[level];
    b->key[level] = NULL;
    place_empty(node, node->key ? node->key : parent);
    if (++parent->count > YAML_ENTRIES_MAX)
        return trouble_at(b->trouble, node->start, node->end,
                          "more than 2048 entries in one mapping or list");
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return TURRET_OK;
}

/* Escapes can bring in what yaml_screen() keeps out. */
static bool one_line(const struct yaml_node *node)
{
    size_t i;
    for (i = 0; i < node->length; i++)
        if ((unsigned char)node->text[i] < 0x20 || node->text[i] == 0x7F)
            return false;
    return true;
}

/* An anchor, alias or tag; the sign before its name belongs to it. */
static int extra_trouble(struct builder *b, struct fy_token *token, const char *text)
{
    const struct fy_mark *start = token ? fy_token_start_mark(token) : NULL;
    const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;
    size_t from = start ? clamp(start->input_pos, b->size_bytes) : 0;
    if (from > 0 && strchr("&*!", b->text[from - 1]))
        from--;
    return trouble_at(b->trouble, from, end ? clamp(end->input_pos, b->size_bytes) : from, text);
}

static int add(struct builder *b, enum yaml_kind kind, struct fy_token *token,
               struct fy_token *anchor, struct fy_token *tag)
{
    struct yaml_node *node = make_node(b, kind, token);
    struct fy_token *extra = anchor ? anchor : tag;
    int status;
    if (!node)
        return TURRET_ENOMEM;
    if (extra)
        return extra_trouble(b, extra,
                             anchor ? "anchors and aliases are not accepted; write the value out"
                                    : "tags are not accepted; write the value alone");
    if (b->tree->node_count > YAML_NODES_MAX)
        return trouble_at(b->trouble, node->start, node->end,
                          "more than 200000 keys and values in one file");
    if (!one_line(node))
        return trouble_at(b->trouble, node->start, node->end,
                          "a value must be one line of plain text");
    status = append(b, node);
    if (status || kind == YAML_SCALAR)
        return status;
    if (b->depth == YAML_DEPTH_MAX)
        return trouble_at(b->trouble, node->start, node->end, "nested deeper than 12 levels");
    b->open[b->depth] = node;
    b->key[b->depth++] = NULL;
    return TURRET_OK;
}

static int on_alias(struct builder *b, struct fy_token *alias)
{
    return extra_trouble(b, alias, "anchors and aliases are not accepted; write the value out");
}

static int on_document(struct builder *b, struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    size_t start = mark ? clamp(mark->input_pos, b->size_bytes) : 0;
    if (++b->document_count > 1)
        return trouble_at(b->trouble, start, start + 3,
                          "a second document begins; one file is one configuration");
    return TURRET_OK;
}

static int on_event(struct builder *b, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return on_document(b, event->document_start.document_start);
    case FYET_MAPPING_START:
        return add(b, YAML_MAP, event->mapping_start.mapping_start, event->mapping_start.anchor,
                   event->mapping_start.tag);
    case FYET_SEQUENCE_START:
        return add(b, YAML_LIST, event->sequence_start.sequence_start, event->sequence_start.anchor,
                   event->sequence_start.tag);
    case FYET_SCALAR:
        return add(b, YAML_SCALAR, event->scalar.value, event->scalar.anchor, event->scalar.tag);
    case FYET_ALIAS:
        return on_alias(b, event->alias.anchor);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        assert(b->depth > 0);
        b->depth--;
        return TURRET_OK;
    case FYET_STREAM_END:
        b->complete = true;
        return TURRET_OK;
    default:
        return TURRET_OK;
    }
}

/* The library's first complaint, in our form. */
static int syntax_trouble(struct builder *b, struct fy_diag *diag)
{
    void *position = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &position);
    const struct fy_mark *start = NULL, *end = NULL;
    char what[sizeof b->trouble->text];
    size_t from = b->size_bytes;
    (void)snprintf(what, sizeof what, "not valid YAML: %s",
                   error && error->msg ? error->msg : "it ends too early");
    if (error && error->fyt) {
        start = fy_token_start_mark(error->fyt);
        end = fy_token_end_mark(error->fyt);
    }
    if (start)
        from = clamp(start->input_pos, b->size_bytes);
    if (from == b->size_bytes) /* nothing to show at the end: go back to the last thing written */
        while (from > 0 && strchr(" \t\r\n", b->text[from - 1]))
            from--;
    from -= from == b->size_bytes && from > 0;
    return trouble_at(b->trouble, from, end ? clamp(end->input_pos, b->size_bytes) : from + 1,
                      what);
}

static int build(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event;
    int status = TURRET_OK;
    if (fy_parser_set_string(parser, b->text, b->size_bytes))
        return TURRET_ENOMEM;
    while (!status && (event = fy_parser_parse(parser)) != NULL) {
        status = on_event(b, event);
        fy_parser_event_free(parser, event);
    }
    if (!status && (!b->complete || fy_parser_get_stream_error(parser)))
        status = syntax_trouble(b, diag);
    if (!status && !b->tree->root)
        status = trouble_at(b->trouble, 0, 1,
                            "there is no configuration in it; one begins with 'turret: 1'");
    return status;
}

/* libfyaml follows a null pointer when memory is missing for an input: told before. */
static bool memory_for_input(void)
{
    void *volatile room = malloc(INPUT_ROOM); /* or it would be optimised away */
    free(room);
    return room != NULL;
}

int yaml_parse(const char *text, size_t size_bytes, struct yaml_tree *tree,
               struct yaml_trouble *trouble)
{
    struct builder b = {.tree = tree, .trouble = trouble, .text = text, .size_bytes = size_bytes};
    struct fy_diag_cfg quiet;
    struct fy_parse_cfg settings = {0};
    struct fy_parser *parser = NULL;
    int status;
    memset(tree, 0, sizeof *tree);
    status = yaml_screen(text, size_bytes, trouble);
    if (status)
        return status;
    status = TURRET_ENOMEM;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.colorize = false;
    settings.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE;
    settings.diag = fy_diag_create(&quiet);
    if (!settings.diag)
        return status;
    fy_diag_set_collect_errors(settings.diag, true);
    parser = fy_parser_create(&settings);
    if (parser && memory_for_input()) {
        status = build(&b, parser, settings.diag);
        fy_diag_reset_error(settings.diag); /* what it collected holds on to the parser's input */
    }
    if (parser)
        fy_parser_destroy(parser);
    fy_diag_destroy(settings.diag);
    return status;
}

void yaml_finish(struct yaml_tree *tree)
{
    struct yaml_node *node = tree->allocated_last;
    while (node) {
        struct yaml_node *before = node->allocated_before;
        free(node);
        node = before;
    }
    memset(tree, 0, sizeof *tree);
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *name)
{
    const struct yaml_node *node;
    for (node = map->first; node; node = node->next)
        if (node->key && strcmp(node->key->text, name) == 0)
            return node;
    return NULL;
}
