package effect

import "fmt"

// Op says what an effect does. The numbers are written to disk and sent to
// replicas: they are never reused or changed.
type Op uint8

// The operations on keys of any type.
const (
	Delete   Op = 1 // the key is gone
	Deadline Op = 2 // int: the key's deadline in unix ms, 0 for none
	Rename   Op = 3 // blob: the new name; ints: its database
	Replace  Op = 4 // ints: kind, deadline, 1 for a large sorted set or 0; blobs: the value's elements, see engine.Entry.Each
	FlushDB  Op = 5 // every key of the database is gone (the key is empty)
	SwapDB   Op = 6 // int: the database it changes places with (the key is empty)

	// These two stand in snapshots alone, where a key is what it was: nothing was there
	// before. Elements are as in Replace, but a deadline of 0 may be an empty blob; a
	// string's are pieces of it.
	Build  Op = 7 // ints: kind, deadline, flags as StringPut or Replace has (a hash: 1 if fields have deadlines), elements or bytes of a string in all, or Open; blobs: the first elements
	Extend Op = 8 // blobs: more elements of the key that was built before; none ends an Open one
)

// Open stands in Build for how many elements a list has, where that is not known before
// its end.
const Open = -1

// The kinds of values, as Replace and Build have them.
const (
	String = 1
	List   = 2
	Set    = 3
	ZSet   = 4
	Hash   = 5
)

// The operations on strings.
const (
	StringPut   Op = 16 // ints: deadline (0 none), flags; blob: the value
	StringWrite Op = 17 // int: offset; blob: bytes written there, zeros fill a gap
)

// The operations on lists.
const (
	ListPush   Op = 32 // int: 0 at the front, 1 at the back; blobs: elements in pushing order
	ListPop    Op = 33 // ints: 0 front or 1 back, how many
	ListSet    Op = 34 // int: index; blob: element
	ListInsert Op = 35 // int: index it gets; blob: element
	ListRemove Op = 36 // int: count as LREM's; blob: element
	ListTrim   Op = 37 // ints: first and last index kept
)

// The operations on sets.
const (
	SetAdd    Op = 48 // blobs: members
	SetRemove Op = 49 // blobs: members
)

// The operations on sorted sets.
const (
	ZSetPut         Op = 64 // ints: the bits of the scores; blobs: their members
	ZSetRemove      Op = 65 // blobs: members
	ZSetRemoveRange Op = 66 // ints: first and last rank
)

// The operations on hashes.
const (
	HashPut      Op = 80 // blobs: field, value, field, value ...; a field's deadline is cleared
	HashDelete   Op = 81 // blobs: fields
	HashDeadline Op = 82 // int: deadline in unix ms, 0 for none; blobs: fields
	HashUpdate   Op = 83 // blobs: field, value, field, value ...; a field's deadline is kept
)

var names = map[Op]string{
	Delete: "Delete", Deadline: "Deadline", Rename: "Rename", Replace: "Replace", FlushDB: "FlushDB", SwapDB: "SwapDB", Build: "Build", Extend: "Extend",
	StringPut: "StringPut", StringWrite: "StringWrite",
	ListPush: "ListPush", ListPop: "ListPop", ListSet: "ListSet", ListInsert: "ListInsert", ListRemove: "ListRemove", ListTrim: "ListTrim",
	SetAdd: "SetAdd", SetRemove: "SetRemove",
	ZSetPut: "ZSetPut", ZSetRemove: "ZSetRemove", ZSetRemoveRange: "ZSetRemoveRange",
	HashPut: "HashPut", HashDelete: "HashDelete", HashDeadline: "HashDeadline", HashUpdate: "HashUpdate",
}

// String gives the operation's name.
func (op Op) String() string {
	if s, ok := names[op]; ok {
		return s
	}
	return fmt.Sprintf("Op(%d)", uint8(op))
}
