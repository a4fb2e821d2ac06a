// SPDX-License-Identifier: GPL-2.0
// Writes down what the memory notifier chain is told: `early` at priority +1000, `late` at -1000.
#include <linux/memory.h>
#include <linux/module.h>
#include <linux/notifier.h>

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

	pr_info("memlog: early %s %lu %lu %d %d\n", action_name(action), notify->start_pfn, notify->nr_pages,
		notify->status_change_nid_normal, notify->status_change_nid);
	return NOTIFY_OK;
}

static int late(struct notifier_block *self, unsigned long action, void *data)
{
	pr_info("memlog: late %s\n", action_name(action));
	return NOTIFY_OK;
}

static struct notifier_block early_block = { .notifier_call = early, .priority = 1000 };
static struct notifier_block late_block = { .notifier_call = late, .priority = -1000 };

static int __init memlog_init(void)
{
	int error = register_memory_notifier(&early_block);

	if (error)
		return error;
	error = register_memory_notifier(&late_block);
	if (error)
		unregister_memory_notifier(&early_block);
	return error;
}

module_init(memlog_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Recorder of memory hotplug notifications");
