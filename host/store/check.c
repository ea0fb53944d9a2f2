/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks LMDB's trees page by page before LMDB does. LMDB follows page numbers and offsets as it
 * finds them: one changed byte in a page header and the process is gone, or a table ends early
 * without a word. Checked are every page header, every offset and size, the order of the keys and
 * that they lie between their separators, the counts, and that no page is used twice or listed as
 * free while in use. Values are the business of their own checksums.
 *
 * It runs at every open. What it reads is bounded: branch pages, leaf pages and the first page of a
 * large value; of the journal the newest JOURNAL_LEAVES leaf pages, the rest when somebody reads so
 * far back. Trees are walked from their right end for that reason.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define JOURNAL_LEAVES 16384u /* 64 MiB of 4 KiB pages */

#define PAGE_HEADER   16u
#define PAGE_BRANCH   0x01u
#define PAGE_LEAF     0x02u
#define PAGE_OVERFLOW 0x04u
#define NODE_HEADER   8u
#define NODE_BIG      0x01u /* the value lies on pages of its own */
#define NODE_TREE     0x02u /* the value is another tree's root */
#define DEPTH_MAX     32u
#define LEVELS_MAX    ((size_t)2 * DEPTH_MAX) /* the list of tables and a table */

struct page {
    uint64_t number;
    uint16_t pad, flags;
    uint16_t lower, upper; /* of an overflow page: how many pages, 32 bits */
};

struct node {
    uint16_t low, high; /* value's size; in a branch the page number, with flags on top */
    uint16_t flags, key_bytes;
};

struct check {
    const struct store *store;
    struct turret_error *err;
    const unsigned char *file;
    uint64_t file_pages, last_page, page_bytes;
    unsigned char *seen;   /* one bit a page */
    unsigned char *copies; /* a page for each level under way: a daemon may be writing the file */
    unsigned level;
    uint64_t sealed;
    unsigned flags;
    uint64_t journal_from; /* smallest sequence on a checked leaf page */
};

/* One tree under check. */
struct tree {
    const char *name;
    struct pages_tree stated, found;
    bool numbers; /* keys are 64-bit numbers of this machine */
    bool is_free_list;
    bool is_list; /* values are trees: the list of tables */
    bool is_journal;
    bool is_meta;
    uint64_t leaves_left; /* leaf pages still to be looked at */
    bool skipped;
};

struct span {
    const unsigned char *at; /* NULL: no bound */
    size_t size_bytes;
};

static int walk_tree(struct check *check, struct tree *tree);
static int walk_page(struct check *check, struct tree *tree, uint64_t number, unsigned depth,
                     struct span low, struct span high);

static int bad(struct check *check, const struct tree *tree, uint64_t number, const char *wrong)
{
    return turret_fail(check->err, TURRET_ECORRUPT,
                       "store %s: page %llu of table %s %s; restore the directory from a backup",
                       check->store->path, (unsigned long long)number, tree->name, wrong);
}

/* Marks `count` pages as used. False: outside of the file, or used already. */
static bool claim(struct check *check, uint64_t number, uint64_t count, uint64_t limit)
{
    if (number < 2 || number > limit || count > limit - number + 1)
        return false;
    for (uint64_t i = number; i < number + count; i++) {
        unsigned char bit = (unsigned char)(1u << (i & 7u));
        if (check->seen[i >> 3] & bit)
            return false;
        check->seen[i >> 3] |= bit;
    }
    return true;
}

static int compare(const struct tree *tree, struct span a, struct span b)
{
    size_t shorter = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    int order;
    if (tree->numbers) {
        uint64_t x, y;
        memcpy(&x, a.at, 8);
        memcpy(&y, b.at, 8);
        return (x > y) - (x < y);
    }
    order = memcmp(a.at, b.at, shorter);
    return order != 0 ? order : (a.size_bytes > b.size_bytes) - (a.size_bytes < b.size_bytes);
}

/* Bytes of the value inside the page. */
static uint64_t inside_bytes(const struct node *node, unsigned flags)
{
    if (flags == PAGE_BRANCH)
        return 0;
    return node->flags & NODE_BIG ? 8 : node->low | (uint64_t)node->high << 16;
}

static const unsigned char *page_at(const struct check *check, uint64_t number)
{
    return check->file + number * check->page_bytes;
}

/* The node's header is copied (offsets are even, not more); its bytes follow it in the file. */
static const unsigned char *node_at(const unsigned char *page, size_t index, struct node *node)
{
    uint16_t offset;
    memcpy(&offset, page + PAGE_HEADER + 2 * index, sizeof offset);
    memcpy(node, page + offset, sizeof *node);
    return page + offset + NODE_HEADER;
}

