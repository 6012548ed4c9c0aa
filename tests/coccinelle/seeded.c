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
	memcpy(&plain, path, sizeof(plain));
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
	wr_assign(entry->level, 3);
	prlist_add(&entry->node, &head);
	return entry;
}

static void nodes(struct prlist_head *node)
{
	list_del(node);			/* found without names */
	prlist_del(node);
}
