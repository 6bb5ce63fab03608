package engine

import (
	"slices"
	"strings"
)

// fits reports whether somebody is told of keys with a prefix of this one.
func (tr *tracking) fits(key []byte) bool {
	for _, n := range tr.lengths {
		if n > len(key) {
			return false
		}
		if len(tr.prefixes[string(key[:n])]) > 0 {
			return true
		}
	}
	return false
}

// castKey is a changed key that is broadcast.
type castKey struct {
	name string
	by   *Tracker // who made all changes of it, nil if that was not one tracker
}

// broadcast tells of the transaction's changes by prefix: of all keys with a prefix
// at once, in the order of their names.
func (tx *Tx) broadcast() {
	keys := tx.castKeys()
	if len(keys) == 0 {
		return
	}
	tr, told := &tx.eng.tracking, map[string]bool{}
	for i, k := range keys {
		for _, n := range tr.lengths {
			if n > len(k.name) {
				break
			}
			if p := k.name[:n]; len(tr.prefixes[p]) > 0 && !told[p] {
				told[p] = true
				tr.tellPrefix(p, keys[i:])
			}
		}
	}
}

// castKeys are the touched keys that are broadcast, in order, each once.
func (tx *Tx) castKeys() (keys []castKey) {
	for _, t := range tx.touched {
		if t.cast {
			keys = append(keys, castKey{t.id.key, t.by})
		}
	}
	slices.SortFunc(keys, func(a, b castKey) int { return strings.Compare(a.name, b.name) })
	n := 0
	for _, k := range keys {
		switch {
		case n == 0 || keys[n-1].name != k.name:
			keys[n] = k
			n++
		case keys[n-1].by != k.by:
			keys[n-1].by = nil
		}
	}
	return keys[:n]
}

// tellPrefix tells of the keys that have the prefix; they stand first.
func (tr *tracking) tellPrefix(p string, keys []castKey) {
	n := 0
	for n < len(keys) && strings.HasPrefix(keys[n].name, p) {
		n++
	}
	all := names(keys[:n], nil)
	for _, t := range tr.prefixes[p] {
		list := all
		if t.mode.NoLoop {
			list = names(keys[:n], t)
		}
		if len(list) > 0 {
			t.Tell(list)
		}
	}
}

// names are those of the keys, but for what one tracker has changed.
func names(keys []castKey, but *Tracker) (list []string) {
	for _, k := range keys {
		if but == nil || k.by != but {
			list = append(list, k.name)
		}
	}
	return list
}