/* Header, offsets and sizes: after this every node may be followed. NULL when all is well. */
static const char *check_layout(const struct check *check, const unsigned char *at,
                                const struct page *page)
{
    uint64_t used = 0;
    size_t count;
    if (page->lower < PAGE_HEADER || page->lower > page->upper || page->upper > check->page_bytes ||
        (page->lower & 1u) != 0)
        return "has impossible bounds";
    count = (page->lower - PAGE_HEADER) / 2u;
    if (count == 0)
        return "holds no keys";
    for (size_t i = 0; i < count; i++) {
        uint16_t offset;
        struct node node;
        uint64_t size;
        memcpy(&offset, at + PAGE_HEADER + 2 * i, sizeof offset);
        if (offset < page->upper || (offset & 1u) != 0 || offset + NODE_HEADER > check->page_bytes)
            return "points outside of itself";
        (void)node_at(at, i, &node);
        size = NODE_HEADER + node.key_bytes + inside_bytes(&node, page->flags);
        if (offset + size > check->page_bytes)
            return "holds an entry larger than itself";
        used += size + (size & 1u);
    }
    return used == check->page_bytes - page->upper ? NULL : "holds entries that overlap";
}

static const char *check_order(const struct tree *tree, const unsigned char *at,
                               const struct page *page, struct span low, struct span high)
{
    size_t count = (page->lower - PAGE_HEADER) / 2u;
    struct span last = low;
    /* the first key of a branch page is never compared: it means "everything before the next" */
    for (size_t i = page->flags == PAGE_BRANCH ? 1 : 0; i < count; i++) {
        struct node node;
        struct span key;
        key.at = node_at(at, i, &node);
        key.size_bytes = node.key_bytes;
        if (key.size_bytes == 0 || key.size_bytes > STORE_KEY_MAX ||
            (tree->numbers && key.size_bytes != 8) || (tree->is_journal && key.size_bytes != 8))
            return "holds a key of impossible size";
        if (last.at) {
            int order = compare(tree, last, key);
            if (order > 0 || (order == 0 && last.at != low.at))
                return "holds keys out of order";
        }
        if (high.at && compare(tree, key, high) >= 0)
            return "holds a key beyond its place";
        last = key;
    }
    return NULL;
}

static int check_big_value(struct check *check, struct tree *tree, const struct node *node,
                           const unsigned char *value)
{
    struct page page;
    uint64_t number, pages, stated, size = node->low | (uint64_t)node->high << 16;
    memcpy(&number, value, 8);
    pages = (PAGE_HEADER - 1 + size) / check->page_bytes + 1;
    if (!claim(check, number, pages, check->file_pages - 1))
        return bad(check, tree, number, "is out of the file or used twice");
    memcpy(&page, page_at(check, number), sizeof page);
    stated = page.lower | (uint64_t)page.upper << 16;
    if (page.number != number || page.flags != PAGE_OVERFLOW || stated < pages)
        return bad(check, tree, number, "is not the beginning of a large value");
    if (stated > pages && !claim(check, number + pages, stated - pages, check->last_page))
        return bad(check, tree, number, "says it has more pages than it can have");
    tree->found.overflow_pages += stated;
    return TURRET_OK;
}

/* The list may be padded behind its count; numbers fall. */
static int check_free_pages(struct check *check, struct tree *tree, uint64_t page_number,
                            const unsigned char *value, uint64_t size)
{
    uint64_t count, number;
    if (size < 8)
        return bad(check, tree, page_number, "holds a list that is too short");
    memcpy(&count, value, 8);
    if (count > size / 8 - 1)
        return bad(check, tree, page_number, "holds a list that is too short");
    for (uint64_t i = 1; i <= count; i++) {
        memcpy(&number, value + 8 * i, 8);
        if (!claim(check, number, 1, check->last_page))
            return bad(check, tree, page_number, "lists a page as free that is in use");
    }
    return TURRET_OK;
}

