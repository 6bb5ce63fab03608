package engine

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestNests: a collection and a short name stand beside the box, long names elsewhere,
// and what gets another name keeps what it holds.
func TestNests(t *testing.T) {
	for _, name := range []string{"", "k", strings.Repeat("x", nestName), strings.Repeat("x", nestName+1)} {
		for kind, fill := range map[Kind]func(*Tx, Key) error{
			List: func(tx *Tx, k Key) error { _, err := tx.ListPush(k, true, []byte("v")); return err },
			Set:  func(tx *Tx, k Key) error { _, err := tx.SetAdd(k, []byte("v")); return err },
			Hash: func(tx *Tx, k Key) error { _, err := tx.HashPut(k, []byte("f"), []byte("v")); return err },
		} {
			t.Run(fmt.Sprint(kind, " ", len(name)), func(t *testing.T) {
				e := newEngine(t, Options{})
				own := []byte(name)
				change(t, e, func(tx *Tx) error { return fill(tx, KeyOf(own)) })
				clear(own)
				tx := e.BeginKey(KeyOf([]byte(name)))
				b := tx.held[0].lookup(KeyOf([]byte(name))).box()
				in := func(p unsafe.Pointer) bool { return uintptr(p)-uintptr(unsafe.Pointer(b)) < 256 }
				require.Equal(t, 0 < len(name) && len(name) <= nestName, in(unsafe.Pointer(unsafe.StringData(b.key))))
				obj := (*[2]unsafe.Pointer)(unsafe.Pointer(&b.obj))[1] // the data of the interface
				require.True(t, in(obj))
				tx.Commit()
				change(t, e, func(tx *Tx) error { _, err := tx.Rename(KeyOf([]byte(name)), key("other")); return err })
				change(t, e, func(tx *Tx) error { return fill(tx, KeyOf([]byte(name))) })
				require.EqualValues(t, 2, e.Len(0))
				tx = e.BeginKey(key("other"))
				require.Equal(t, 1, tx.held[0].lookup(key("other")).Object().Len())
				tx.Commit()
			})
		}
	}
}
