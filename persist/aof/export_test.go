package aof

import "github.com/residedb/reside/internal/vfs"

// OpenIn is Open of a file of any directory, or of its manifest for "".
func OpenIn(from vfs.FS, name string, o Options) (*Reader, error) { return openIn(from, name, o) }

// SplitLine takes a line of a manifest apart.
func SplitLine(line string) (words []string, ok bool) { return splitLine(line) }