static int check_table(struct check *check, struct tree *list, uint64_t page_number,
                       const unsigned char *key, const struct node *node)
{
    char name[64];
    struct tree tree;
    bool is_meta = node->key_bytes == 4 && memcmp(key, "meta", 4) == 0;
    if ((node->flags & NODE_TREE) == 0 || node->low != sizeof tree.stated || node->high != 0)
        return bad(check, list, page_number, "holds something that is not a table");
    if ((check->flags & CHECK_META_TABLE) && !is_meta)
        return TURRET_OK;
    memset(&tree, 0, sizeof tree);
    (void)snprintf(name, sizeof name, "%.*s", (int)node->key_bytes, (const char *)key);
    tree.name = name;
    tree.is_journal = strcmp(name, "journal") == 0;
    tree.is_meta = is_meta;
    tree.leaves_left =
        tree.is_journal && !(check->flags & CHECK_WHOLE_JOURNAL) ? JOURNAL_LEAVES : UINT64_MAX;
    memcpy(&tree.stated, key + node->key_bytes, sizeof tree.stated);
    if (tree.stated.flags != 0)
        return bad(check, list, page_number, "holds a table with unknown flags");
    return walk_tree(check, &tree);
}

/* Notes the transaction's number that the journal's head carries. */
static void note_head(struct check *check, const unsigned char *key, const struct node *node)
{
    MDB_val name = {node->key_bytes, (void *)(uintptr_t)key};
    MDB_val stored = {node->low, (void *)(uintptr_t)(key + node->key_bytes)};
    struct journal_head_row head;
    struct row row = {NULL, 0, 0};
    if (node->high != 0 || (node->flags & NODE_BIG) != 0 ||
        name.mv_size != sizeof JOURNAL_HEAD_KEY - 1 ||
        memcmp(key, JOURNAL_HEAD_KEY, name.mv_size) != 0 ||
        rows_decode(STORE_META, &name, &stored, &row) || row.size_bytes != sizeof head)
        return;
    memcpy(&head, row.value, sizeof head);
    check->sealed = head.txnid;
}

static int check_leaf(struct check *check, struct tree *tree, uint64_t number,
                      const unsigned char *at, size_t count)
{
    tree->found.leaf_pages++;
    tree->found.entries += count;
    for (size_t i = 0; i < count; i++) {
        struct node node;
        const unsigned char *key = node_at(at, i, &node), *value = key + node.key_bytes;
        uint64_t size = node.low | (uint64_t)node.high << 16;
        int code = TURRET_OK;
        if ((node.flags & ~(tree->is_list ? NODE_TREE : NODE_BIG)) != 0)
            return bad(check, tree, number, "holds an entry of an unknown kind");
        if (tree->is_meta)
            note_head(check, key, &node);
        if (tree->is_list)
            code = check_table(check, tree, number, key, &node);
        else if (node.flags & NODE_BIG)
            code = check_big_value(check, tree, &node, value);
        if (code == TURRET_OK && tree->is_free_list) {
            if (node.flags & NODE_BIG) {
                uint64_t where;
                memcpy(&where, value, 8);
                value = page_at(check, where) + PAGE_HEADER;
            }
            code = check_free_pages(check, tree, number, value, size);
        }
        if (code != TURRET_OK)
            return code;
    }
    if (tree->is_journal) {
        struct node node;
        check->journal_from = rows_load_be64(node_at(at, 0, &node));
    }
    return TURRET_OK;
}

static int walk(struct check *check, struct tree *tree, uint64_t number, unsigned depth,
                struct span low, struct span high)
{
    int code;
    if (check->level == LEVELS_MAX)
        return bad(check, tree, number, "lies too deep");
    check->level++;
    code = walk_page(check, tree, number, depth, low, high);
    check->level--;
    return code;
}

static int walk_page(struct check *check, struct tree *tree, uint64_t number, unsigned depth,
                     struct span low, struct span high)
{
    unsigned char *at = check->copies + (check->level - 1) * check->page_bytes;
    const char *wrong;
    struct page page;
    size_t count;
    unsigned wanted = depth == tree->stated.depth ? PAGE_LEAF : PAGE_BRANCH;
    if (!claim(check, number, 1, check->file_pages - 1))
        return bad(check, tree, number, "is out of the file or used twice");
    if (wanted == PAGE_LEAF && tree->leaves_left-- == 0) {
        tree->leaves_left = 0;
        tree->skipped = true;
        return TURRET_OK;
    }
    memcpy(at, page_at(check, number), check->page_bytes);
    memcpy(&page, at, sizeof page);
    if (page.number != number || page.flags != wanted)
        return bad(check, tree, number, "is not the page it should be");
    wrong = check_layout(check, at, &page);
    if (!wrong)
        wrong = check_order(tree, at, &page, low, high);
    if (wrong)
        return bad(check, tree, number, wrong);
    count = (page.lower - PAGE_HEADER) / 2u;
    if (wanted == PAGE_LEAF)
        return check_leaf(check, tree, number, at, count);
    tree->found.branch_pages++;
    for (size_t i = count; i-- > 0;) {
        struct node node;
        struct span key, from = low;
        uint64_t child;
        int code;
        key.at = node_at(at, i, &node);
        key.size_bytes = node.key_bytes;
        child = node.low | (uint64_t)node.high << 16 | (uint64_t)node.flags << 32;
        if (i > 0)
            from = key;
        code = walk(check, tree, child, depth + 1, from, high);
        if (code != TURRET_OK)
            return code;
        high = key;
    }
    return TURRET_OK;
}

