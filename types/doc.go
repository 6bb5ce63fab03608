// Package types has the handles through which a program reads and writes the
// values of a store.
//
//	name := types.NewString[string](s, "user:1:name")
//	err := name.Set(ctx, "Ada")
//	v, ok, err := name.Get(ctx)
//
// A handle is a small value: a store or a transaction, a key, and a codec. Make
// it once and keep it, or make it on the fly; it holds no state and may be
// used from many goroutines. Reads return (value, ok, error): a missing key is
// not an error.
//
// # Handles
//
//	String     one value              Counter  a number
//	List       a sequence             Set      different members
//	ZSet       members by score       Hash     fields with values
//
// Each has, beside what its type does, the methods of its key: Delete, Exists,
// Expire, TTL and others. Package store has those of any key by name.
//
// # Codecs
//
// Strings, bytes, integers, floats and bools (named types by their kind) are
// stored as Redis would store them, so a Redis client reads the same text.
// Types with encoding.BinaryMarshaler use it; everything else uses msgpack. Bytes
// that a codec cannot read are an error; a call that removes what it returns
// has removed it by then. The constructors whose names end in Codec take a codec
// of the caller's.
//
// Members, fields and the elements that a list is searched for are compared by
// their bytes. Of maps, only map[string]string, map[string]bool and
// map[string]any have the same bytes every time.
//
// # Transactions
//
// In joins a handle to a transaction of store.Store.Update or View, or makes it
// see another database. No lock is held while code of the caller's runs outside
// a transaction: a loop's body may use the store, and so may a codec.
//
// # Blocking
//
// Methods whose names begin with Wait block until there is something to take, in
// the order in which callers came, until ctx ends, or until the store is closed
// (store.ErrClosed). Inside a transaction they do not block: store.ErrEmpty.
package types
