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
import re
wanted = set()

# The variable that this is, or is in: var, var.f[i], (var); not what var points to.
PLACE = re.compile(r'^\(*([A-Za-z_]\w*)((\.\w+)|(\[[^\]]*\])|\))*$')
# The same for an address: &var.f, var, var + n, var.f.
ADDRESS = re.compile(r'^(\([^()]*\*\))?&?\(*([A-Za-z_]\w*)((\.\w+)|(\[[^\]]*\])|\))*(\+.*|-[^>].*)?$')

def place(expression):
    found = PLACE.match(re.sub(r'\s', '', expression))
    return found.group(1) if found else None

def address(expression):
    found = ADDRESS.match(re.sub(r'\s', '', expression))
    return found.group(2) if found else None

# Not for the initialiser of the variable itself.
def say(name, where, what):
    if name in wanted and where.current_element != name:
        coccilib.report.print_report(where, what % name)

# list_add: prlist_add, INIT_LIST_HEAD: INIT_PRLIST_HEAD
def twin(name):
    return re.sub('[hl]?list|H?LIST', lambda list: ('PR' if list[0].isupper() else 'pr') + list[0], name, count=1)

STORE = 'plain store to write-rare %s, use wr_assign() or its kin'
CALL = '() writes to write-rare %s, use wr_memcpy() or its kin'

// Left out if there are none.
@initialize:python@
names << virtual.names;
@@
wanted.update(str(names).split(','))

// --- variables ---

@store@
expression lhs, e;
assignment operator op;
position p;
@@

 lhs@p op e

@script:python depends on report@
p << store.p;
lhs << store.lhs;
@@

say(place(lhs), p[0], STORE)

@step@
expression lhs;
position p;
@@

(
 lhs@p++
|
 lhs@p--
|
 ++lhs@p
|
 --lhs@p
)

@script:python depends on report@
p << step.p;
lhs << step.lhs;
@@

say(place(lhs), p[0], STORE)

@once@
expression lhs;
identifier fn =~ "^(WRITE_ONCE|rcu_assign_pointer|RCU_INIT_POINTER|swap|get_user)$";
position p;
@@

 fn@p(lhs, ...)

@script:python depends on report@
p << once.p;
lhs << once.lhs;
@@

say(place(lhs), p[0], STORE)

@first@
expression to;
identifier fn =~ "^(mem(cpy|set|move|zero_explicit)|str(n|l|s)?cpy(_pad)?|str(n|l)?cat|v?s(n|c|cn)?printf|(__)?copy_from_user|smp_store_(release|mb)|(try_)?(cmp)?xchg.*|(cap_clear|bitmap_(zero|fill|copy|set|clear)|(raw_)?atomic.*_(set|xchg|cmpxchg|inc|dec|fetch_inc|fetch_dec).*))$";
position p;
@@

 fn@p(to, ...)

@script:python depends on report@
p << first.p;
to << first.to;
fn << first.fn;
@@

say(address(to), p[0], fn + CALL)

@second@
expression one, to;
identifier fn =~ "^((__|test_and_)?(set|clear|change)_bit|kstrtobool(_from_user)?|(raw_)?atomic.*_(add|sub|and|andnot|or|xor).*|swab.*s|cpumask_(set|clear)_cpu)$";
position p;
@@

 fn@p(one, to, ...)

@script:python depends on report@
p << second.p;
to << second.to;
fn << second.fn;
@@

say(address(to), p[0], fn + CALL)

@third@
expression one, two, to;
identifier fn =~ "^k?strto(u?(int|l|ll|8|16|32|64)|s(8|16|32|64)|u(8|16|32|64))$";
position p;
@@

 fn@p(one, two, to)

@script:python depends on report@
p << third.p;
to << third.to;
fn << third.fn;
@@

say(address(to), p[0], fn + CALL)

@scan@
expression to;
position p;
@@

 sscanf@p(..., to, ...)

@script:python depends on report@
p << scan.p;
to << scan.to;
@@

if '&' in to:
    say(address(to), p[0], 'sscanf' + CALL)

@table@
identifier var;
identifier t;
identifier handler =~ "^proc_do(string|bool|u?intvec|u8vec|ulongvec)(_minmax|(_userhz|_ms)?_jiffies(_minmax)?)?$";
position p;
@@

(
 struct ctl_table t[] = { ..., { .data = var, .proc_handler = handler@p, }, ..., };
|
 struct ctl_table t[] = { ..., { .data = &var, .proc_handler = handler@p, }, ..., };
|
 struct ctl_table t = { .data = var, .proc_handler = handler@p, };
|
 struct ctl_table t = { .data = &var, .proc_handler = handler@p, };
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
identifier fn =~ "^(__)?h?list_(add|del|replace|swap|move|splice|cut|rotate|bulk).*$|^INIT_H?LIST_(HEAD|NODE)(_RCU)?$|^llist_(add|del).*$|^init_llist_(head|node)$";
position p;
@@

 o = \(prmem_cache_alloc\|pmalloc\|pzalloc\|pmemdup\)(...)
 ... when != o = e
 fn@p(&o->f, ...)

@script:python depends on report@
p << node.p;
fn << node.fn;
@@

coccilib.report.print_report(p[0], '%s() on a node in protected memory, use %s()' % (fn, twin(fn)))

@typed@
struct prlist_head *n;
struct prhlist_node *hn;
struct prllist_node *ln;
identifier fn =~ "^(__)?h?list_(add|del|replace|swap|move|splice|cut|rotate|bulk).*$|^llist_(add|del).*$";
position p;
@@

 fn@p(\(n\|hn\|ln\), ...)

@script:python depends on report@
p << typed.p;
fn << typed.fn;
@@

coccilib.report.print_report(p[0], '%s() on a node in protected memory, use %s()' % (fn, twin(fn)))
