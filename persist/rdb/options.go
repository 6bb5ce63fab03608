package rdb

// Options are for reading and writing. The zero value is useful.
type Options struct {
	// Name is what errors call a stream: "stream" if it is empty. Files have their own.
	Name string
	// Keep says whether a key is read or written; nil is for all of them. The key is
	// borrowed for the call. What is not kept is counted (Report.Left).
	Keep func(db int, key []byte, kind Kind) bool

	// Now leaves out the keys whose time has come by then, in unix milliseconds; 0 leaves
	// none out. For reading.
	Now int64
	// Skip passes over what this library does not have, where its end can be found:
	// streams, functions, what modules have written. They are in the Report. Otherwise
	// they are an *UnsupportedError. For reading.
	Skip bool
	// Follows allows that something follows the file in the stream, as in the append-only
	// files of Redis: see Reader.Rest. For reading.
	Follows bool
	// Parts is how many parts the chunks of a file have that does not say it, 64 if 0.
	// For reading.
	Parts int

	// Version is that of the format, 9 to 12: if 0 it is 9, which Redis 5 and later load,
	// or 12, of Redis 7.4, if hashes have fields with deadlines. For writing.
	Version int
	// Compress packs strings of more than 20 bytes, where that makes them shorter, as
	// Redis does. It makes smaller files in more time. For writing.
	Compress bool
}

func (o *Options) name() string {
	if o.Name == "" {
		return "stream"
	}
	return o.Name
}

// Kind is what type a value is of.
type Kind int64

// String is the name that TYPE has for it.
func (k Kind) String() string { return kindName(int64(k)) }
