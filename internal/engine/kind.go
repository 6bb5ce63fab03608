package engine

import "github.com/residedb/reside/internal/effect"

// Kind is the type of a value.
type Kind uint8

// The kinds. Their numbers are part of the Replace effect and never change.
const (
	None   Kind = 0
	String Kind = effect.String
	List   Kind = effect.List
	Set    Kind = effect.Set
	ZSet   Kind = effect.ZSet
	Hash   Kind = effect.Hash
)

var kindNames = [...]string{"none", "string", "list", "set", "zset", "hash"}

// String gives the name that TYPE replies.
func (k Kind) String() string { return kindNames[k] }

// Object is a collection held by an entry.
type Object interface {
	Len() int                // elements
	Bytes() int64            // estimated heap bytes, O(1)
	Encoding() string        // as OBJECT ENCODING shows it
	Restore(encoding string) // goes back to an encoding it had
}
