// SPDX-License-Identifier: GPL-2.0
/*
 * What scripts/coccinelle/misc/prmem.cocci has to find: each line that says so, and
 * no other; those that say that, without the names of variables as well.  Never compiled.
 */
static int word __wr_after_init;
static int level __wr_read_mostly = 3;
static char path[12] __wr_after_init = "/sbin/x";
static struct policy policy __wr_after_init = { .level = 1 };
static int plain;

static struct ctl_table table[] = {
	{
		.procname	= "word",
		.data		= &word,
		.maxlen		= sizeof(int),
		.proc_handler	= proc_dointvec,	/* found */
	},
	{
		.procname	= "level",
		.data		= &level,
		.proc_handler	= proc_dointvec_minmax_wr,
	},
	{
		.procname	= "path",
		.data		= path,
		.maxlen		= sizeof(path),
		.mode		= 0644,
		.proc_handler	= proc_dostring,	/* found */
	},
	{
		.procname	= "plain",
		.data		= &plain,
		.proc_handler	= proc_dointvec,
	},
};

static struct ctl_table single = {
	.data = &level, .proc_handler = proc_dou8vec_minmax,	/* found */
};

static int stores(int new)
{
	word = new;			/* found */
	level += new;			/* found */
	level++;			/* found */
	--level;			/* found */
	path[3] = 'x';			/* found */
	policy.level = new;		/* found */
	policy.names[new] = "x";	/* found */
	WRITE_ONCE(word, new);		/* found */
	elsewhere = new;		/* found */
	path[new]++;			/* found */
	++policy.level;			/* found */
	policy.range.low++;		/* found */
	policy.ranges[new].low = 0;	/* found */
	(word) |= new;			/* found */
	WRITE_ONCE(policy.names[1], 0);	/* found */
	smp_store_release(&policy.level, new);	/* found */
	rcu_assign_pointer(policy.next, NULL);	/* found */
	policy.next->level = new;
	plain = new;
	plain = word;
	return wr_assign(word, new) ?: wr_int(&level, new);
}

static void calls(const char *from, void __user *user)
{
	memcpy(path, from, sizeof(path));		/* found */
	memset(&policy, 0, sizeof(policy));		/* found */
	strscpy(path, from, sizeof(path));		/* found */
	set_bit(3, &policy);				/* found */
	if (copy_from_user(&word, user, sizeof(word)))	/* found */
		return;
	strscpy(policy.name, from, 8);			/* found */
	memcpy(path + 1, from, 2);			/* found */
	memcpy((void *)&policy.level, from, 4);		/* found */
	set_bit(plain, &policy.bits);			/* found */
	kstrtobool(from, &level);			/* found */
	kstrtoint(from, 0, &word);			/* found */
	atomic_add(plain, &policy.count);		/* found */
	atomic_inc(&policy.count);			/* found */
	sscanf(from, "%d %d", &plain, &word);		/* found */
	memcpy(&plain, path, sizeof(plain));
	memcpy(&plain, &policy, sizeof(plain));
	memcpy(policy.next->name, from, 8);
	set_bit(level, &plain);
	kstrtoint(path, 0, &plain);
	sscanf(path, "%d", &plain);
	wr_memcpy(path, from, sizeof(path));
}

static struct entry *objects(const struct entry *init)
{
	struct entry *entry = prmem_cache_alloc(cache, init);

	if (!entry)
		return NULL;
	entry->level = 3;		/* found without names */
	entry->names[2] = NULL;		/* found without names */
	list_add(&entry->node, &head);	/* found without names */
	llist_add(&entry->lnode, &lhead);	/* found without names */
	INIT_LIST_HEAD_RCU(&entry->node);	/* found without names */
	wr_assign(entry->level, 3);
	prlist_add(&entry->node, &head);
	return entry;
}

static void nodes(struct prlist_head *node)
{
	list_del(node);			/* found without names */
	prlist_del(node);
}
