package command

import (
	"math"
	"strings"
)

// groupCategories are the ACL categories that follow from a command's group.
var groupCategories = map[string]string{"string": "string", "list": "list", "set": "set", "sorted_set": "sortedset", "hash": "hash"}

// Categories are the command's ACL categories: those declared, its group's, and
// those that follow from its flags.
func (i *Info) Categories() []string {
	var list []string
	add := func(on bool, names ...string) {
		if on {
			list = append(list, names...)
		}
	}
	add(i.ACL != "", strings.Split(i.ACL, ",")...)
	add(groupCategories[i.Group] != "", groupCategories[i.Group])
	add(i.Flags.Has(Write), "write")
	add(i.Flags.Has(ReadOnly), "read")
	add(i.Flags.Has(Admin), "admin", "dangerous")
	add(i.Flags.Has(PubSub), "pubsub")
	add(i.Flags.Has(Blocking), "blocking")
	add(i.Flags.Has(Fast), "fast")
	add(!i.Flags.Has(Fast), "slow")
	return list
}

// AllCategories are the names that ACL categories can have.
func AllCategories() []string {
	return []string{"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo", "stream",
		"pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting"}
}

// ShownFlags are the flags that COMMAND INFO shows.
func (n *Named) ShownFlags() []string {
	names := n.Meta().Flags.Names()
	if _, _, _, movable := n.KeyRange(); movable {
		names = append(names, "movablekeys")
	}
	return names
}

// KeyRange is where the keys stand as COMMAND has told it since its beginning:
// first, last (negative from the end) and step. Commands whose keys one range
// cannot tell have movable keys.
func (n *Named) KeyRange() (first, last, step int, movable bool) {
	specs := n.Spec.Keys
	if len(specs) == 1 && specs[0].Plain() {
		k := specs[0]
		return k.Begin, k.End(), k.Step, false
	}
	first = math.MaxInt
	for _, k := range specs {
		if !k.Plain() || k.Step != 1 || last != 0 && last != k.Begin-1 {
			movable = true
			continue
		}
		first = min(first, k.Begin)
		last = int(max(uint32(last), uint32(k.End())))
		if uint32(last) > math.MaxInt32 {
			last = int(int32(uint32(last)))
		}
	}
	if first == math.MaxInt {
		return 0, 0, 0, movable
	}
	return first, last, 1, movable
}