static int walk_tree(struct check *check, struct tree *tree)
{
    const struct pages_tree *stated = &tree->stated, *found = &tree->found;
    struct span none = {NULL, 0};
    if (stated->root == PAGES_NONE) {
        if (stated->depth != 0 || stated->entries != 0 || stated->leaf_pages != 0)
            return bad(check, tree, 0, "is missing");
        return TURRET_OK;
    }
    if (stated->depth == 0 || stated->depth > DEPTH_MAX)
        return bad(check, tree, stated->root, "has an impossible depth below it");
    if (walk(check, tree, stated->root, 1, none, none) != TURRET_OK)
        return turret_ok(check->err);
    if (tree->skipped)
        return TURRET_OK;
    if (tree->is_journal)
        check->journal_from = 0;
    if (found->branch_pages != stated->branch_pages || found->leaf_pages != stated->leaf_pages ||
        found->overflow_pages != stated->overflow_pages || found->entries != stated->entries)
        return bad(check, tree, stated->root, "has other pages and entries below it than counted");
    return TURRET_OK;
}

static int check_all(struct check *check, const struct pages_meta *meta)
{
    struct tree tree;
    int code;
    memset(&tree, 0, sizeof tree);
    tree.name = "list of tables";
    tree.stated = meta->tables;
    tree.is_list = true;
    tree.leaves_left = UINT64_MAX;
    code = walk_tree(check, &tree);
    if (code != TURRET_OK || (check->flags & CHECK_META_TABLE))
        return code;
    memset(&tree, 0, sizeof tree);
    tree.name = "free pages";
    tree.stated = meta->free_list;
    tree.numbers = tree.is_free_list = true;
    tree.leaves_left = UINT64_MAX;
    return walk_tree(check, &tree);
}

int check_structure(struct store *store, const struct pages_meta *meta, unsigned flags,
                    uint64_t *sealed, struct turret_error *err)
{
    struct turret_error own = {0, 0, ""};
    struct check check = {.store = store, .err = &own, .flags = flags};
    struct stat file;
    void *map;
    int code;
    if (fstat(store->file_fd, &file) != 0)
        return store_fail(store, errno, "reading the size of data.mdb", err);
    check.page_bytes = meta->free_list.pad;
    check.file_pages = (uint64_t)file.st_size / check.page_bytes;
    check.last_page = meta->last_page;
    if (check.file_pages > check.last_page + 1)
        check.file_pages = check.last_page + 1;
    if (check.file_pages < 2)
        return turret_fail(err, TURRET_ECORRUPT, "store %s: data.mdb was cut off", store->path);
    map = mmap(NULL, check.file_pages * check.page_bytes, PROT_READ, MAP_SHARED, store->file_fd, 0);
    if (map == MAP_FAILED)
        return store_fail(store, errno, "mapping data.mdb for its check", err);
    check.file = map;
    check.seen = calloc(check.last_page / 8 + 1, 1);
    check.copies = malloc(LEVELS_MAX * check.page_bytes);
    if (check.seen && check.copies)
        code = check_all(&check, meta);
    else
        code = turret_fail(&own, TURRET_ENOMEM, "no memory to check store %s", store->path);
    free(check.seen);
    free(check.copies);
    (void)munmap(map, check.file_pages * check.page_bytes);
    if (code != TURRET_OK)
        return turret_fail(err, code, "%s", own.text);
    if (sealed)
        *sealed = check.sealed;
    if (!(flags & CHECK_META_TABLE))
        atomic_store(&store->journal_checked_from, check.journal_from);
    return TURRET_OK;
}

int check_journal(struct store *store, uint64_t from, struct turret_error *err)
{
    struct pages_meta meta[2];
    MDB_txn *txn = NULL;
    int code;
    if (from >= atomic_load(&store->journal_checked_from))
        return TURRET_OK;
    code = pages_pin(store, &txn, meta, err);
    if (code != TURRET_OK)
        return code;
    code = check_structure(store, &meta[0], CHECK_WHOLE_JOURNAL, NULL, err);
    mdb_txn_abort(txn);
    return code;
}
