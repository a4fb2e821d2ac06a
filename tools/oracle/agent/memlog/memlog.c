// SPDX-License-Identifier: GPL-2.0
// Writes down what the notifier chains of memory, and of nodes where there is one, are told, `early` at priority +1000 and
// `late` at -1000, and does what only the kernel can. Commands, one in a write to /proc/memlog (a pfn as in C, addresses and sizes in hex without 0x):
//
//	hold NODE PAGES, drop			kernel pages of a node, one by one
//	holdpin 0 PFN, unpin 0 PFN, pfn 0 PFN	a reference to a page; a look at it, in the log
//	add|adddrv|addbad NODE START SIZE	add_memory; with a driver's name for the memory; with a name that is none
//	remove|offrem 0 START SIZE		remove_memory; offline_and_remove_memory
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/node.h>
#include <linux/notifier.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/* Nodes have a chain of their own since 6.17, and memory's tells nothing of them any more. */
#ifdef NODE_ADDING_FIRST_MEMORY
#define HAS_NODE_CHAIN
#endif

/* Page flags became a struct in 6.18. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define FLAGS_OF(page) ((page)->flags.f)
#else
#define FLAGS_OF(page) ((page)->flags)
#endif

static const char *action_name(unsigned long action)
{
	switch (action) {
	case MEM_GOING_ONLINE:
		return "MEM_GOING_ONLINE";
	case MEM_CANCEL_ONLINE:
		return "MEM_CANCEL_ONLINE";
	case MEM_ONLINE:
		return "MEM_ONLINE";
	case MEM_GOING_OFFLINE:
		return "MEM_GOING_OFFLINE";
	case MEM_CANCEL_OFFLINE:
		return "MEM_CANCEL_OFFLINE";
	case MEM_OFFLINE:
		return "MEM_OFFLINE";
#ifdef MEM_PREPARE_ONLINE
	case MEM_PREPARE_ONLINE:
		return "MEM_PREPARE_ONLINE";
	case MEM_FINISH_OFFLINE:
		return "MEM_FINISH_OFFLINE";
#endif
	default:
		return "MEM_UNKNOWN";
	}
}

static int early(struct notifier_block *self, unsigned long action, void *data)
{
	struct memory_notify *notify = data;

#ifdef HAS_NODE_CHAIN
	pr_info("memlog: early %s %lu %lu\n", action_name(action), notify->start_pfn, notify->nr_pages);
#else
	pr_info("memlog: early %s %lu %lu %d %d\n", action_name(action), notify->start_pfn, notify->nr_pages,
		notify->status_change_nid_normal, notify->status_change_nid);
#endif
	return NOTIFY_OK;
}

static int late(struct notifier_block *self, unsigned long action, void *data)
{
	pr_info("memlog: late %s\n", action_name(action));
	return NOTIFY_OK;
}

static struct notifier_block early_block = { .notifier_call = early, .priority = 1000 };
static struct notifier_block late_block = { .notifier_call = late, .priority = -1000 };

#ifdef HAS_NODE_CHAIN
static const char *node_action_name(unsigned long action)
{
	switch (action) {
	case NODE_ADDING_FIRST_MEMORY:
		return "NODE_ADDING_FIRST_MEMORY";
	case NODE_ADDED_FIRST_MEMORY:
		return "NODE_ADDED_FIRST_MEMORY";
	case NODE_CANCEL_ADDING_FIRST_MEMORY:
		return "NODE_CANCEL_ADDING_FIRST_MEMORY";
	case NODE_REMOVING_LAST_MEMORY:
		return "NODE_REMOVING_LAST_MEMORY";
	case NODE_REMOVED_LAST_MEMORY:
		return "NODE_REMOVED_LAST_MEMORY";
	case NODE_CANCEL_REMOVING_LAST_MEMORY:
		return "NODE_CANCEL_REMOVING_LAST_MEMORY";
	default:
		return "NODE_UNKNOWN";
	}
}

static int early_node(struct notifier_block *self, unsigned long action, void *data)
{
	struct node_notify *notify = data;

	pr_info("memlog: early %s %d\n", node_action_name(action), notify->nid);
	return NOTIFY_OK;
}

static int late_node(struct notifier_block *self, unsigned long action, void *data)
{
	pr_info("memlog: late %s\n", node_action_name(action));
	return NOTIFY_OK;
}

static struct notifier_block early_node_block = { .notifier_call = early_node, .priority = 1000 };
static struct notifier_block late_node_block = { .notifier_call = late_node, .priority = -1000 };

static int register_on_nodes(void)
{
	int error = register_node_notifier(&early_node_block);

	if (!error)
		error = register_node_notifier(&late_node_block);
	return error;
}

static void unregister_on_nodes(void)
{
	unregister_node_notifier(&late_node_block);
	unregister_node_notifier(&early_node_block);
}
#else
static int register_on_nodes(void)
{
	return 0;
}

static void unregister_on_nodes(void)
{
}
#endif

static LIST_HEAD(held);

static int hold(int node, unsigned long pages)
{
	while (pages--) {
		struct page *page = alloc_pages_node(node, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);

		if (!page)
			return -ENOMEM;
		list_add(&page->lru, &held);
	}
	return 0;
}

static int drop(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &held, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	return 0;
}

static int on_page(const char *verb, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	if (!page)
		return -ENXIO;
	if (!strcmp(verb, "holdpin"))
		get_page(page);
	else if (!strcmp(verb, "unpin"))
		put_page(page);
	pr_info("memlog: pfn %lx flags %lx refcount %d\n", pfn, FLAGS_OF(page), page_ref_count(page));
	return 0;
}

static int on_range(const char *verb, int node, u64 start, u64 size)
{
	if (!strcmp(verb, "add"))
		return add_memory(node, start, size, MHP_NONE);
	if (!strcmp(verb, "adddrv"))
		return add_memory_driver_managed(node, start, size, "System RAM (memlog)", MHP_NONE);
	if (!strcmp(verb, "addbad"))
		return add_memory_driver_managed(node, start, size, "memlog", MHP_NONE);
	if (!strcmp(verb, "remove"))
		return remove_memory(start, size);
	if (!strcmp(verb, "offrem"))
		return offline_and_remove_memory(start, size);
	return -EINVAL;
}

static int perform(const char *command)
{
	char verb[16];
	int node, words;
	unsigned long pages;
	u64 start, size;

	if (!strcmp(command, "drop"))
		return drop();
	words = sscanf(command, "%15s %d %llx %llx", verb, &node, &start, &size);
	if (words == 4)
		return on_range(verb, node, start, size);
	if (sscanf(command, "%15s %d %li", verb, &node, &pages) != 3)
		return -EINVAL;
	return strcmp(verb, "hold") ? on_page(verb, pages) : hold(node, pages);
}

static ssize_t memlog_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	char command[128];
	int error;

	if (length >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, from, length))
		return -EFAULT;
	command[length] = 0;
	error = perform(strim(command));
	return error ? error : length;
}

static const struct proc_ops memlog_ops = { .proc_write = memlog_write };

static int __init memlog_init(void)
{
	int error = register_memory_notifier(&early_block);

	if (error)
		return error;
	error = register_memory_notifier(&late_block);
	if (error)
		goto no_late;
	error = register_on_nodes();
	if (error)
		goto no_nodes;
	error = -ENOMEM;
	if (!proc_create("memlog", 0200, NULL, &memlog_ops))
		goto no_file;
	return 0;

no_file:
no_nodes:
	unregister_on_nodes();
	unregister_memory_notifier(&late_block);
no_late:
	unregister_memory_notifier(&early_block);
	return error;
}

module_init(memlog_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Recorder of memory hotplug notifications");
