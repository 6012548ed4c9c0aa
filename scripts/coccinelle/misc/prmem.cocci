// SPDX-License-Identifier: GPL-2.0
///
/// Find stores to write-rare variables and objects that do not go through wr_*(),
/// sysctl tables that would make them, and calls of list.h for protected nodes.
///
/// The variables are named, with commas in between:
///   make coccicheck COCCI=... MODE=report SPFLAGS="-D names=modprobe_path,core_pattern"
/// Without names it is about objects of caches and nodes alone.
///
// Confidence: Moderate
// Comments: Stores before read-only data is protected are found as well. They work,
//  but wr_assign() does there, too. A local variable of the same name is found, too.
// Options: --no-includes --include-headers

virtual report

@initialize:python@
@@
wanted = set()

# Not for the initialiser of the variable itself.
def say(name, where, what):
    if name in wanted and where.current_element != name:
        coccilib.report.print_report(where, what)

// Left out if there are none.
@initialize:python@
names << virtual.names;
@@
wanted.update(str(names).split(','))

// --- variables ---

@store@
identifier var;
identifier f, g;
expression i, e;
assignment operator op;
position p;
@@

(
 var@p op e
|
 var.f@p op e
|
 var.f.g@p op e
|
 var[i]@p op e
|
 var[i].f@p op e
|
 var.f[i]@p op e
|
 var@p++
|
 var@p--
|
 ++var@p
|
 --var@p
|
 var.f@p++
|
 var.f@p--
|
 WRITE_ONCE(var@p, ...)
|
 WRITE_ONCE(var.f@p, ...)
|
 WRITE_ONCE(var[i]@p, ...)
|
 smp_store_release(&var@p, ...)
|
 rcu_assign_pointer(var@p, ...)
)

@script:python depends on report@
p << store.p;
var << store.var;
@@

say(var, p[0], 'plain store to write-rare %s, use wr_assign() or its kin' % var)

@fill@
identifier var;
identifier f;
expression i;
identifier fn =~ "^(mem(cpy|set|move)|str(n|l|s)?cpy(_pad)?|str(n|l)?cat|v?s(n|c|cn)?printf|copy_from_user|get_user|k?strto.*|(cmp)?xchg.*|(try_)?cmpxchg.*|(set|clear|change)_bit|__(set|clear|change)_bit|atomic.*_(set|add|sub|inc|dec|or|and|xor|xchg).*)$";
position p;
@@

(
 fn@p(var, ...)
|
 fn@p(&var, ...)
|
 fn@p(&var.f, ...)
|
 fn@p(&var[i], ...)
|
 fn@p(i, &var, ...)
)

@script:python depends on report@
p << fill.p;
var << fill.var;
fn << fill.fn;
@@

say(var, p[0], '%s() writes to write-rare %s, use wr_memcpy() or its kin' % (fn, var))

@table@
identifier var;
identifier t;
identifier handler =~ "^proc_do(string|bool|u?intvec|ulongvec)(_minmax|_jiffies)?$";
position p;
@@

(
 struct ctl_table t[] = { ..., { .data = var, .proc_handler = handler@p, }, ..., };
|
 struct ctl_table t[] = { ..., { .data = &var, .proc_handler = handler@p, }, ..., };
)

@script:python depends on report@
p << table.p;
var << table.var;
handler << table.handler;
@@

if var in wanted:
    coccilib.report.print_report(p[0], '%s() would store to write-rare %s, use %s_wr()' % (handler, var, handler))

// --- objects of caches, write-rare from birth ---

@born@
expression o;
identifier f;
expression i, e;
assignment operator op;
position p;
@@

 o = prmem_cache_alloc(...)
 ... when != o = e
(
 o->f@p op e
|
 o->f[i]@p op e
|
 o->f@p++
|
 o->f@p--
)

@script:python depends on report@
p << born.p;
@@

coccilib.report.print_report(p[0], 'plain store to an object of a cache, give it to prmem_cache_alloc() or use wr_assign()')

// --- nodes ---

@node@
expression o, e;
identifier f;
identifier fn =~ "^h?list_(add|del|replace|swap|move|splice|cut|rotate|bulk).*$|^INIT_H?LIST_(HEAD|NODE)$";
position p;
@@

 o = \(prmem_cache_alloc\|pmalloc\|pzalloc\|pmemdup\)(...)
 ... when != o = e
 fn@p(&o->f, ...)

@script:python depends on report@
p << node.p;
fn << node.fn;
@@

coccilib.report.print_report(p[0], '%s() on a node in protected memory, use pr%s()' % (fn, fn))

@typed@
struct prlist_head *n;
struct prhlist_node *hn;
identifier fn =~ "^h?list_(add|del|replace|swap|move|splice|cut|rotate|bulk).*$";
position p;
@@

 fn@p(\(n\|hn\), ...)

@script:python depends on report@
p << typed.p;
fn << typed.fn;
@@

coccilib.report.print_report(p[0], '%s() on a node in protected memory, use pr%s()' % (fn, fn))
