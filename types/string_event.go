package types

import "github.com/residedb/reside/store"

// Old is what a key held when it expired or was evicted, read as the handle reads its
// values, whatever key the event is about; ok is false if the event has no old
// value or it is no string. O(1).
func (s String[T]) Old(e store.Event) (v T, ok bool, err error) {
	var r received[T]
	err = r.take(&s.c, e.Old.String())
	return r.finish(&s.c, err)
}
