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
// # Codecs
//
// Strings, bytes, integers, floats and bools (named types by their kind) are
// stored as Redis would store them, so a Redis client reads the same text.
// Types with encoding.BinaryMarshaler use it; everything else uses msgpack.
//
// Members, fields and the elements that a list is searched for are compared by
// their bytes. Of maps, only map[string]string, map[string]bool and
// map[string]any have the same bytes every time.
package types
