/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text to a small neutral tree with byte ranges. What a configuration has no use for is
 * refused here: several documents, directives, tags, anchors and aliases, mappings as keys.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stddef.h>
#include <stdint.h>

#define YAML_SIZE_MAX    ((size_t)1024 * 1024)
#define YAML_DEPTH_MAX   12
#define YAML_NODES_MAX   200000
#define YAML_ENTRIES_MAX 2048 /* of one mapping or list */

enum yaml_kind { YAML_SCALAR = 1, YAML_MAP, YAML_LIST };

/* A value. Everything scalar is text; an empty one ("key:") has length 0 and its key's range. */
struct yaml_node {
    enum yaml_kind kind;
    uint32_t hash;               /* of the text */
    uint32_t count;              /* entries of a mapping or list */
    size_t start, end;           /* bytes in the parsed text; quotes belong to it */
    size_t length;               /* of `text` */
    const struct yaml_node *key; /* when this is a value in a mapping */
    struct yaml_node *first, *last, *next;
    struct yaml_node *allocated_before;
    char text[]; /* NUL-terminated */
};

struct yaml_tree {
    struct yaml_node *root;
    struct yaml_node *allocated_last;
    uint32_t node_count;
};

/* The one mistake that ends parsing. */
struct yaml_trouble {
    size_t start, end;
    char text[200];
};

/* Bytes of the UTF-8 character at `text`; 0 when it is none, or one that hides what it is. */
size_t yaml_character(const char *text, size_t left);
/*
 * Refuses what is not plain text: bytes that are no UTF-8, control characters, a lone carriage
 * return, more than YAML_SIZE_MAX bytes. The YAML library is never shown anything that fails here.
 *
 * fails: EINVAL with *trouble
 */
int yaml_screen(const char *text, size_t size_bytes, struct yaml_trouble *trouble);
/*
 * Screens, then parses.
 *
 * owns:  *tree until yaml_finish(), also when it fails
 * fails: EINVAL with *trouble; ENOMEM
 */
int yaml_parse(const char *text, size_t size_bytes, struct yaml_tree *tree,
               struct yaml_trouble *trouble);
/* A zeroed tree is allowed. */
void yaml_finish(struct yaml_tree *tree);

/* The value under `name`, NULL when the mapping has none. Of several the first. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *name);

#endif
